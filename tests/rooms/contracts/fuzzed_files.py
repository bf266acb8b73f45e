"""Made-up files of a feed with planted mistakes of every rule form: what people do to a table, at random but repeatable."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import TYPE_CHECKING, Any

from dagster_project.contracts.identifiers import is_valid

if TYPE_CHECKING:
    import random

    from dagster_project.contracts import Column, Contract

AS_OF = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)
Row = dict[str, Any]


def fuzzed_file(held: Contract, rng: random.Random) -> bytes:
    """A CSV file of 1 to 12 rows. Some files stay close to clean, so that single rules break alone."""
    wildness = rng.choice((0.0, 0.03, 0.15, 0.5))
    rows: list[Row] = []
    for number in range(rng.randint(1, 12)):
        # Rules over several rows only speak of rows that share something.
        row = dict(rng.choice(rows)) if rows and rng.random() < 0.5 else example_row(held)
        if rng.random() < 0.8:
            row |= {name: _another(held.column(name), row[name], number) for name in held.key}
        for column in held.columns:
            if rng.random() < wildness:
                row[column.name] = _odd_value(column, rng)
        if held.rules and rng.random() < 0.4:
            _break(held, row, rows, rng)
        rows.append(row)
    return as_csv(held, rows)


def example_row(held: Contract) -> Row:
    """The contract's examples, made to keep its rules."""
    row = {column.name: _typed(column, column.examples[0]) for column in held.columns}
    for rule in held.rules:
        if rule.form == "empty_when" and all(row[name] in values for name, values in rule.arguments["when"].items()):
            row[rule.arguments["column"]] = None
        if rule.form == "not_after_submission":
            column = held.column(rule.arguments["column"])
            row[column.name] = min(row[column.name], AS_OF.date() if column.type == "date" else AS_OF)
    return row


def _break(held: Contract, row: Row, before: list[Row], rng: random.Random) -> None:
    """Plant the mistake that one of the contract's rules is about."""
    rule = rng.choice(held.rules)
    terms = rule.arguments
    match rule.form:
        case "ascending":
            low, high = sorted(rng.sample(range(len(terms)), 2))
            row[terms[low]], row[terms[high]] = row[terms[high]], row[terms[low]]
        case "required_when" | "empty_when":
            row |= {name: rng.choice(values) for name, values in terms["when"].items()}
            column = held.column(terms["column"])
            row[column.name] = None if rule.form == "required_when" else _typed(column, column.examples[0])
        case "longest":
            row[terms["to"]] = row[terms["from"]] and row[terms["from"]] + dt.timedelta(
                hours=int(terms["hours"]), minutes=rng.choice((0, 1))
            )
        case "not_before_week_of_submission":
            row[terms["column"]] = AS_OF.date() - dt.timedelta(days=rng.choice((4, 5, 12)))
        case "not_after_submission":
            column = held.column(terms["column"])
            later = AS_OF + dt.timedelta(hours=rng.choice((0, 1, 13, 40)))
            row[column.name] = later.date() if column.type == "date" else later
        case "unique" | "no_overlap" | "same_within" | "in_step_order" if before:
            other = rng.choice(before)
            shared = terms if rule.form == "unique" else [*terms["group"], *(terms[name] for name in ("start", "end") if name in terms)]
            row |= {name: other[name] for name in shared}
            if rule.form == "same_within":
                row[terms["column"]] = _odd_value(held.column(terms["column"]), rng)
            if rule.form == "in_step_order":
                row[terms["step"]] = rng.choice(terms["order"])
                row[terms["at"]] = other[terms["at"]] and other[terms["at"]] + dt.timedelta(hours=rng.choice((-30, 0, 30)))
        case _:
            column = rng.choice(held.columns)
            row[column.name] = _odd_value(column, rng)


def _another(column: Column, value: Any, number: int) -> Any:
    """The same kind of value for another row."""
    if value is None:
        return None
    if column.type == "date":
        return value + dt.timedelta(weeks=number)
    if column.type == "timestamp":
        return value + dt.timedelta(minutes=15 * number)
    if column.type == "integer":
        return value + number
    if column.type != "string" or column.allowed:
        return value
    if column.identifier in ("gln", "gtin", "sscc") and is_valid(column.identifier, value):
        return _with_check_digit(column.identifier, f"{int(value[:-1]) + 7 * number:0{len(value) - 1}}")
    return f"{value[:-1]}{(int(value[-1]) + number) % 10}" if value[-1:].isdigit() else value


def _with_check_digit(kind: str, body: str) -> str:
    return next(f"{body}{digit}" for digit in range(10) if is_valid(kind, f"{body}{digit}"))


def _odd_value(column: Column, rng: random.Random) -> Any:
    if rng.random() < 0.2:
        return None
    usual = _typed(column, column.examples[0])
    if column.type == "string":
        long = "É" * ((column.max_length or 5) + rng.randint(0, 1))
        return rng.choice([*column.allowed, "done", usual, usual[:-1] or "x", usual.lower(), usual + "O", long])
    return other_value(column, usual, rng)


def other_value(column: Column, usual: Any, rng: random.Random) -> Any:
    """A value of a column that holds no text, near the usual one or at an edge of what it may be."""
    if column.type == "boolean":
        return rng.choice([True, False])
    if column.type in {"number", "integer"}:
        edges = [usual, column.minimum, column.maximum, (column.minimum or 0) - 1, (column.maximum or 0) + 1, usual + 1, usual - 1, 0]
        value = rng.choice([edge for edge in edges if edge is not None])
        return int(value) if column.type == "integer" else float(value)
    return usual + (dt.timedelta(days=rng.randint(-40, 40)) if column.type == "date" else dt.timedelta(hours=rng.randint(-900, 900)))


def _typed(column: Column, value: Any) -> Any:
    if column.type == "date":
        return dt.date.fromisoformat(str(value))
    if column.type == "timestamp":
        return dt.datetime.fromisoformat(str(value)).astimezone(dt.UTC)
    return float(value) if column.type == "number" else value


def as_csv(held: Contract, rows: list[Row]) -> bytes:
    """The rows as the file a partner sends."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in held.columns])
    writer.writerows([_cell(row[column.name]) for column in held.columns] for row in rows)
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, dt.date) else str(value)
