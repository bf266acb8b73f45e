"""Workbooks whose cells show more than their numbers, reach far out, or hide sheets; and zips with more than the file."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import duckdb
import openpyxl
import pytest
import xlsxwriter
from door_files import AS_OF, HEADER, forecast, week
from reading_files import answered, book, refused, staged, zipped

from dagster_project.contracts import contract
from dagster_project.contracts.template import write_xlsx
from dagster_project.intake.adapting.language.model import parse_mapping
from dagster_project.intake.adapting.sheets.mapping import source_contract
from dagster_project.intake.judging.judgement import examine
from dagster_project.intake.reading.content import open_content, survey
from dagster_project.intake.reading.formats import Shown, shown_by

if TYPE_CHECKING:
    from collections.abc import Sequence

READINGS = ("container_id", "read_at", "probe_id", "celsius", "battery_pct")
READING = ("DS-0042", "2026-11-10T10:00:00Z", "P1", -180.5, 88)
DELIVERIES = ("shipment_id", "origin_name", "country_name", "promised_date", "delivered_date", "weight_kg", "freight_cost_usd")
DELIVERY = ("SW-1", "Lyon depot", "Portugal", "2025-10-02", "2025-10-02", 12.5, 480)


def formatted(header: Sequence[str], row: Sequence[Any], column: str, value: float, code: str) -> bytes:
    """A workbook of one row, with one value under a number format."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("plan")
        sheet.write_row(0, 0, header)
        sheet.write_row(1, 0, row)
        sheet.write_number(1, header.index(column), value, workbook.add_format({"num_format": code}))
    return target.getvalue()


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("General", None),
        ("#,##0.00", None),
        ("0", None),
        ("[Red]0.0;-0.0", None),
        ("0.00E+00", None),
        ('0 "pcs"', Shown("pcs", zeros=1, after=" pcs")),
        ('0.0 "stone"', Shown("stone", after=" stone")),
        ('0.0,"k"', None),
        ('0.0,,"M"', None),
        ('0.0, "lb"', Shown("lb", thousands=1, after=" lb")),
        ('"ca. "0.0', None),
        ("0%", Shown("%", is_percentage=True)),
        ('0 "°F"', Shown("°F", zeros=1, after=" °F")),
        (r"0.0\ \°\F", Shown("°F", after=" °F")),
        ('0.0 "lb"', Shown("lb", after=" lb")),
        ("#,##0 [$€-407]", Shown("€", after=" €")),
        ("[$CHF-807] #,##0", Shown("CHF", before="CHF ")),
        ('"€"#,##0', Shown("€", before="€")),
        ("000", Shown(zeros=3)),
        ('"SW-"00000', Shown(before="SW-", zeros=5)),
        ("[$-407]0.0", None),
    ],
)
def test_what_a_format_shows(code: str, shown: Shown | None) -> None:
    assert shown_by(code) == shown


@pytest.mark.parametrize("code", ["0%", "0.00%", "0.0 %"])
def test_a_percentage_is_read_as_it_is_shown(code: str) -> None:
    outcome, rows = staged(formatted(READINGS, READING, "battery_pct", 0.57, code), feed="temperature_reading")
    assert (outcome.status, rows[0]["battery_pct"]) == ("accepted", 57.0)


def test_a_fraction_shown_as_percentage_stays_one() -> None:
    of = contract("vector_supply_plan")
    column = next(column.name for column in of.columns if column.unit == "fraction")
    row = [column.examples[0] if column.examples else None for column in of.columns]
    _, rows = staged(formatted([each.name for each in of.columns], row, column, 0.85, "0%"), feed=of.feed)
    assert rows[0][column] == 0.85


@pytest.mark.parametrize(
    ("header", "row", "column", "code", "feed", "seen"),
    [
        (READINGS, READING, "celsius", '0 "°F"', "temperature_reading", "39 °F, as the cell is shown"),
        (READINGS, READING, "celsius", "0%", "temperature_reading", "3900 %, as the cell is shown"),
        (DELIVERIES, DELIVERY, "weight_kg", '0.0 "lb"', "delivery_history", "39 lb, as the cell is shown"),
        (DELIVERIES, DELIVERY, "freight_cost_usd", "#,##0 [$€-407]", "delivery_history", "39 €, as the cell is shown"),
    ],
)
def test_a_number_shown_in_another_unit_refuses_its_row(
    header: Sequence[str], row: Sequence[Any], column: str, code: str, feed: str, seen: str
) -> None:
    outcome = answered(formatted(header, row, column, 39, code), feed=feed)
    assert refused(outcome) == [(2, column, "unit")]
    assert outcome.refusals[0].found == seen
    assert f"The contract wants {contract(feed).column(column).unit}" in outcome.refusals[0].hint


@pytest.mark.parametrize(
    ("header", "row", "column", "code", "feed"),
    [
        (READINGS, READING, "celsius", '0.0 "°C"', "temperature_reading"),
        (READINGS, READING, "battery_pct", '0"%"', "temperature_reading"),
        (DELIVERIES, DELIVERY, "weight_kg", '#,##0.0 "kg"', "delivery_history"),
        (DELIVERIES, DELIVERY, "freight_cost_usd", "[$$-409]#,##0.00", "delivery_history"),
        (DELIVERIES, DELIVERY, "weight_kg", "000", "delivery_history"),
    ],
)
def test_a_number_shown_in_its_own_unit_is_itself(header: Sequence[str], row: Sequence[Any], column: str, code: str, feed: str) -> None:
    outcome, rows = staged(formatted(header, row, column, 39, code), feed=feed)
    assert (outcome.status, rows[0][column]) == ("accepted", 39)


