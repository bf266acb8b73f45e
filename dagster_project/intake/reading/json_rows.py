"""Reading JSON rows: an array of objects, an object around one such array, or one object per line (NDJSON), streamed.

Names are matched like headers, an object inside a row is flattened one level (`site.id`), and numbers stay as they were written.
"""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dagster_project.intake import limits
from dagster_project.intake.adapting.documents.json_text import NumberText, parsed
from dagster_project.intake.judging.privacy import FREE, value_class
from dagster_project.intake.reading.encodings import broken_letters, settled_encoding
from dagster_project.intake.reading.headers import known_names, match_header, normalised
from dagster_project.intake.reading.json_persons import json_class, line_class
from dagster_project.intake.reading.kinds import NDJSON
from dagster_project.intake.reading.numbers import NUMBERS, ONLY_THREE_DECIMALS, POINT_IS_DECIMAL, POINT_MAY_BE_EITHER, doubt_points
from dagster_project.intake.reading.sheet import Ragged, Sheet, load
from dagster_project.intake.receipt import FileRefusedError, Refusal, refuse
from dagster_project.wording import one

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from dagster_project.contracts import Contract
    from dagster_project.intake.reading.content import Content

# A row and its number, or the problem that it is not one.
Entry = tuple[int, "dict[str, Any] | str"]

MAX_LINE_CHARACTERS = 10 * limits.MEGABYTE
MAY_BE_EITHER, PROVES_POINT = re.compile(POINT_MAY_BE_EITHER), re.compile(POINT_IS_DECIMAL)
ROWS_HINT = "Send a list of objects, one for each row, or one object per line."
NAMED = 10
ONE_VALUE_HINT = "Write one value there; a list of things becomes a row for each."


@dataclass
class _Columns:
    """Which column of the contract each name of the document means; found out as names appear."""

    contract: Contract
    # The places of numbers, and of those the ones that have a text such as "1.200"; whether another text proves what its point means.
    numbers: frozenset[int] = field(init=False)
    doubted: set[int] = field(default_factory=set)
    is_point_proven: bool = False
    seen: dict[str, int | None] = field(default_factory=dict)
    looked_at: set[str] = field(default_factory=set)
    beside: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        columns = self.contract.columns
        self.numbers = frozenset(place for place, column in enumerate(columns) if column.type in NUMBERS or column.decimal == ",")

    def place(self, name: str, *, inner: str | None = None) -> int | None:
        """The place of the name's column, or None; `inner` is its own name inside a nested object."""
        if name not in self.seen:
            self.look_at(name)
            if len(self.seen) >= limits.MAX_COLUMNS:
                self.matched()
                raise refuse("header", f"more than {limits.MAX_COLUMNS} names", "the columns of the contract", ROWS_HINT)
            known = known_names(self.contract)
            column = known.get(normalised(name)) or known.get(normalised(inner or ""))
            self.seen[name] = None if column is None else [each.name for each in self.contract.columns].index(column)
        return self.seen[name]

    def look_at(self, name: str) -> None:
        """FileRefusedError when the name itself names a person."""
        if name not in self.looked_at:
            _refuse_person_as_name(name)
            if len(self.looked_at) <= limits.MAX_COLUMNS:
                self.looked_at.add(name)

    def number(self, place: int, text: str) -> str:
        """The cell of a column of numbers. One that is written as text is noticed for what it shows of its point; others need no proof."""
        if type(text) is NumberText:
            return f"{text}0" if text[-4:-3] == "." and re.match(ONLY_THREE_DECIMALS, text) else text
        if self.is_point_proven:
            return text
        if MAY_BE_EITHER.fullmatch(text):
            self.doubted.add(place)
        elif PROVES_POINT.fullmatch(text):
            self.is_point_proven = True
        return text

    def doubted_names(self) -> list[str]:
        """The columns of numbers in which a text has a point that may mean thousands. Where a mapping names the sign there is no doubt."""
        columns = (self.contract.columns[place] for place in sorted(self.doubted))
        return [column.name for column in columns if column.type in NUMBERS]

    def matched(self) -> list[str]:
        """The columns that are there. FileRefusedError when a name is unknown, or a required column is missing."""
        names = [name if place is None else self.contract.columns[place].name for name, place in self.seen.items()]
        return match_header(names, self.contract)


