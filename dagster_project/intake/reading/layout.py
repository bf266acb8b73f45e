"""Where the table of a CSV begins: its letters, its delimiter, its header, and what stands above that."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from dagster_project.intake.reading.encodings import UTF8, broken_letters, encoding_of, settled_encoding
from dagster_project.intake.reading.headers import count_known, require_ordinary_width
from dagster_project.intake.reading.margins import refuse_titles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster_project.contracts import Contract
    from dagster_project.intake.reading.content import Content

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
# A header may stand below a title, but not far down.
HEADER_WITHIN_ROWS = 20
# What Excel reads as "the delimiter of this file".
SEPARATOR_LINE = re.compile(r'"?sep=([^\w\s"]|\t)"?[ ]*(?=\r|\n|$)', re.IGNORECASE)


@dataclass(frozen=True)
class Layout:
    """What was found out before the rows are read. `header_row` is counted from 1; `head` is the beginning of the text."""

    encoding: str
    delimiter: str
    header_row: int
    header: list[str]
    head: str


@dataclass(frozen=True)
class _Candidate:
    delimiter: str
    row: int
    cells: list[str]
    known: int


def lay_out(content: Content, contract: Contract, *, thoroughly: bool) -> Layout:
    """Find the header. `thoroughly` looks at every byte before it settles on the encoding.

    FileRefusedError when letters are broken, or a person is named above the header.
    """
    encoding = settled_encoding(content.head, content.chunks()) if thoroughly else encoding_of(content.head)
    text = _head_text(content, encoding)
    separator = SEPARATOR_LINE.match(text)
    delimiters = [separator.group(1)] if separator else list(DELIMITERS)
    found = _header(text, delimiters, contract, after=1 if separator else 0)
    require_ordinary_width(len(_trimmed(found.cells)), found.row)
    above = [cells for _, cells in islice(_records(text, found.delimiter), found.row - 1)]
    refuse_titles(above[1:] if separator else above, contract)
    return Layout(encoding, found.delimiter, found.row, _trimmed(found.cells), text)


def _header(text: str, delimiters: list[str], contract: Contract, *, after: int) -> _Candidate:
    """The first filled row, or one not far below it when only that names columns of the contract."""
    first = [_candidates(text, delimiter, contract, after=after, rows=1) for delimiter in delimiters]
    best = max((found[0] for found in first), key=lambda found: (found.known, len(found.cells)))
    filled = sum(bool(cell.strip()) for cell in best.cells)
    if best.known * 2 >= filled and best.known:
        return best
    deeper = [found for delimiter in delimiters for found in _candidates(text, delimiter, contract, after=after, rows=HEADER_WITHIN_ROWS)]
    likeliest = max(deeper, key=lambda found: (found.known, len(found.cells), -found.row))
    least = min(2, len(contract.columns))
    return likeliest if likeliest.known >= least and likeliest.known > best.known else best


def _candidates(text: str, delimiter: str, contract: Contract, *, after: int, rows: int) -> list[_Candidate]:
    filled = ((row, cells) for row, cells in _records(text, delimiter) if row > after and any(cell.strip() for cell in cells))
    found = [_Candidate(delimiter, row, cells, count_known(cells, contract)) for row, cells in islice(filled, rows)]
    return found or [_Candidate(delimiter, after + 1, [], 0)]


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The records with their numbers, as far as they can be read."""
    try:
        yield from enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1)
    except csv.Error:
        return


def _trimmed(header: list[str]) -> list[str]:
    while len(header) > 1 and not header[-1].strip():
        header = header[:-1]
    return header


def _head_text(content: Content, encoding: str) -> str:
    head = content.head
    if content.size > len(head) and encoding == UTF8:
        # A cut may fall inside a letter; what is before the last line end is whole.
        head = head[: head.rfind(b"\n") + 1] or head
    is_cut = content.size > len(head)
    try:
        return head.decode(encoding, "ignore" if is_cut and encoding != UTF8 else "strict").lstrip("\ufeff")
    except UnicodeDecodeError as error:
        raise broken_letters(encoding, row=head[: error.start].count(b"\n") + 1) from error
