"""The real courier export of 5,162 rows enters unedited; what comes of it equals a count by independent lines. Skips where it is absent."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
from pathlib import Path

import duckdb
import pytest

from dagster_project.intake import submit
from dagster_project.intake.adapting.sheets.propose import propose

EXPORT = Path(__file__).parents[5] / "shared" / "data" / "shipments" / "scms_half.csv.gz"
FEED = "delivery_history"
pytestmark = pytest.mark.skipif(not EXPORT.is_file(), reason="the independent example data is not here")


def counted_by_hand():
    """Rows, and those delivered on the scheduled day or before: ten lines that know nothing of the project."""
    rows = on_time = 0
    with gzip.open(EXPORT, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            days = []
            for text in (row["scheduled delivery date"], row["delivered to client date"]):
                style = "%m/%d/%Y" if "/" in text else "%d-%b-%y"
                days.append(dt.datetime.strptime(text, style))  # noqa: DTZ007 - days alone
            rows += 1
            on_time += days[1] <= days[0]
    return rows, on_time


@pytest.mark.parametrize("packed", [True, False], ids=["gzip", "unpacked"])
def test_every_row_enters_and_the_on_time_share_is_the_one_counted_by_hand(state, packed):
    data = EXPORT.read_bytes() if packed else gzip.decompress(EXPORT.read_bytes())
    receipt = submit(data, partner="northarc", feed=FEED)
    rows, on_time = counted_by_hand()
    assert (receipt.rows_sent, receipt.rows_accepted, receipt.rows_refused) == (rows, rows, 0)
    assert receipt.mapping == "northarc/delivery_history 1.0.0"
    landed = next((state / "landing").rglob("*.parquet"))
    found = duckdb.sql(f"SELECT count(*), count(*) FILTER (delivered_date <= promised_date) FROM '{landed}'").fetchall()[0]
    assert found == (rows, on_time)


def test_weights_and_freights_are_those_of_the_cells_that_hold_numbers(state):
    submit(EXPORT.read_bytes(), partner="northarc", feed=FEED)
    landed = next((state / "landing").rglob("*.parquet"))
    with gzip.open(EXPORT, "rt", encoding="utf-8", newline="") as file:
        cells = [(row["id"], row["weight (kilograms)"], row["freight cost (usd)"]) for row in csv.DictReader(file)]
    expected = {ident: tuple(float(text) if text[:1].isdigit() else None for text in texts) for ident, *texts in cells}
    found = duckdb.sql(f"SELECT shipment_id, weight_kg, freight_cost_usd FROM '{landed}'").fetchall()
    assert {ident: (weight, freight) for ident, weight, freight in found} == expected


def test_the_proposal_finds_the_same_columns_as_the_person_who_wrote_the_mapping(state):
    found = {each.mapping.column: each.header for each in propose(EXPORT.read_bytes(), feed=FEED).fits}
    assert found == {
        "shipment_id": "id",
        "origin_name": "manufacturing site",
        "country_name": "country",
        "mode": "shipment mode",
        "promised_date": "scheduled delivery date",
        "delivered_date": "delivered to client date",
        "weight_kg": "weight (kilograms)",
        "freight_cost_usd": "freight cost (usd)",
    }
