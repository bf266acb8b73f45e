"""A workbook that the door marked itself and gets back corrected: known by its sheet "Errors", its guarded texts as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dagster_project.contracts.spreadsheet import ERRORS_SHEET, ERRORS_TITLE, EXCERPT_TITLE, unguarded
from dagster_project.intake.receipt import refuse

if TYPE_CHECKING:
    from collections.abc import Iterable


def is_marked_by_us(sheets: Iterable[tuple[str, list[list[Any]]]]) -> bool:
    """Whether one of the sheets (name and rows) is the one that tells what to correct. FileRefusedError when only a part of a plan came back."""
    title = next((_first_cell(rows) for name, rows in sheets if name == ERRORS_SHEET), "")
    if title == EXCERPT_TITLE:
        raise refuse(
            "excerpt",
            "a workbook with only the rows to correct",
            "the whole plan, because a plan replaces the one before",
            "Correct these rows in your own file and send that.",
        )
    return title == ERRORS_TITLE


def give_texts_back(rows: list[list[Any]]) -> None:
    """Take off, in place, the apostrophes that kept a spreadsheet from running a text as a formula."""
    for cells in rows:
        for place, cell in enumerate(cells):
            if isinstance(cell, str) and cell.startswith("'"):
                cells[place] = unguarded(cell)


def _first_cell(rows: list[list[Any]]) -> str:
    return str(rows[0][0]).strip() if rows and rows[0] else ""
