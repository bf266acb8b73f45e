"""From the sender's cells to the contract's text, column by column, as DuckDB SQL: set-based, so that millions of rows are fine.

A value that cannot be converted stays what it was, so that the rule of the contract refuses it by name; it is never silently empty.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dagster_project.contracts.rules import literal, number_sql
from dagster_project.intake.adapting.language.converters import CONVERTERS
from dagster_project.intake.adapting.language.styles import day_sql, time_sql
from dagster_project.intake.adapting.language.units import step, steps_to
from dagster_project.intake.judging.staging import text_sql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dagster_project.contracts import Column, Contract
    from dagster_project.intake.adapting.language.model import ColumnMapping, Mapping
    from dagster_project.intake.reading.sheet import Sheet

# What may stand between the thousands of a number, beside the point or comma.
GROUPS = r" '\x{A0}\x{202F}\x{2009}"


def converted(sheet: Sheet, mapping: Mapping, contract: Contract) -> Sheet:
    """The sheet with the contract's columns. Its columns before are what the mapping calls its sources: headers, or paths in a document.

    A column whose sources the sheet does not have is not there afterwards either.
    """
    columns = [column for column in mapping.columns if not column.sources or any(sheet.cell(source) for source in column.sources)]
    keep = [*(["row_number"] if sheet.is_numbered else []), *(["source_place"] if sheet.has_places else [])]
    relation = _layer(_trimmed(sheet), sheet.relation, keep)
    relation = _layer(_picked(columns, sheet), relation, keep)
    for place, _ in enumerate(_steps()):
        relation = _layer(_stepped(columns, contract, place), relation, keep)
    read = {column.column: f"o{place}" for place, column in enumerate(columns) if column.sources}
    return replace(
        sheet,
        columns=[column.column for column in columns],
        relation=relation,
        with_numbers=None,
        own_names={column.column: " or ".join(column.sources) for column in columns if column.sources},
        originals=read,
    )


def _layer(values: Iterator[tuple[str, str]], relation: str, keep: Sequence[str]) -> str:
    # One subquery per step: nested expressions would repeat each other, twice as long with every step.
    return f"(SELECT {', '.join([*(f'{sql} AS {name}' for name, sql in values), *keep])} FROM {relation})"


def _trimmed(sheet: Sheet) -> Iterator[tuple[str, str]]:
    """Every cell as s0, s1 …, without the space around it, and `is_blank` for a row without any."""
    for place, _ in enumerate(sheet.columns):
        yield f"s{place}", f"c{place}" if sheet.is_numbered else text_sql(f"c{place}")


def _picked(columns: Sequence[ColumnMapping], sheet: Sheet) -> Iterator[tuple[str, str]]:
    """For each column its value x, its unit u where the sheet says it, and the original o."""
    every = ", ".join(f"s{place}" for place, _ in enumerate(sheet.columns)) or "NULL"
    for place, column in enumerate(columns):
        if column.constant is not None:
            # An empty line of the file stays one.
            yield (
                f"x{place}",
                literal(column.constant)
                if sheet.is_numbered
                else f"CASE WHEN coalesce({every}) IS NOT NULL THEN {literal(column.constant)} END",
            )
            continue
        cells = [f"s{sheet.columns.index(source)}" for source in column.sources if source in sheet.columns]
        captured = [_captured(cell, column.not_captured) for cell in cells]
        unit = f"s{sheet.columns.index(column.unit_from)}" if column.unit_from in sheet.columns else "NULL"
        yield f"x{place}", f"coalesce({', '.join(captured)})"
        yield f"u{place}", unit if column.unit_from else "NULL"
        original = f"coalesce({', '.join([*captured, *cells])})"
        yield f"o{place}", f"{original} || coalesce(' ' || {unit}, '')" if column.unit_from else original


def _captured(cell: str, not_captured: Sequence[str]) -> str:
    """The cell, or NULL where it says in words that there is none; a * in the words stands for anything."""
    words = [literal(text.strip().lower()) for text in not_captured if "*" not in text]
    likes = [_like(text.strip().lower()) for text in not_captured if "*" in text]
    tests = [*([f"lower({cell}) IN ({', '.join(words)})"] if words else []), *(f"lower({cell}) LIKE {like} ESCAPE '!'" for like in likes)]
    return f"CASE WHEN {' OR '.join(tests)} THEN NULL ELSE {cell} END" if tests else cell


def _like(text: str) -> str:
    escaped = text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return literal(escaped.replace("*", "%"))


def _stepped(columns: Sequence[ColumnMapping], contract: Contract, number: int) -> Iterator[tuple[str, str]]:
    steps = _steps()
    is_last = number == len(steps) - 1
    for place, column in enumerate(columns):
        value = f"x{place}"
        yield (
            f"c{place}" if is_last else value,
            value if column.constant is not None else steps[number](column, contract.column(column.column), value, f"u{place}"),
        )
        if column.constant is None:
            yield f"o{place}", f"o{place}"
            if not is_last:
                yield f"u{place}", f"u{place}"


def _steps() -> tuple[Callable[[ColumnMapping, Column, str, str], str], ...]:
    return (_renamed, _reworded, _dated, _decimal, _in_unit)


def _renamed(column: ColumnMapping, of: Column, value: str, unit: str) -> str:
    del of, unit
    for name in column.convert:
        value = CONVERTERS[name][0](value)
    return value


def _reworded(column: ColumnMapping, of: Column, value: str, unit: str) -> str:
    """Their word for the contract's; with a table of words also the contract's own words in other letters."""
    del unit
    if not column.values:
        return value
    words = {word.lower(): word for word in of.allowed} | {theirs.strip().lower(): ours for theirs, ours in column.values.items()}
    cases = " ".join(f"WHEN {literal(theirs)} THEN {literal(ours)}" for theirs, ours in words.items())
    return f"CASE lower({value}) {cases} ELSE {value} END"


def _dated(column: ColumnMapping, of: Column, value: str, unit: str) -> str:
    del unit
    if of.type == "timestamp" and (column.dates or column.zone):
        return time_sql(value, column.dates, column.zone)
    return day_sql(value, column.dates) if of.type == "date" else value


def _decimal(column: ColumnMapping, of: Column, value: str, unit: str) -> str:
    """A number with the sign of its decimals, and of its thousands, as the contract writes it."""
    del of, unit
    if column.decimal is None:
        return value
    other = "." if column.decimal == "," else ","
    form = f"[+-]?([0-9]{{1,3}}([{other}{GROUPS}][0-9]{{3}})+|[0-9]+)([{column.decimal}][0-9]+)?"
    plain = f"replace(regexp_replace({value}, '[{other}{_in_sql(GROUPS)}]', '', 'g'), '{column.decimal}', '.')"
    return f"CASE WHEN regexp_full_match({value}, '{_in_sql(form)}') THEN {plain} ELSE {value} END"


def _in_sql(pattern: str) -> str:
    return pattern.replace("'", "''")


def _in_unit(column: ColumnMapping, of: Column, value: str, unit: str) -> str:
    """The number in the contract's unit. Where nobody knows its unit the number is told with it, which no rule takes for a number."""
    if column.unit is None and column.unit_from is None:
        return value
    own = step(column.unit, str(of.unit)) if column.unit else None
    known = _scaled(value, own.scale, own.offset) if own else f"{value} || ' (no unit)'"
    if column.unit_from is None:
        return f"coalesce({known}, {value})"
    cases = " ".join(
        f"WHEN {literal(name)} THEN {_scaled(value, there.scale, there.offset)}" for name, there in steps_to(str(of.unit)).items()
    )
    return f"CASE WHEN {unit} IS NULL THEN coalesce({known}, {value}) ELSE coalesce(CASE lower({unit}) {cases} END, {value} || ' ' || {unit}) END"


def _scaled(value: str, scale: float, offset: float) -> str:
    number = number_sql(value)
    if scale == 1 and offset == 0:
        return f"CASE WHEN {number} IS NOT NULL THEN {value} END"
    return f"CAST(round({number} * {scale!r} + {offset!r}, 9) AS VARCHAR)"