@pytest.mark.parametrize(("code", "text"), [("000", "007"), ("00000", "00007"), ('"SW-"000', "SW-007"), ("0", "7")])
def test_a_code_has_the_zeros_that_are_shown(code: str, text: str) -> None:
    _, rows = staged(formatted(DELIVERIES, DELIVERY, "shipment_id", 7, code), feed="delivery_history")
    assert rows[0]["shipment_id"] == text


def test_a_gln_with_its_zero_in_the_format_is_whole() -> None:
    row = ["0614141123452", *week(48).split(",")[1:4], 3, 1, 9, "pipeline"]
    data = formatted(HEADER.split(","), row, "hospital_id", 614141123452, "0" * 13)
    outcome, rows = staged(data)
    assert (outcome.status, rows[0]["hospital_id"]) == ("accepted", "0614141123452")


def test_a_partners_own_sheet_is_read_in_the_unit_that_its_mapping_says() -> None:
    text = "version: 1.0.0\nfeed: temperature_reading\ncolumns:\n" + "".join(
        f"  {name}: {{from: {name}{', unit: °F' if name == 'celsius' else ''}}}\n" for name in READINGS
    )
    sheet = source_contract(parse_mapping(text, name="courier/temperature_reading"), contract("temperature_reading"))
    assert [column.unit for column in sheet.columns] == [None, None, None, "°F", "percent"]


def test_of_a_partners_own_sheet_a_row_with_such_a_cell_is_set_aside() -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("export")
        for row, cells in enumerate([READINGS, READING, ("DS-0043", *READING[1:])]):
            sheet.write_row(row, 0, cells)
        sheet.write_formula(1, 3, "=1+2", None, "")
    text = "version: 1.0.0\nfeed: temperature_reading\ncolumns:\n" + "".join(f"  {name}: {{from: {name}}}\n" for name in READINGS)
    mapping, content = parse_mapping(text, name="courier/temperature_reading"), open_content(target.getvalue())
    with duckdb.connect() as connection:
        of = contract("temperature_reading")
        outcome = examine(connection, content, survey(content), of, partner=None, as_of=AS_OF, mapping=mapping)
    assert [(refusal.row, refusal.rule) for refusal in outcome.refusals] == [(2, "formula")]
    assert (outcome.rows_sent, outcome.rows_accepted) == (2, 1)


@pytest.mark.parametrize(
    ("row", "column", "cell"), [(1_048_575, 16_383, "XFD1048576"), (99_999, 701, "ZZ100000"), (1_048_575, 30, "AE1048576")]
)
def test_a_stray_cell_is_named_and_never_read_up_to(row: int, column: int, cell: str) -> None:
    outcome = answered(book([week(48)], lambda _, sheet: sheet.write_string(row, column, "x")))
    assert [refusal.rule for refusal in outcome.refusals] == ["stray_cell"]
    assert cell in outcome.refusals[0].hint


def test_a_stray_cell_on_a_hidden_sheet_is_named_too() -> None:
    def far(workbook: Any, _: Any) -> None:
        sheet = workbook.add_worksheet("notes")
        sheet.write_string("ZZ100000", "x")
        sheet.hide()

    assert "ZZ100000 of sheet 2" in str(answered(book([week(48)], far)).refusals[0].found)


def test_empty_cells_that_are_only_coloured_reach_as_far_as_they_like() -> None:
    def colour(workbook: Any, sheet: Any) -> None:
        grey = workbook.add_format({"bg_color": "#EEEEEE"})
        sheet.write_blank(1_048_575, 16_383, None, grey)

    assert answered(book([week(48)], colour)).status == "accepted"


def test_a_hidden_sheet_with_rows_is_told() -> None:
    def hide(workbook: Any, _: Any) -> None:
        sheet = workbook.add_worksheet("old")
        sheet.write_column(0, 0, ["draft", "of last week"])
        sheet.hide()

    outcome = answered(book([week(48)], hide))
    assert outcome.status == "accepted"
    assert [warning.found for warning in outcome.warnings] == ["sheet 2 is hidden and was not read: 2 rows"]


def test_our_own_hidden_list_of_words_is_no_news(tmp_path: Any) -> None:
    path = tmp_path / "template.xlsx"
    write_xlsx(contract("demand_forecast"), path)
    with zipfile.ZipFile(path) as archive:
        assert b'state="hidden"' in archive.read("xl/workbook.xml")
    filled = openpyxl.load_workbook(path)
    for place, cell in enumerate(week(48).split(","), start=1):
        filled.worksheets[0].cell(2, place, cell or None)
    filled.save(path)
    outcome = answered(path)
    assert (outcome.status, outcome.warnings) == ("accepted", ())


def test_what_lies_beside_the_file_in_a_zip_is_told() -> None:
    files = {"plan.csv": forecast(week(48)), "__MACOSX/._plan.csv": b"x", ".DS_Store": b"y"}
    outcome = answered(zipped(files))
    assert outcome.status == "accepted"
    assert [warning.found for warning in outcome.warnings] == [
        "2 entries of the archive were not read: hidden files, or such as systems put beside others"
    ]
    assert answered(zipped({"plan.csv": forecast(week(48))})).warnings == ()
