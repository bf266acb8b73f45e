"""What a sender is told, and what is kept."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from door_files import AS_OF, HEADER, forecast, week

from dagster_project import intake, register
from dagster_project.contracts import Rule, contract
from dagster_project.contracts.arrow import arrow_schema

if TYPE_CHECKING:
    from pathlib import Path

FEED, PARTNER = "demand_forecast", "north-hospital"


def send(data: Path | bytes, **options: object) -> intake.Receipt:
    return intake.submit(data, **{"partner": PARTNER, "feed": FEED, "as_of": AS_OF, **options})  # type: ignore[arg-type]


def landed(state: Path, receipt: intake.Receipt) -> pa.Table:
    # A folder name of the form feed=... would otherwise become a column.
    return pq.read_table(
        state / f"landing/feed={receipt.feed}/partner={receipt.partner_id}/submission={receipt.submission_id}.parquet", partitioning=None
    )


def test_accepted_rows_land_typed_with_their_row_numbers(state: Path) -> None:
    receipt = send(forecast(week(48), week(49, patients="2.5")))
    table = landed(state, receipt)
    assert (receipt.status, receipt.rows_sent, receipt.rows_accepted) == ("accepted", 2, 2)
    assert table.column("patients").to_pylist() == [3.0, 2.5]
    assert table.column("week_start_date").to_pylist() == [dt.date(2026, 11, 23), dt.date(2026, 11, 30)]
    assert table.column("row_number").to_pylist() == [2, 3]


def test_landing_has_the_contracts_columns_and_types(state: Path) -> None:
    table = landed(state, send(forecast(week(48))))
    expected = [(field.name, field.type) for field in arrow_schema(contract(FEED))] + [("row_number", pa.int64())]
    assert [(field.name, field.type) for field in table.schema] == expected


def test_raw_bytes_are_kept_under_their_hash(state: Path) -> None:
    data = forecast(week(48))
    receipt = send(data)
    assert (state / "raw" / receipt.sha256[:2] / receipt.sha256).read_bytes() == data


def test_identical_bytes_give_the_identical_receipt_and_no_second_copy(state: Path) -> None:
    first = send(forecast(week(48)), file_name="a.csv")
    files = sorted(state.rglob("*.parquet"))
    again = send(forecast(week(48)), file_name="b.csv", as_of=AS_OF + dt.timedelta(hours=7))
    assert again == first
    assert sorted(state.rglob("*.parquet")) == files
    assert len(register.submissions()) == 1


def test_refused_rows_name_row_column_found_expected_and_hint(state: Path) -> None:
    receipt = send(forecast(week(48), week(49).replace("commercial", "comercial"), week(50, patients="many")))
    assert (receipt.status, receipt.rows_accepted, receipt.rows_refused) == ("partly_accepted", 1, 2)
    told = {(refusal.row, refusal.column, refusal.rule, refusal.found) for refusal in receipt.refusals}
    assert {(3, "category", "allowed", "comercial"), (4, "patients", "type", "many")} <= told
    assert all(refusal.expected and refusal.hint for refusal in receipt.refusals)
    kept = pq.read_table(next((state / "refused").rglob("*.parquet")), partitioning=None)
    assert kept.column_names == ["row_number", "column_name", "rule", "found", "expected", "hint", "source_column", "source_place"]
    assert kept.num_rows == len(receipt.refusals)


def test_a_value_that_cannot_be_read_is_not_also_called_missing(state: Path) -> None:
    receipt = send(forecast(week(48, patients="many")))
    assert [refusal.rule for refusal in receipt.refusals if refusal.column == "patients"] == ["type"]


def test_a_row_rule_shows_all_the_values_it_compares(state: Path) -> None:
    receipt = send(forecast(week(48, patients="0.5")))
    assert [refusal.found for refusal in receipt.refusals] == ["patients = 0.5, patients_p10 = 1, patients_p90 = 9"]


def test_a_second_row_of_the_same_key_is_refused_and_the_first_kept(state: Path) -> None:
    receipt = send(forecast(week(48), week(48, patients="4")))
    assert [(refusal.row, refusal.rule) for refusal in receipt.refusals] == [(3, "key")]
    assert landed(state, receipt).column("patients").to_pylist() == [3.0]


def test_rows_numbers_count_blank_lines_as_a_spreadsheet_does(state: Path) -> None:
    receipt = send(forecast(week(48), "", ",,,,,,,,", week(49, patients="many")))
    assert [(refusal.row, refusal.rule) for refusal in receipt.refusals] == [(5, "type")]
    assert receipt.rows_sent == 2


def test_a_row_with_too_few_cells_is_refused_by_its_number(state: Path) -> None:
    receipt = send(forecast(week(48), "9501101530003,CART-101", week(49)))
    assert [(refusal.row, refusal.rule, refusal.found) for refusal in receipt.refusals] == [(3, "columns", "2 cells")]


def test_all_or_nothing_feeds_land_nothing_when_one_row_is_wrong(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    strict = dataclasses.replace(contract(FEED), refusal_policy="all_or_nothing")
    monkeypatch.setattr("dagster_project.intake.handling.contract_of", lambda _: strict)
    receipt = send(forecast(week(48), week(49, patients="many")))
    assert (receipt.status, receipt.rows_accepted, receipt.rows_refused) == ("refused", 0, 2)
    assert not (state / "landing").exists()
    assert register.verify() == []


@pytest.mark.parametrize(
    ("header", "rule", "hint"),
    [
        (HEADER.replace("patients_p10", "patient_p10"), "unknown_column", "Did you mean patients_p10?"),
        (HEADER.replace("category", "kategory"), "missing_column", "Is it the column kategory?"),
        (HEADER.replace("patients_p10", "patients"), "column_twice", "Remove or rename"),
        ("a,b,c", "header", "veinway template demand_forecast"),
    ],
)
def test_a_header_that_does_not_fit_is_refused_with_a_way_out(state: Path, header: str, rule: str, hint: str) -> None:
    del state
    receipt = send(forecast(week(48), header=header))
    assert receipt.status == "refused"
    assert any(refusal.rule == rule and hint in refusal.hint for refusal in receipt.refusals)


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "empty_file"),
        (HEADER.encode(), "empty_file"),
        (b"%PDF-1.7", "file_kind"),
        (b"PK\x03\x04 not a zip", "file_kind"),
        (b"PAR1 not parquet", "file_kind"),
        (b"\xff\xfea\x00", "header"),
        (forecast(week(48, comment="caf\xc3\xa9 cr\xe8me")).decode().encode("latin-1"), "encoding"),
        (forecast(week(48), week(49, comment='"never closed')), "csv"),
        (forecast(week(48)) + bytes(range(32)) * 8, "file_kind"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_reason(state: Path, data: bytes, rule: str) -> None:
    receipt = send(data)
    assert (receipt.status, receipt.refusals[0].rule) == ("refused", rule)
    assert not (state / "raw").exists()


@pytest.mark.parametrize(
    ("delimiter", "line_end", "mark"), [(",", "\n", ""), (";", "\r\n", "\ufeff"), ("\t", "\r", ""), ("|", "\n", "\ufeff")]
)
def test_every_common_dialect_of_csv_is_read(state: Path, delimiter: str, line_end: str, mark: str) -> None:
    text = forecast(week(48), week(49)).decode().replace(",", delimiter).replace("\n", line_end)
    assert landed(state, send((mark + text).encode())).column("patients").to_pylist() == [3.0, 3.0]


def test_a_workbook_is_read_with_serial_dates_and_numbers_as_text(state: Path) -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.add_worksheet("notes").write(0, 0, "read me")
        sheet, day = book.add_worksheet("plan"), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write(0, 0, "Forecast of the north")
        sheet.write_row(1, 0, HEADER.split(","))
        sheet.write_row(2, 0, [9501101530003, "CART-101"])
        sheet.write_datetime(2, 2, dt.datetime(2026, 11, 23), day)  # noqa: DTZ001 - a spreadsheet date has no zone
        sheet.write_row(2, 3, ["commercial", 3, 1, 9, "pipeline"])
    receipt = send(target.getvalue())
    assert receipt.status == "accepted", receipt.refusals
    assert landed(state, receipt).column("week_start_date").to_pylist() == [dt.date(2026, 11, 23)]
    assert landed(state, receipt).column("row_number").to_pylist() == [3]


def test_parquet_is_read_and_its_first_row_is_row_one(state: Path) -> None:
    rows = duckdb.sql(
        "SELECT 'DS-0042' AS container_id, TIMESTAMPTZ '2026-11-10 08:00:00.25+00' AS read_at, 'P1' AS probe_id,"
        " unnest([-182.4, -999.0]::FLOAT[]) AS celsius, unnest([88, 87]) AS battery_pct"
    ).to_arrow_table()
    target = io.BytesIO()
    pq.write_table(rows, target)
    receipt = send(target.getvalue(), partner="swiftvein", feed="temperature_reading")
    assert {(refusal.row, refusal.rule) for refusal in receipt.refusals} == {(2, "range"), (2, "key")}
    assert landed(state, receipt).column("celsius").to_pylist() == [-182.4]
    assert landed(state, receipt).column("read_at").to_pylist() == [dt.datetime(2026, 11, 10, 8, 0, 0, 250_000, dt.UTC)]


@pytest.mark.parametrize(
    ("partner", "feed", "rule"),
    [("nobody", FEED, "partner"), (PARTNER, "no_such_feed", "feed"), ("swiftvein", FEED, "sender_role")],
)
def test_strangers_are_turned_away_and_leave_no_trace(state: Path, partner: str, feed: str, rule: str) -> None:
    del state
    receipt = send(forecast(week(48)), partner=partner, feed=feed)
    assert (receipt.status, receipt.refusals[0].rule) == ("refused", rule)
    assert register.submissions() == []


def test_check_gives_the_same_verdict_and_keeps_nothing(state: Path) -> None:
    data = forecast(week(48), week(49, patients="many"))
    checked = intake.check(data, feed=FEED, as_of=AS_OF)
    assert not any(path.suffix == ".parquet" for path in state.rglob("*"))
    sent = send(data)
    assert (checked.status, checked.refusals, checked.rows_accepted) == (sent.status, sent.refusals, sent.rows_accepted)


def test_a_replay_is_marked_and_keeps_the_real_time(state: Path) -> None:
    del state
    before = dt.datetime.now(dt.UTC)
    replayed = send(forecast(week(48)))
    live = intake.submit(forecast(week(49)), partner=PARTNER, feed=FEED)
    rows = {row["submission_id"]: row for row in register.submissions()}
    assert rows[replayed.submission_id]["is_replay"]
    assert rows[replayed.submission_id]["as_of"] == AS_OF
    assert rows[replayed.submission_id]["received_at"] >= before
    assert not live.is_replay
    assert live.as_of == live.received_at


def test_a_later_plan_supersedes_the_version_before_it_even_when_sent_out_of_order(state: Path) -> None:
    del state
    first = send(forecast(week(48), week(49)))
    third = send(forecast(week(49), week(50)), as_of=AS_OF + dt.timedelta(hours=14))
    second = send(forecast(week(48, patients="4"), week(50)), as_of=AS_OF + dt.timedelta(hours=7))
    elsewhere = send(forecast(week(52)), as_of=AS_OF + dt.timedelta(hours=21))
    assert (first.supersedes, third.supersedes, second.supersedes) == (None, first.submission_id, first.submission_id)
    assert elsewhere.supersedes is None
    assert len(register.submissions(statuses=["accepted", "partly_accepted"])) == 4


def test_a_warning_is_told_and_the_row_still_accepted(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terms = contract(FEED)
    mild = Rule("unusually_many", "sql", "patients <= 5", {}, "Rarely more than five patients a week.", "warning")
    monkeypatch.setattr("dagster_project.intake.handling.contract_of", lambda _: dataclasses.replace(terms, rules=(*terms.rules, mild)))
    receipt = send(forecast(week(48), week(49, patients="6"), week(50, patients="many")))
    assert (receipt.status, receipt.rows_accepted, receipt.rows_refused, receipt.rows_warned) == ("partly_accepted", 2, 1, 1)
    assert [(warning.row, warning.rule) for warning in receipt.warnings] == [(3, "unusually_many")]
    assert {refusal.row for refusal in receipt.refusals} == {4}
    assert landed(state, receipt).column("row_number").to_pylist() == [2, 3]
    assert intake.Receipt.from_dict(receipt.to_dict()) == receipt
