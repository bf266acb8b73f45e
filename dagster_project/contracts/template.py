"""Empty files for a partner to fill in: a CSV header and a workbook with the words, units and lists of the contract."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from dagster_project.contracts.model import Column, Contract

# The same contract must give the same bytes, so the workbook does not carry the day it was made.
CREATED = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
LAST_ROW = 1_048_575
SHEET_NAME_LENGTH = 31
# What a spreadsheet shows beside a cell.
LONGEST_TITLE, LONGEST_MESSAGE = 32, 255
# Text cells keep leading zeros and never turn an identifier into 9.5E+12.
CELL_FORMATS = {"string": "@", "number": "General", "integer": "0", "boolean": "General", "date": "yyyy-mm-dd", "timestamp": "@"}
TYPE_WORDS = {
    "string": "Text",
    "number": "Number, with a point before decimals",
    "integer": "Whole number",
    "boolean": "true or false",
    "date": "Date as YYYY-MM-DD",
    "timestamp": "Date and time with offset, as 2026-11-24T08:00:00+01:00",
}
IDENTIFIER_WORDS = {
    "gln": "GLN, 13 digits, the last one a check digit",
    "gtin": "GTIN, 8, 12, 13 or 14 digits, the last one a check digit",
    "sscc": "SSCC, 18 digits, the last one a check digit",
    "din": "donation number, 13 characters as A9999 26 000123 without spaces",
    "coi": "chain-of-identity id, 15 characters beginning with CH",
    "iso_week": "the Monday of the ISO week as YYYY-MM-DD, or the week as 2026-W48",
}


def csv_header(contract: Contract) -> str:
    """The first line of a CSV of this feed, with its line break."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow([column.name for column in contract.columns])
    return text.getvalue()


def write_xlsx(contract: Contract, target: Path | io.BytesIO) -> None:
    """Write the workbook template of a feed to a path or a buffer; the same contract gives the same bytes.

    The first sheet is the one to fill: a header in row 1 and nothing else, so the filled file goes through the door as it is.
    """
    from xlsxwriter.workbook import Workbook  # noqa: PLC0415  a tenth of a second that only a template pays

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with Workbook(str(target) if not isinstance(target, io.BytesIO) else target, options) as book:
        book.set_properties(
            {
                "title": contract.title,
                "subject": contract.grain,
                "comments": f"Template of the feed {contract.feed}, contract version {contract.version}",
                "created": CREATED,
            }
        )
        book.set_custom_property("contract_version", contract.version)
        _data_sheet(book, contract)
        _example_sheet(book, contract)
        _about_sheet(book, contract)
        lists_sheet(book, contract)


def describe(column: Column) -> str:
    """What belongs into the cells of a column, in words for the person who fills it in."""
    lines = [column.description, "Required." if column.required else "May stay empty.", type_words(column) + "."]
    if column.unit:
        lines.append(f"Unit: {column.unit}.")
    if range_words(column):
        lines.append(f"Range: {range_words(column)}.")
    if column.allowed:
        lines.append("One of: " + ", ".join(column.allowed) + ".")
    if column.examples:
        lines.append("For example: " + " or ".join(cell_text(value) for value in column.examples) + ".")
    return "\n".join(lines)


def type_words(column: Column) -> str:
    """The type of a column in plain words: `Whole number`, `Text: GLN, 13 digits, …`."""
    if column.identifier == "iso_week":
        return "Date: " + IDENTIFIER_WORDS["iso_week"]
    if column.identifier:
        return f"Text: {IDENTIFIER_WORDS.get(column.identifier, column.identifier)}"
    if column.max_length:
        return f"Text, at most {column.max_length} characters"
    return TYPE_WORDS[column.type]


def range_words(column: Column) -> str:
    """`0 to 500`, `at least 0`, or nothing when the contract sets no range."""
    low, high = column.minimum, column.maximum
    if low is not None and high is not None:
        return f"{number_text(low)} to {number_text(high)}"
    if low is not None:
        return f"at least {number_text(low)}"
    return f"at most {number_text(high)}" if high is not None else ""


def number_text(value: float) -> str:
    """A number without a needless `.0` and never as 1e+11."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def cell_text(value: Any) -> str:
    """A value as it stands in a CSV cell."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _data_sheet(book: Workbook, contract: Contract) -> None:
    sheet = book.add_worksheet(contract.feed[:SHEET_NAME_LENGTH])
    required = book.add_format({"bold": True, "bg_color": "#0B5563", "font_color": "#FFFFFF", "border": 1})
    optional = book.add_format({"bold": True, "bg_color": "#D9EEF0", "font_color": "#10393F", "border": 1})
    for index, column in enumerate(contract.columns):
        sheet.set_column(index, index, _width(column), _cell_format(book, column))
        sheet.write_string(0, index, column.name, required if column.required else optional)
        sheet.write_comment(0, index, describe(column), {"author": "Veinway", "x_scale": 2.2, "y_scale": 1.6})
        sheet.data_validation(1, index, LAST_ROW, index, validation(contract, column))
    sheet.freeze_panes(1, 0)
    sheet.activate()