def read(connection: duckdb.DuckDBPyConnection, content: Content, contract: Contract, kind: str) -> Sheet:
    """The rows as numbered text cells. FileRefusedError when there are none to be found, or a name is not the contract's."""
    columns = _Columns(contract)
    ragged: list[Ragged] = []
    entries, word = (_lines(content), "line") if kind == NDJSON else (_entries(content, columns), "entry")
    every = [column.name for column in contract.columns]
    sheet = load(connection, _rows(entries, columns, ragged, word), every)
    if not columns.seen and not ragged:
        raise refuse("empty_file", "no rows", "at least one row", "Fill in the rows and send the file again.")
    if not columns.seen:
        problems = [row.problem for row in ragged if row.problem]
        raise FileRefusedError("None of the rows is a JSON object.", problems[: limits.MAX_RECEIPT_REFUSALS], rows_sent=len(ragged))
    there = columns.matched()
    cells = ", ".join(f"c{every.index(name)} AS c{place}" for place, name in enumerate(there))
    relation = f"(SELECT {cells}, row_number, '{word} ' || row_number AS source_place FROM {sheet.relation})"
    set_aside = sorted([*sheet.ragged, *ragged], key=lambda row: row.row)
    found = replace(
        sheet, columns=there, relation=relation, ragged=set_aside, has_places=True, header=tuple(every), remarks=_left_beside(columns)
    )
    return found if columns.is_point_proven else doubt_points(found, columns.doubted_names())


def _left_beside(columns: _Columns) -> tuple[Refusal, ...]:
    """A warning that names what stands beside the rows and is no column: it may say that there are more pages, or another unit."""
    if not columns.beside:
        return ()
    hint = "Nothing of it is taken: check that these are all the rows, in the units of the contract."
    return (Refusal(None, None, "beside_rows", f"beside the rows: {', '.join(columns.beside[:NAMED])}", "the rows alone", hint),)


def _rows(entries: Iterator[Entry], columns: _Columns, ragged: list[Ragged], word: str) -> Iterator[tuple[int, list[str]]]:
    for number, entry in entries:
        if isinstance(entry, str):
            _refuse_person(line_class(entry), f"in {word} {number}", row=number)
            hint = 'Every row is an object in braces, such as {"name": "value"}.'
            problem = Refusal(number, None, "json", "no JSON object", "one object for each row", hint, source_place=f"{word} {number}")
            ragged.append(Ragged(number, (entry,), problem, is_searched=True))
            continue
        cells, nested = _flattened(entry, columns)
        if nested is not None:
            _refuse_person(
                json_class({name: each for name, each in entry.items() if isinstance(each, dict | list)}), f"in {word} {number}", row=number
            )
        if nested is None:
            yield number, cells
        else:
            problem = Refusal(
                number, nested, "json", "a list, or objects in objects", "one value", ONE_VALUE_HINT, source_place=f"{word} {number}"
            )
            ragged.append(Ragged(number, tuple(cells), problem))


def _flattened(entry: dict[str, Any], columns: _Columns) -> tuple[list[str], str | None]:
    """The cells of a row, and the first name whose value is no single one."""
    cells, nested = [""] * len(columns.contract.columns), None
    for name, value in entry.items():
        if isinstance(value, str):
            known = columns.seen[name] if name in columns.seen else columns.place(name)
            if known is not None:
                cells[known] = columns.number(known, value) if known in columns.numbers else value
            continue
        columns.look_at(name)
        for member, each in _members(name, value, columns):
            whole = name if member is None else f"{name}.{member}"
            place = columns.place(whole, inner=member)
            text = _text(each)
            if text is None:
                nested = nested or (columns.contract.columns[place].name if place is not None else "a nested field")
                text = json.dumps(each, ensure_ascii=False)
            if place is not None:
                cells[place] = columns.number(place, each) if place in columns.numbers and isinstance(each, str) else text
    return cells, nested


def _members(name: str, value: Any, columns: _Columns) -> list[tuple[str | None, Any]]:
    """The value under its name, or the fields of a nested object; of one that stands where a single value belongs there are none."""
    if not isinstance(value, dict):
        return [(None, value)]
    known = known_names(columns.contract)
    is_meant = any(normalised(f"{name}.{member}") in known or normalised(member) in known for member in value)
    return list(value.items()) if is_meant or normalised(name) not in known else [(None, value)]


