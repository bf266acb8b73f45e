"""Which sheet of a workbook has the rows of a feed, where its header stands, and what stands on the others."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from dagster_project.contracts.template import cell_text, choices
from dagster_project.intake.reading.cells import as_text
from dagster_project.intake.reading.headers import count_known
from dagster_project.intake.reading.layout import HEADER_WITHIN_ROWS
from dagster_project.intake.receipt import Refusal, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster_project.contracts import Contract
    from dagster_project.intake.reading.content import Content


@dataclass(frozen=True)
class Table:
    """One sheet: its number in the workbook, its rows, which of them is most like the contract's header, and how many columns that knows."""

    number: int
    sheet: CalamineSheet
    rows: list[list[Any]]
    header_row: int
    known: int
    is_visible: bool


def tables_of(content: Content, contract: Contract) -> list[Table]:
    """Every worksheet with its likeliest header: the row where most cells name a column of the contract, else the first filled one."""
    source = content.source()
    workbook = CalamineWorkbook.from_object(BytesIO(source) if isinstance(source, bytes) else str(source))
    found = []
    for number, about in enumerate(workbook.sheets_metadata, start=1):
        if about.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = workbook.get_sheet_by_name(about.name)
        rows = sheet.to_python(skip_empty_area=False)
        top = [[as_text(cell) for cell in row] for row in rows[:HEADER_WITHIN_ROWS]]
        known, place = max(((count_known(cells, contract), -place) for place, cells in enumerate(top, start=1)), default=(0, 0))
        first_filled = next((number for number, row in enumerate(rows, start=1) if any(as_text(cell).strip() for cell in row)), 0)
        is_visible = about.visible == SheetVisibleEnum.Visible
        found.append(Table(number, sheet, rows, -place if known else first_filled, known, is_visible))
    return found


def hidden_rows(tables: list[Table], contract: Contract) -> Iterator[Refusal]:
    """A warning for each hidden sheet that is not our own template's list of words: nothing of it enters."""
    words = {"", *(word for column in contract.columns for word in choices(column))}
    for table in tables if not all(table.is_visible for table in tables) else ():
        rows = [{as_text(cell).strip() for cell in row} for row in table.rows] if not table.is_visible else []
        count = sum(any(cells) for cells in rows)
        if any(cells - words for cells in rows):
            found = f"sheet {table.number} is hidden and was not read: {count:,} row{'s' * (count != 1)}"
            hint = "Make it visible and send it as a file of its own if it belongs to the feed; else remove it."
            yield Refusal(None, None, "hidden_sheet", found, "every row on one visible sheet", hint)


def refuse_second_table(table: Table, visible: list[Table], contract: Contract) -> None:
    """Rows on a second sheet would be left out without a word. The example in our own template is none."""
    for other in visible:
        below = [[as_text(cell).strip() for cell in row] for row in other.rows[other.header_row :]] if other is not table else []
        filled = [row for row in below if any(row)]
        is_table = other is not table and other.known >= max(2, table.known / 2)
        if is_table and filled and not _is_example(filled, contract):
            raise refuse(
                "second_table",
                f"rows of this feed on sheet {table.number} and on sheet {other.number}",
                "one visible sheet with the rows",
                "Put all rows on one sheet, or send each sheet as a file of its own.",
            )


def _is_example(rows: list[list[str]], contract: Contract) -> bool:
    examples = [cell_text(column.examples[0]) if column.examples else "" for column in contract.columns]
    return len(rows) == 1 and all(cell in (example, "") for cell, example in zip(rows[0], examples, strict=False))
