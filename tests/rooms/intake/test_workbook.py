"""Workbooks: what stands outside the table is looked at too, and no rows are left out without a word."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter
from door_files import AS_OF, HEADER, week

from dagster_project import intake
from dagster_project.contracts import contract, contracts
from dagster_project.contracts.template import write_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

SECRET = "MRN 00451234"


def book_with(change: Callable[[Workbook, Worksheet], Any]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet("plan")
        for row, line in enumerate([HEADER, week(48), week(49)]):
            sheet.write_row(row, 0, line.split(","))
        change(book, sheet)
    return target.getvalue()


def with_part(data: bytes, name: str, text: str) -> bytes:
    target = io.BytesIO(data)
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr(name, text)
    return target.getvalue()


def hidden_sheet(book: Workbook, _: Worksheet) -> None:
    sheet = book.add_worksheet("more")
    sheet.write(3, 2, SECRET)
    sheet.hide()


def very_hidden_sheet(book: Workbook, _: Worksheet) -> None:
    sheet = book.add_worksheet("more")
    sheet.write(3, 2, SECRET)
    sheet.very_hidden()


def mixed_letters(book: Workbook, _: Worksheet) -> None:
    book.add_worksheet("more").write_rich_string(0, 0, "MRN 0045", book.add_format({"bold": True}), "1234")


def names_in_two_cells(book: Workbook, _: Worksheet) -> None:
    book.add_worksheet("more").write_row(1, 0, ["patient Zelda", "Quuxberg"])


def has_property(name: str) -> Callable[[Workbook, Worksheet], Any]:
    return lambda book, _: book.set_properties({name: SECRET})


PLACES: dict[str, tuple[Callable[[Workbook, Worksheet], Any], str]] = {
    "visible sheet": (lambda book, _: book.add_worksheet("more").write(3, 2, SECRET), "sheet 2, row 4"),
    "hidden sheet": (hidden_sheet, "sheet 2, row 4"),
    "very hidden sheet": (very_hidden_sheet, "sheet 2, row 4"),
    "mixed letters": (mixed_letters, "sheet 2, row 1"),
    "two cells": (names_in_two_cells, "sheet 2, row 2"),
    "column name": (lambda book, _: book.add_worksheet("more").write_row(0, 0, ["Patient name", "week"]), "sheet 2, row 1"),
    "sheet name": (lambda book, _: book.add_worksheet(SECRET), "a sheet name or a defined name"),
    "defined name": (lambda book, _: book.define_name("note", f'="{SECRET}"'), "a sheet name or a defined name"),
    "comment": (lambda _, sheet: sheet.write_comment(1, 0, SECRET), "a comment"),
    "header": (lambda _, sheet: sheet.set_header(f"&L{SECRET}"), "a header, footer, formula or cell rule of a sheet"),
    "footer": (lambda _, sheet: sheet.set_footer(f"&C{SECRET}"), "a header, footer, formula or cell rule of a sheet"),
    "formula": (lambda _, sheet: sheet.write_formula(1, 8, f'=IF(1,"","{SECRET}")', None, ""), "a header, footer, formula"),
    "cell rule": (
        lambda _, sheet: sheet.data_validation("A9", {"validate": "any", "input_title": "x", "input_message": SECRET}),
        "a header",
    ),
    "link": (lambda _, sheet: sheet.write_url(1, 8, "mailto:anna.kovacs@example.org", string="pipeline"), "a link"),
    "text box": (lambda _, sheet: sheet.insert_textbox("K2", SECRET), "a drawing"),
    **{name: (has_property(name), "the document properties") for name in ("title", "subject", "comments", "keywords", "category")},
    "custom property": (lambda book, _: book.set_custom_property("note", SECRET), "the document properties"),
}


@pytest.mark.parametrize("place", PLACES)
def test_an_identifier_anywhere_in_the_workbook_refuses_it(state: Path, place: str) -> None:
    change, words = PLACES[place]
    data = book_with(change)
    receipt = intake.submit(data, partner="north-hospital", feed="demand_forecast", as_of=AS_OF)
    assert (receipt.status, receipt.refusals[0].rule) == ("refused", "direct_identifier")
    assert words in receipt.message
    assert "1234" not in json.dumps({**receipt.to_dict(), "sha256": "", "submission_id": ""})
    assert not (state / "raw").exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("xl/threadedComments/threadedComment1.xml", f'<t:ThreadedComments xmlns:t="x"><t:threadedComment><t:text>{SECRET}</t:text></t:threadedComment></t:ThreadedComments>'),
        ("xl/comments9.xml", "<comments><comment><text><r><t>MRN 0045</t></r><r><rPr><b/></rPr><t>1234</t></r></text></comment></comments>"),
        ("xl/comments9.xml", f"<comments><text><t><![CDATA[a > b {SECRET}]]></t></text></comments>"),
        ("xl/comments9.xml", "<comments><text><t>MRN&#32;&#48;0451234</t></text></comments>"),
        ("customXml/item1.xml", f"<note about='{SECRET}'/>"),
    ],
)  # fmt: skip
def test_an_identifier_in_a_part_of_its_own_refuses_it(name: str, text: str) -> None:
    receipt = intake.check(with_part(book_with(lambda *_: None), name, text), feed="demand_forecast", as_of=AS_OF)
    assert [refusal.rule for refusal in receipt.refusals] == ["direct_identifier"]


@pytest.mark.parametrize(
    ("name", "text"),
    [("xl/comments9.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'), ("xl/vbaProject.bin", "x"), ("xl/embeddings/o.bin", "x")],
)
def test_parts_that_cannot_be_looked_at_refuse_the_workbook(name: str, text: str) -> None:
    receipt = intake.check(with_part(book_with(lambda *_: None), name, text), feed="demand_forecast", as_of=AS_OF)
    assert [refusal.rule for refusal in receipt.refusals] == ["file_kind"]


def test_a_colleague_and_harmless_notes_pass() -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        book.set_properties({"author": "Dr. Anna Kovacs, anna.kovacs@example.org", "title": "Forecast of the north"})
        sheet.write_comment(1, 0, "Second shift from 2026-12-01", {"author": "Mr. Nagy"})
        sheet.set_footer("&LPage &P of &N")
        book.add_worksheet("notes").write_row(0, 0, ["read me", 12, "week 2026-W48"])

    receipt = intake.check(book_with(change), feed="demand_forecast", as_of=AS_OF)
    assert (receipt.status, receipt.refusals) == ("accepted", ())


@pytest.mark.parametrize("feed", contracts())
def test_every_template_of_ours_is_only_empty(feed: str) -> None:
    target = io.BytesIO()
    write_xlsx(contract(feed), target)
    receipt = intake.check(target.getvalue(), feed=feed, as_of=AS_OF)
    assert [(refusal.rule, refusal.found) for refusal in receipt.refusals] == [("empty_file", "a header without rows")]


def test_rows_on_a_second_sheet_are_not_left_out_silently() -> None:
    def change(book: Workbook, _: Worksheet) -> None:
        second = book.add_worksheet("December")
        for row, line in enumerate([HEADER, week(50)]):
            second.write_row(row, 0, line.split(","))

    receipt = intake.check(book_with(change), feed="demand_forecast", as_of=AS_OF)
    assert [(refusal.rule, refusal.found) for refusal in receipt.refusals] == [
        ("second_table", "rows of this feed on sheet 1 and on sheet 2")
    ]


def test_the_table_is_the_sheet_that_fits_best() -> None:
    def change(book: Workbook, _: Worksheet) -> None:
        book.add_worksheet("about").write_row(0, 0, ["comment", "nothing"])

    assert intake.check(book_with(change), feed="demand_forecast", as_of=AS_OF).status == "accepted"