def _example_sheet(book: Workbook, contract: Contract) -> None:
    sheet = book.add_worksheet("Example")
    bold = book.add_format({"bold": True})
    for index, column in enumerate(contract.columns):
        sheet.set_column(index, index, _width(column), _cell_format(book, column))
        sheet.write_string(0, index, column.name, bold)
        if column.examples:
            _write_value(sheet, 1, index, column.examples[0])
    sheet.freeze_panes(1, 0)


def _about_sheet(book: Workbook, contract: Contract) -> None:
    sheet = book.add_worksheet("About")
    bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    facts = [
        ("Feed", contract.feed),
        ("Contract version", contract.version),
        ("What it is", contract.purpose),
        ("One row", contract.grain),
        ("How to fill it", "Fill the first sheet, below its header. Dark headers are required; hover over a header to read about it."),
        ("Never send", "Names, birth dates, record numbers, phone numbers or anything else that points at a person."),
    ]
    for row, (word, text) in enumerate(facts):
        sheet.write_string(row, 0, word, bold)
        sheet.write_string(row, 1, text, wrap)
    start = len(facts) + 1
    for index, word in enumerate(("Column", "What belongs there")):
        sheet.write_string(start, index, word, bold)
    for row, column in enumerate(contract.columns, start=start + 1):
        sheet.write_string(row, 0, column.name)
        sheet.write_string(row, 1, describe(column), wrap)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 90)


def lists_sheet(book: Workbook, contract: Contract) -> None:
    """The hidden sheet with the words to choose from."""
    # A list typed into a cell rule is cut at 255 characters; a list on a sheet is not.
    sheet = book.add_worksheet("lists")
    for index, column in enumerate(_listed(contract)):
        for row, value in enumerate(choices(column)):
            sheet.write_string(row, index, value)
    sheet.hide()


def choices(column: Column) -> tuple[str, ...]:
    """The values a person picks from: the allowed values, or true and false."""
    return ("true", "false") if column.type == "boolean" else column.allowed


def _listed(contract: Contract) -> list[Column]:
    return [column for column in contract.columns if choices(column)]


def validation(contract: Contract, column: Column) -> dict[str, Any]:
    """What a spreadsheet offers and says in a cell of the column, as xlsxwriter takes it."""
    told = {"input_title": column.name[:LONGEST_TITLE], "input_message": _short(column)}
    if choices(column):
        letter = _letter([item.name for item in _listed(contract)].index(column.name))
        source = f"=lists!${letter}$1:${letter}${len(choices(column))}"
        return {
            "validate": "list",
            "source": source,
            "error_title": column.name[:LONGEST_TITLE],
            "error_message": "Please choose from the list.",
            **told,
        }
    if column.type in {"number", "integer"} and column.minimum is not None and column.maximum is not None:
        kind = "integer" if column.type == "integer" else "decimal"
        message = f"A number from {range_words(column)}, please."
        limits = {"minimum": column.minimum, "maximum": column.maximum}
        return {
            "validate": kind,
            "criteria": "between",
            **limits,
            "error_title": column.name[:LONGEST_TITLE],
            "error_message": message,
            **told,
        }
    return {"validate": "any", **told}


def _short(column: Column) -> str:
    """Beside the cell while it is filled in: what belongs there, its unit, its range, an example."""
    parts = [column.description, "" if column.required else "May stay empty."]
    parts += [f"Unit: {column.unit}." if column.unit else "", f"Range: {range_words(column)}." if range_words(column) else ""]
    # The door looks for numbers of persons in every word of a workbook, and an example may have the form of one.
    parts += [f"Example: {cell_text(column.examples[0])}" if column.examples and column.classification == "internal" else ""]
    text = " ".join(part for part in parts if part)
    return text if len(text) <= LONGEST_MESSAGE else text[: LONGEST_MESSAGE - 1] + "…"


def _letter(index: int) -> str:
    from xlsxwriter.utility import xl_col_to_name  # noqa: PLC0415  as in write_xlsx

    return str(xl_col_to_name(index))


def _cell_format(book: Workbook, column: Column) -> Format:
    # A week may be typed as 2026-W48, and a date cell would keep that as text anyway.
    return book.add_format({"num_format": CELL_FORMATS[column.type]})


def _width(column: Column) -> float:
    longest = max((len(cell_text(value)) for value in (*column.examples, *column.allowed)), default=0)
    return float(min(44, max(len(column.name), longest) + 3))


def _write_value(sheet: Worksheet, row: int, index: int, value: Any) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(row, index, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, index, value)
    else:
        sheet.write_string(row, index, cell_text(value))
