"""References that nothing answers to yet: values that no landed row of the other feed has. Computed when shown, so they clear themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dagster_project import register
from dagster_project.contracts import contract as contract_of
from dagster_project.contracts.rules import quoted
from dagster_project.intake.answering import known
from dagster_project.intake.answering.landed import landed
from dagster_project.intake.answering.suggestions import RULE_OF_REFERENCES, nearest, publishers_for
from dagster_project.intake.engine import cursor
from dagster_project.intake.receipt import Refusal
from dagster_project.wording import one

if TYPE_CHECKING:
    from collections.abc import Collection

    import duckdb

    from dagster_project.contracts import Column, Contract

MOST_TOLD = 100


def open_references(submission_id: str) -> list[Refusal]:
    """The open references of an accepted submission, in the order of its columns and rows; a refused one has none."""
    row = register.submission(submission_id)
    if row is None or row["landing_path"] is None:
        return []
    with cursor() as connection:
        return open_references_of(
            connection, contract_of(row["feed"]), landed(row["landing_path"]), publishers=publishers_for(row["partner_id"])
        )


def open_references_of(
    connection: duckdb.DuckDBPyConnection, contract: Contract, relation: str, *, publishers: Collection[str]
) -> list[Refusal]:
    """The same for a relation with the contract's columns and `row_number`, such as a file before it is sent. At most a hundred per column."""
    return [
        finding
        for column in contract.columns
        if column.reference is not None
        for finding in _of_column(connection, contract, column, relation, publishers=publishers)
    ]


def _of_column(
    connection: duckdb.DuckDBPyConnection, contract: Contract, column: Column, relation: str, *, publishers: Collection[str]
) -> list[Refusal]:
    feed, name = column.reference or ("", "")
    column_sql = quoted(column.name)
    rows = connection.execute(
        f"SELECT CAST({column_sql} AS VARCHAR), min(row_number), count(*) FROM {relation}"
        f" WHERE {column_sql} IS NOT NULL GROUP BY 1 ORDER BY 2"
    ).fetchall()
    # A file may answer to itself: an appointment that follows another one of the same file.
    own = _own_values(connection, relation, name) if feed == contract.feed else set()
    unanswered = known.missing(connection, {value for value, _, _ in rows} - own, feed=feed, column=name)
    found = [row for row in rows if row[0] in unanswered]
    meant = nearest(connection, [value for value, _, _ in found[:MOST_TOLD]], column, publishers=publishers)
    told = [_finding(column, *row, meant=meant.get(row[0])) for row in found[:MOST_TOLD]]
    if len(found) > MOST_TOLD:
        rest = replace(told[-1], row=None, found=f"and {len(found) - MOST_TOLD:,} more values")
        told.append(rest)
    return told


def _own_values(connection: duckdb.DuckDBPyConnection, relation: str, name: str) -> set[str]:
    return {value for (value,) in connection.execute(f"SELECT DISTINCT CAST({quoted(name)} AS VARCHAR) FROM {relation}").fetchall()}


def _finding(column: Column, value: str, row: int, count: int, *, meant: str | None) -> Refusal:
    feed, name = column.reference or ("", "")
    title = contract_of(feed).title.lower()
    question = f"Did you mean {meant}? If not, n" if meant else "N"
    times = "" if count == 1 else f" (in {count:,} rows)"
    return Refusal(
        row,
        column.name,
        RULE_OF_REFERENCES,
        f"{value}{times}",
        f"{one(name)} that a file of the feed “{title}” has",
        f"{question}othing needs to be done: this note goes away when that file arrives.",
    )
