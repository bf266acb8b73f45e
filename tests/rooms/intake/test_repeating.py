"""What a receipt repeats of a sender's own words: enough to find the cell, and never a person's name."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest
from door_files import AS_OF, HEADER, forecast, week
from test_privacy import everything_on_disk

from dagster_project import intake, register
from dagster_project.intake.judging.repeating import has_words

if TYPE_CHECKING:
    from pathlib import Path


def send(data: bytes, **options: str) -> intake.Receipt:
    return intake.submit(data, partner="north-hospital", feed="demand_forecast", as_of=AS_OF, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "row",
    [
        week(49, patients="Zelda Quuxberg"),
        week(49).replace("CART-101", "Zelda Quuxberg"),
        week(49).replace("commercial", "Zelda; Quuxberg"),
        week(49).replace("2026-W49", "Zelda\u00a0Quuxberg"),
        week(49, patients="0.5").replace("CART-101", "zelda quuxberg"),
    ],
)
def test_a_name_in_a_refused_cell_is_not_repeated_and_not_kept_with_the_refusals(state: Path, row: str) -> None:
    receipt = send(forecast(week(48), row))
    told = json.dumps(receipt.to_dict())
    assert receipt.status == "partly_accepted"
    assert "(text of 1" in told
    assert "uuxberg" not in told
    (state / "raw" / receipt.sha256[:2] / receipt.sha256).unlink()
    assert b"uuxberg" not in everything_on_disk(state)


def test_a_long_cell_is_cut() -> None:
    receipt = intake.check(forecast(week(48).replace("commercial", "x" * 100_000)), feed="demand_forecast", as_of=AS_OF)
    assert receipt.refusals[0].found == "x" * 60 + "… (100,000 characters)"


def test_a_name_as_a_header_is_not_repeated(state: Path) -> None:
    receipt = send(forecast(week(48) + ",1,2", header=HEADER + ",Zelda Quuxberg,plant_remark"))
    assert [refusal.column for refusal in receipt.refusals] == ["column 10", "plant_remark"]
    assert b"uuxberg" not in everything_on_disk(state)


def test_of_many_unknown_columns_ten_are_listed() -> None:
    extra = [f"extra_{place}" for place in range(200)]
    receipt = intake.check(forecast(week(48), header=",".join([HEADER, *extra])), feed="demand_forecast", as_of=AS_OF)
    assert len(receipt.refusals) == 11
    assert receipt.message.endswith("extra_9, and 190 more.")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("MRN_00451234.csv", "(name withheld).csv"),
        ("patient-48813377.XLSX", "(name withheld).xlsx"),
        ("dob_1961-02-03.csv", "(name withheld).csv"),
        ("anna.kovacs@example.org", "(name withheld)"),
        ("forecast_2026-11-16.csv", None),
        ("hospital_2026-W48_v2.csv", None),
        ("hospital-20261116-1.parquet", None),
        ("chart data.csv", None),
    ],
)
def test_a_file_name_that_holds_an_identifier_is_withheld(state: Path, name: str, kept: str | None) -> None:
    receipt = send(forecast(week(48)), file_name=name)
    assert receipt.file_name == (kept or name)
    assert ("The file name was not kept" in receipt.message) == (kept is not None)
    assert kept is None or name.encode() not in everything_on_disk(state)


def test_a_name_spread_over_a_ragged_row_is_seen(state: Path) -> None:
    receipt = send(forecast(week(48), "patient Zelda,Quuxberg"))
    assert (receipt.status, receipt.refusals[0].rule, receipt.refusals[0].row) == ("refused", "direct_identifier", 3)
    assert not (state / "raw").exists()


@pytest.mark.parametrize("text", ["2026-11-24T08:00:00 +01:00", "CART-101", "1,250 mL", "24 Nov 2026", "out_of_specification", ""])
def test_codes_and_times_are_not_words(text: str) -> None:
    assert not has_words(text)


def test_a_total_below_the_rows_is_called_one() -> None:
    for row in ("Total,,,,12,,,,", "Summe:,12"):
        receipt = intake.check(forecast(week(48), row), feed="demand_forecast", as_of=AS_OF)
        assert {refusal.hint for refusal in receipt.refusals} == {"This looks like a total: remove the row."}


def test_a_file_of_another_feed_is_recognised(state: Path) -> None:
    del state
    receipt = intake.check(forecast(week(48)), feed="capacity_commit", as_of=AS_OF)
    assert receipt.message.endswith("These columns look like the feed demand_forecast: was that meant?")


def test_a_time_in_the_future_or_without_a_zone_is_no_as_of(state: Path) -> None:
    del state
    for as_of in (dt.datetime.now(dt.UTC) + dt.timedelta(minutes=6), AS_OF.replace(tzinfo=None)):
        with pytest.raises(ValueError, match=r"future|zone"):
            intake.submit(forecast(week(48)), partner="north-hospital", feed="demand_forecast", as_of=as_of)
    assert register.submissions() == []
