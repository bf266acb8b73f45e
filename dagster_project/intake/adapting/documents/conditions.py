"""Why a row of a document is not taken although it can be read: what its nodes say of themselves, or values that differ for one column."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dagster_project.intake.adapting.documents.walking import Several, evaluate, text_of
from dagster_project.intake.judging.privacy import FREE, cell_class, closeness, value_class
from dagster_project.intake.judging.repeating import MOST_CHARACTERS, has_words, withheld
from dagster_project.intake.receipt import FileRefusedError, Refusal
from dagster_project.wording import one

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Mapping as Dict

    from dagster_project.contracts import Column, Contract
    from dagster_project.intake.adapting.documents.walking import Row
    from dagster_project.intake.adapting.language.model import ColumnMapping, Condition, Mapping

CODE = re.compile(r"[A-Za-z0-9-][A-Za-z0-9_.:+-]{0,39}")
MOST_VALUES = 5
Told = tuple[str, str, str, str]


def untaken(rows: Sequence[tuple[int, Row]], adapter: Mapping) -> dict[int, Told]:
    """The rows, by number, for which a node says something that the adapter does not take: rule, found, expected and how to fix it."""
    known: dict[tuple[int, int], Told | None] = {}
    found: dict[int, Told] = {}
    for number, row in rows:
        for place, condition in enumerate(adapter.only):
            if condition.warns:
                continue
            node = row.nodes.get(condition.of)
            key = (place, id(node))
            if key not in known:
                known[key] = _broken(condition, node)
            if (told := known[key]) is not None:
                found[number] = told
                break
    return found


def unheard(rows: Sequence[tuple[int, Row]], adapter: Mapping) -> Iterator[Refusal]:
    """One warning for each thing that rows say and that no column is made of."""
    for condition in adapter.only:
        if condition.warns:
            nodes = {id(node): (row, node) for _, row in rows if (node := row.nodes.get(condition.of)) is not None}
            told = [(row, found) for row, node in nodes.values() if (found := _broken(condition, node))]
            if told:
                first = told[0][1]
                places = [row.place for row, _ in told if row.place]
                more = f" and {len(places) - MOST_VALUES:,} more" if len(places) > MOST_VALUES else ""
                yield Refusal(None, None, first[0], first[1], first[2], first[3], source_place="; ".join(places[:MOST_VALUES]) + more)


def _broken(condition: Condition, node: Any) -> Told | None:
    wrong = [text for text in _texts(evaluate(condition.path, node)) if text not in condition.taken]
    if not wrong:
        return None
    shown = " and ".join(dict.fromkeys(_named(text, condition.codes) for text in wrong[:MOST_VALUES]))
    taken = " or ".join(_named(code, condition.codes) for code in condition.taken)
    expected = condition.expected or taken or "nothing there"
    return "not_taken", f"{condition.says} {shown}", expected, condition.fix


def _texts(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        text = text_of(item) if item is not False else None
        if isinstance(text, Several):
            yield from text.values
        elif text and text.strip():
            yield text.strip()


def _named(code: str, codes: Dict[str, str]) -> str:
    if not CODE.fullmatch(code) or value_class(code, FREE) is not None:
        return "another word"
    return f"{code} ({codes[code]})" if code in codes else code


def differing(
    rows: Sequence[tuple[int, Row]], cells: Dict[str, Sequence[str | None]], adapter: Mapping, contract: Contract
) -> dict[int, Refusal]:
    """The refusal of every row, by its number, for which a column has values that differ: both are named.

    FileRefusedError when one of them is a direct identifier.
    """
    found: dict[int, Refusal] = {}
    for column in adapter.columns:
        read = [cells[source] for source in column.sources]
        for place, (number, row) in enumerate(rows):
            values = _values([cell[place] for cell in read], column, contract.column(column.column))
            if len(values) > 1 and number not in found:
                found[number] = _refusal(number, row, values, contract.column(column.column))
    return found


def _values(cells: Sequence[str | None], column: ColumnMapping, of: Column) -> tuple[str, ...]:
    """The different values of one column in one row, as they were sent."""
    if not column.agree:
        first = next((cell for cell in cells if cell is not None), None)
        return first.values if isinstance(first, Several) else ()
    words = {theirs.strip().lower(): ours for theirs, ours in column.values.items()}
    allowed = {"true", "false"} if of.type == "boolean" else set(of.allowed)
    meant: dict[str, str] = {}
    for cell in cells:
        for value in cell.values if isinstance(cell, Several) else (cell,) if cell is not None else ():
            ours = words.get(value.lower(), value)
            # A word that says nothing about this column contradicts none that does.
            if not allowed or ours.lower() in allowed:
                meant.setdefault(ours, value)
    return tuple(meant.values())


def _refusal(number: int, row: Row, values: tuple[str, ...], column: Column) -> Refusal:
    place = row.place or None
    if kind := next((kind for value in values if (kind := cell_class(value, column))), None):
        refusal = Refusal(
            number,
            column.name,
            "direct_identifier",
            one(kind),
            "no direct identifier of a person",
            "Remove it and send the document again.",
            source_place=place,
        )
        message = (
            f"The document holds a direct identifier of a person and was not kept: {kind} in {column.name}, {place or f'row {number}'}."
        )
        raise FileRefusedError(f"{message} The value was not stored.", [refusal])
    shown = " and ".join(_shown(value, column) for value in values[:MOST_VALUES])
    more = f" and {len(values) - MOST_VALUES:,} more" if len(values) > MOST_VALUES else ""
    hint = "Nobody can say which of them counts: send the one that does."
    return Refusal(number, column.name, "several_values", shown + more, "one value", hint, source_place=place)


def _shown(value: str, column: Column) -> str:
    if has_words(value) and closeness(column) != FREE:
        return withheld(value)
    return value if len(value) <= MOST_CHARACTERS else f"{value[:MOST_CHARACTERS]}…"
