"""A number that is no text has no decimal sign: under a decimal comma 1.485 stays 1.485, in every format that tells the two apart."""

from __future__ import annotations

import io
import json

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from dagster_project.intake import submit

FEED = "delivery_history"
MAPPING = """
version: 1.0.0
feed: delivery_history
columns:
  shipment_id: {from: Sendung}
  origin_name: {from: Abgang}
  country_name: {from: Land}
  mode: {constant: road}
  promised_date: {from: Zugesagt}
  delivered_date: {from: Zugesagt}
  weight_kg: {from: Gewicht, decimal: ","}
"""
ROW = {"Abgang": "Lyon depot", "Land": "Portugal", "Zugesagt": "2025-10-02"}
# What is written, and what it says: real numbers first, then texts with a decimal comma.
NUMBERS = [(1.485, 1.485), (12.125, 12.125), (-0.5, None), (1.5, 1.5), (1485.0, 1485.0), (0.125, 0.125)]
TEXTS = [("1.485", 1485.0), ("1,485", 1.485), ("1.485,5", 1485.5)]


def rows(weights):
    return [{"Sendung": f"S{place}", **ROW, "Gewicht": weight} for place, (weight, _) in enumerate(weights)]


def xlsx(weights):
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as workbook:
        sheet = workbook.add_worksheet()
        for line, cells in enumerate([list(rows(weights)[0]), *(list(row.values()) for row in rows(weights))]):
            for place, cell in enumerate(cells):
                sheet.write(line, place, cell)
    return target.getvalue()


def parquet(weights):
    target = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows(weights)), target)
    return target.getvalue()


def documents(weights):
    return json.dumps({"rows": rows(weights)}).encode()


def lines(weights):
    return "\n".join(map(json.dumps, rows(weights))).encode()


@pytest.fixture(autouse=True)
def kept(state):
    folder = state / "mappings" / "northarc"
    folder.mkdir(parents=True)
    (folder / f"{FEED}.yaml").write_text(MAPPING)


def weights_of(state, receipt):
    path = next((state / "landing").rglob(f"*{receipt.submission_id}*.parquet"))
    return dict(duckdb.sql(f"SELECT shipment_id, weight_kg FROM '{path}'").fetchall())


@pytest.mark.parametrize("write", [xlsx, documents, lines], ids=["xlsx", "json", "ndjson"])
def test_a_number_is_read_as_the_number_and_a_text_by_the_comma(state, write):
    stated = [*NUMBERS, *TEXTS]
    receipt = submit(write(stated), partner="northarc", feed=FEED)
    expected = {f"S{place}": weight for place, (_, weight) in enumerate(stated) if weight is not None}
    assert (receipt.rows_accepted, receipt.mapping) == (len(expected), "northarc/delivery_history 1.0.0")
    assert weights_of(state, receipt) == expected


@pytest.mark.parametrize("stated", [NUMBERS, TEXTS], ids=["numbers", "texts"])
def test_a_parquet_column_is_read_by_its_type(state, stated):
    receipt = submit(parquet(stated), partner="northarc", feed=FEED)
    assert weights_of(state, receipt) == {f"S{place}": weight for place, (_, weight) in enumerate(stated) if weight is not None}


def test_a_parquet_decimal_keeps_its_point(state):
    table = pa.Table.from_pylist(rows([(1.485, 1.485)])).set_column(4, "Gewicht", pa.array([1.485]).cast(pa.decimal128(9, 3)))
    target = io.BytesIO()
    pq.write_table(table, target)
    assert weights_of(state, submit(target.getvalue(), partner="northarc", feed=FEED)) == {"S0": 1.485}