def _text(value: Any) -> str | None:
    """The value as a cell; None when it is a list or an object with content."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case None:
            return ""
        case _:
            return None if value else ""


def _entries(content: Content, columns: _Columns) -> Iterator[Entry]:
    document = parsed(content.held if content.held is not None else b"".join(content.chunks()))
    shared: dict[str, Any] = {}
    rows = _array(document, shared)
    _refuse_person_beside_rows(shared)
    common = {name: value for name, value in shared.items() if normalised(name) in known_names(columns.contract)}
    # How many rows there are is no news, and an empty value says nothing.
    columns.beside += [name for name, value in shared.items() if name not in common and value and str(value) != str(len(rows))]
    for number, row in enumerate(rows, start=1):
        yield number, {**common, **row} if isinstance(row, dict) else json.dumps(row, ensure_ascii=False)


def _array(document: Any, shared: dict[str, Any]) -> list[Any]:
    """The one array of objects of a document; what stands beside it goes to `shared`."""
    if isinstance(document, list):
        if document and not any(isinstance(row, dict) for row in document):
            raise refuse("json", "a list without objects", "a list of objects", ROWS_HINT)
        return document
    if not isinstance(document, dict):
        raise refuse("json", "a single value", "a list of objects", ROWS_HINT)
    tables = [name for name, value in document.items() if isinstance(value, list) and any(isinstance(row, dict) for row in value)]
    if len(tables) > 1:
        raise refuse("json", f"{len(tables)} lists of objects", "one list with the rows", "Send each list as a file of its own.")
    wrappers = [name for name, value in document.items() if isinstance(value, dict) and _holds_table(value)]
    for name in [*tables, *wrappers[:1]]:
        _refuse_person_as_name(name)
    shared |= {name: value for name, value in document.items() if name not in tables and name not in wrappers[:1]}
    if tables:
        return list(document[tables[0]])
    if wrappers:
        return _array(document[wrappers[0]], shared)
    if any(value for value in document.values() if isinstance(value, list)):
        raise refuse("json", "lists of single values", "a list of objects", ROWS_HINT)
    empty = [name for name, value in document.items() if value == []]
    if empty and len(empty) == 1:
        return []
    shared.clear()
    return [document]


def _holds_table(value: dict[str, Any]) -> bool:
    return any(isinstance(each, list) and any(isinstance(row, dict) for row in each) for each in value.values())


def _refuse_person_as_name(name: str) -> None:
    if kind := value_class(name, FREE):
        hint = "Give it a name that says what it holds, and send the file again."
        raise refuse("direct_identifier", f"{one(kind)} as a name in the JSON", "no direct identifier of a person", hint)


def _refuse_person_beside_rows(shared: dict[str, Any]) -> None:
    for name in shared:
        _refuse_person_as_name(name)
    _refuse_person(json_class(shared), "beside the rows")


def _refuse_person(kind: str | None, where: str, *, row: int | None = None) -> None:
    if kind:
        hint = "Remove it and send the file again."
        raise refuse("direct_identifier", f"{one(kind)} {where}", "no direct identifier of a person", hint, row=row)


def _lines(content: Content) -> Iterator[Entry]:
    encoding = settled_encoding(content.head, content.chunks())
    number = 0
    with _text_of(content, encoding) as text:
        try:
            while line := text.readline(MAX_LINE_CHARACTERS):
                number += 1
                if len(line) == MAX_LINE_CHARACTERS:
                    raise refuse("json", "a line of more than 10 MB", "one object per line", ROWS_HINT, row=number)
                if line.strip(" \t\r\n\ufeff"):
                    yield number, _object(line)
        except UnicodeError as error:
            raise broken_letters(encoding, row=number + 1) from error


def _object(line: str) -> dict[str, Any] | str:
    try:
        # Halves of letters are looked for by the careful parser only: it costs three times as much.
        found = parsed(line.encode()) if "\\ud" in line or "\\uD" in line else DECODER.decode(line)
    except (FileRefusedError, ValueError, RecursionError):
        return line
    return found if isinstance(found, dict) else line


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number")


# Numbers stay as they were written.
DECODER = json.JSONDecoder(parse_float=NumberText, parse_int=NumberText, parse_constant=_no_number, object_pairs_hook=_each_name_once)


def _text_of(content: Content, encoding: str) -> io.TextIOBase:
    if content.held is None:
        return content.located().open(encoding=encoding, newline="\n")
    return io.TextIOWrapper(io.BytesIO(content.held), encoding=encoding, newline="\n")
