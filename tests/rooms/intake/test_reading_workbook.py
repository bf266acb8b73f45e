"""Workbooks from a partner's own hands: where the table is, what its cells say, and which of them cannot be used."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter
from door_files import HEADER, week
from hypothesis import given
from hypothesis import strategies as st
from reading_files import answered, book, refused, staged

from dagster_project.intake.reading.cells import as_text, text_column

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

MONDAY = dt.datetime(2026, 11, 23)  # noqa: DTZ001 - a workbook knows no zones
SERIAL = {False: 46349, True: 46349 - 1462}
CELLS = st.one_of(
    st.text(max_size=8), st.floats(allow_nan=False), st.integers(-(10**15), 10**15).map(float), st.booleans(), st.dates(), st.times(),
    st.datetimes(min_value=dt.datetime(1900, 1, 1), max_value=dt.datetime(2200, 1, 1)), st.timedeltas(), st.just(""),  # noqa: DTZ001
)  # fmt: skip


@given(cells=st.lists(CELLS, max_size=8))
def test_whole_columns_are_written_as_their_cells_by_themselves(cells: list[Any]) -> None:
    found = text_column(cells).to_pylist()
    space = " \t\r\n\f\v\u00a0"
    for text, cell in zip(found, cells, strict=True):
        if isinstance(cell, float):
            assert float(text) == cell
        else:
            assert text == (as_text(cell).strip(space) or None)


@pytest.mark.parametrize("from_1904", [False, True])
@pytest.mark.parametrize("written", ["date", "serial", "text", "week"])
def test_a_day_is_read_however_it_was_entered(written: str, *, from_1904: bool) -> None:
    def enter(workbook: Workbook, sheet: Worksheet) -> None:
        match written:
            case "date":
                sheet.write_datetime(1, 2, MONDAY, workbook.add_format({"num_format": "dd.mm.yyyy"}))
            case "serial":
                sheet.write_number(1, 2, SERIAL[from_1904])
            case "text":
                sheet.write_string(1, 2, "2026-11-23")
            case "week":
                sheet.write_string(1, 2, "2026-W48")

    outcome, rows = staged(book([week(48)], enter, date_1904=from_1904))
    assert (outcome.status, rows[0]["week_start_date"]) == ("accepted", MONDAY.date())


@pytest.mark.parametrize("number", [12, 20261123, -46349, 1e300, 46349.5])
def test_other_numbers_are_no_days(number: float) -> None:
    outcome = answered(book([week(48)], lambda _, sheet: sheet.write_number(1, 2, number)))
    assert refused(outcome) == [(2, "week_start_date", "type")]


def test_codes_entered_as_numbers_keep_their_digits_and_a_lost_zero_is_told() -> None:
    assert answered(book([week(48)], lambda _, sheet: sheet.write_number(1, 0, 9501101530003))).status == "accepted"
    outcome = answered(book([week(48)], lambda _, sheet: sheet.write_number(1, 0, 614141123452)))
    assert refused(outcome) == [(2, "hospital_id", "gln")]
    assert "cut the zeros in front" in outcome.refusals[0].hint


def test_the_header_is_found_below_a_title_and_rows_are_numbered_as_in_excel() -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        workbook.add_worksheet("read me").write(0, 0, "How to fill this in")
        sheet = workbook.add_worksheet("plan")
        sheet.merge_range("B1:F1", "Forecast of the treatment centre")
        sheet.write_row(3, 0, HEADER.split(","))
        sheet.write_row(4, 0, week(48).split(",")[:4])
        sheet.write_row(4, 4, [3, 1, 9, "pipeline"])
        sheet.write_row(6, 0, week(49).split(",")[:4])
        sheet.write_row(6, 4, ["many", 1, 9, "pipeline"])
        workbook.add_worksheet("old").hide()
    outcome = answered(target.getvalue())
    assert (outcome.rows_accepted, refused(outcome)) == (1, [(7, "patients", "type")])


@pytest.mark.parametrize("error", ["#DIV/0!", "#REF!", "#N/A", "#VALUE!", "#NAME?"])
@pytest.mark.parametrize(("column", "cell"), [(4, "E3"), (8, "I3")])
def test_a_failed_formula_refuses_its_row_and_names_the_cell(error: str, column: int, cell: str) -> None:
    outcome = answered(book([week(48), week(49), week(50)], lambda _, sheet: sheet.write_formula(2, column, "=1/0", None, error)))
    assert (outcome.rows_accepted, refused(outcome)) == (2, [(3, HEADER.split(",")[column], "formula")])
    assert outcome.refusals[0].found == f"{error} in cell {cell}"


@pytest.mark.parametrize("value", ["<v></v>", "<v/>", ""])
def test_a_formula_that_was_never_calculated_refuses_its_row_and_names_the_cell(value: str) -> None:
    data = book([week(48), week(49)], lambda _, sheet: sheet.write_formula(1, 4, "=F2+2", None, 77))
    outcome = answered(changed(data, "xl/worksheets/sheet1.xml", "<v>77</v>", value))
    assert refused(outcome) == [(2, "patients", "formula")]
    assert "in cell E2" in (outcome.refusals[0].found or "")


def test_formulas_with_their_results_are_read() -> None:
    def enter(_: Workbook, sheet: Worksheet) -> None:
        sheet.write_formula(1, 4, "=F2+2", None, 3)
        sheet.write_formula(1, 8, '=IF(F2>5,"many","")', None, "")

    # As Excel writes a formula whose result is an empty text.
    data = changed(book([week(48)], enter), "xl/worksheets/sheet1.xml", '<c r="I2">', '<c r="I2" t="str">')
    outcome, rows = staged(data)
    assert (outcome.status, rows[0]["patients"], rows[0]["comment"]) == ("accepted", 3.0, None)


def test_a_code_merged_over_rows_counts_for_each_of_them() -> None:
    def merge(_: Workbook, sheet: Worksheet) -> None:
        sheet.merge_range("A2:A4", "9501101530003")
        sheet.merge_range("C3:C4", "2026-W49")
        sheet.write_string("D4", "trial")

    outcome, rows = staged(book([week(48), week(49), week(50)], merge))
    assert (outcome.status, {row["hospital_id"] for row in rows}) == ("accepted", {"9501101530003"})
    assert [row["week_start_date"].day for row in rows] == [23, 30, 30]


def test_a_cell_that_cannot_be_used_hides_no_other_mistake_of_its_row() -> None:
    def spoil(workbook: Workbook, sheet: Worksheet) -> None:
        sheet.write_string(2, 0, "9501101530004")
        sheet.write_formula(2, 4, "=1+2", None, "")
        sheet.write_string(2, 7, "pipelin")
        sheet.write_formula(3, 8, "=NA()", None, "#N/A")
        sheet.write_string(3, 0, "9501101530004")

    rows = [week(48), week(49), week(50), week(51)]
    outcome = answered(book(rows, spoil))
    names = HEADER.split(",")
    assert refused(outcome) == [
        (3, names[4], "formula"), (3, "hospital_id", "gln"), (3, "basis", "allowed"), (4, names[8], "formula"), (4, "hospital_id", "gln"),
    ]  # fmt: skip
    assert (outcome.rows_sent, outcome.rows_refused) == (4, 2)


def test_merged_figures_and_cells_merged_across_are_not_guessed() -> None:
    def merge(_: Workbook, sheet: Worksheet) -> None:
        sheet.merge_range("E2:E3", 7)
        sheet.merge_range("A6:I6", "All figures are provisional")

    outcome = answered(book([week(48), week(49), week(50)], merge))
    assert refused(outcome) == [(2, "patients", "merged_cells"), (3, "patients", "merged_cells"), (6, "hospital_id", "merged_cells")]


@pytest.mark.parametrize("enter", [lambda sheet: sheet.write_boolean(1, 4, True), lambda sheet: sheet.write_string(1, 4, "2 to 3")])
def test_cells_that_are_no_numbers_are_refused_by_name(enter: Any) -> None:
    outcome = answered(book([week(48)], lambda _, sheet: enter(sheet)))
    assert refused(outcome) == [(2, "patients", "type")]


def test_numbers_written_as_text_in_another_countrys_way_are_read() -> None:
    _, rows = staged(book([week(48), week(49)], lambda _, sheet: (sheet.write_string(1, 4, "2,5"), sheet.write_string(2, 4, "1,125"))))
    assert [row["patients"] for row in rows] == [2.5, 1.125]


def test_cells_beyond_the_header_refuse_their_row() -> None:
    outcome = answered(book([week(48), week(49)], lambda _, sheet: sheet.write(1, 11, "surplus")))
    assert (outcome.rows_accepted, refused(outcome)) == (1, [(2, None, "columns")])


def test_an_identifier_beyond_the_header_or_in_a_row_set_aside_is_found() -> None:
    outcome = answered(book([week(48), week(49)], lambda _, sheet: sheet.write(1, 11, "MRN 00451234")))
    assert [rule for _, _, rule in refused(outcome)] == ["direct_identifier"]


def test_the_parts_may_be_named_and_linked_otherwise() -> None:
    data = book([week(48), week(49)], lambda _, sheet: sheet.write_formula(1, 4, "=1/0", None, "#DIV/0!"))
    moved = renamed(data, "xl/worksheets/sheet1.xml", "xl/tables/first.xml")
    moved = changed(moved, "xl/_rels/workbook.xml.rels", "worksheets/sheet1.xml", "/xl/tables/first.xml")
    moved = changed(moved, "[Content_Types].xml", "/xl/worksheets/sheet1.xml", "/xl/tables/first.xml")
    assert refused(answered(moved)) == [(2, "patients", "formula")]


def changed(data: bytes, part: str, old: str, new: str) -> bytes:
    """The workbook with one text of one part replaced."""
    source, target = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            text = source.read(name)
            if name == part:
                assert old.encode() in text
                text = text.replace(old.encode(), new.encode())
            archive.writestr(name, text)
    return target.getvalue()


def renamed(data: bytes, old: str, new: str) -> bytes:
    """The workbook with one part under another name."""
    source, target = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            archive.writestr(new if name == old else name, source.read(name))
    return target.getvalue()
