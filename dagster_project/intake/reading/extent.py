"""How far the cells of a worksheet reach: one stray cell at its far end would make a table of billions of empty ones."""

from __future__ import annotations

import re
from collections import deque
from io import BytesIO
from typing import TYPE_CHECKING

from python_calamine import CalamineWorkbook

from dagster_project.intake import limits
from dagster_project.intake.reading.archives import opened_archive
from dagster_project.intake.reading.marks import column_number, sheet_parts
from dagster_project.intake.receipt import FileRefusedError, refuse

if TYPE_CHECKING:
    from dagster_project.intake.reading.content import Content

# A cheap look: whether any cell stands beyond the 26th column.
BEYOND_Z = re.compile(rb"r=[\"'][A-Z]{2}")
# A cell with something in it.
FILLED, FILLED_BEYOND_Z = (
    re.compile(rb"<(?:\w+:)?c\b[^>]*?\br=[\"']([A-Z]{" + letters + rb"})([0-9]{1,7})[\"'][^>]*(?<!/)>\s*<(?!/)")
    for letters in (b"1,3", b"2,3")
)
# What closes the value of a cell, whatever the prefix of its name; counting is far quicker than looking for whole cells.
VALUES = (b"v>", b"is>")
LETTERS = 26
TAIL_BYTES = 65_536
# From so many cells on, a table that fills hardly any of them is none.
MANY_CELLS, LEAST_FILLED = 5_000_000, 0.02


def opened_workbook(content: Content) -> CalamineWorkbook:
    """The workbook, once it is known that no cell of any sheet stands so far out that reading would not end. FileRefusedError otherwise."""
    source = content.source()
    with opened_archive(source) as archive:
        for number, name in enumerate(sheet_parts(archive), start=1):
            require_ordinary_extent(archive.read(name) if name else b"", number)
    return CalamineWorkbook.from_object(BytesIO(source) if isinstance(source, bytes) else str(source))


def require_ordinary_extent(xml: bytes, number: int) -> None:
    """FileRefusedError, naming the cell of sheet `number`, when one stands far from all others."""
    last = _last_filled(xml)
    if last is None:
        return
    widest = LETTERS
    for cell in FILLED_BEYOND_Z.finditer(xml) if BEYOND_Z.search(xml) else ():
        widest = max(widest, column_number(cell.group(1).decode()))
        if widest > limits.MAX_COLUMNS:
            raise _stray(_name(cell), number)
    cells = int(last.group(2)) * widest
    if cells > MANY_CELLS and sum(map(xml.count, VALUES)) / 2 < LEAST_FILLED * cells:
        raise _stray(_name(last), number)


def _last_filled(xml: bytes) -> re.Match[bytes] | None:
    """The last cell with something in it; looked for in the tail first, because most sheets end with one."""
    tail = deque(FILLED.finditer(xml[-TAIL_BYTES:]), maxlen=1) or deque(FILLED.finditer(xml), maxlen=1)
    return tail[0] if tail else None


def _name(cell: re.Match[bytes]) -> str:
    return (cell.group(1) + cell.group(2)).decode()


def _stray(cell: str, number: int) -> FileRefusedError:
    hint = f"Delete what stands in {cell} (or the empty rows and columns before it), save the workbook and send it again."
    return refuse("stray_cell", f"a cell at {cell} of sheet {number}, far from the table", "one table without far-off cells", hint)
