"""From bytes to a verdict: read the format, type the cells, screen for identifiers, apply the rules. Nothing is written here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from dagster_project.contracts.rules import quoted
from dagster_project.intake.judging.screening import refuse_identifiers
from dagster_project.intake.judging.staging import discard, stage
from dagster_project.intake.judging.verdicts import judge
from dagster_project.intake.reading import content as kinds
from dagster_project.intake.reading import csv_text, parquet, workbook
from dagster_project.intake.receipt import ACCEPTED, PARTLY_ACCEPTED, REFUSED, FileRefusedError, Refusal, refuse

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from dagster_project.contracts import Contract
    from dagster_project.intake.judging.staging import Staged
    from dagster_project.intake.reading.content import Content, Survey
    from dagster_project.intake.reading.sheet import Sheet

ALL_OR_NOTHING = "all_or_nothing"


@dataclass(frozen=True)
class Outcome:
    """The verdict on a file. `is_clear_of_identifiers`: every cell was read and none names a person, so the bytes may be kept."""

    status: str
    rows_sent: int
    rows_accepted: int
    rows_refused: int
    refusals: tuple[Refusal, ...]
    message: str
    is_clear_of_identifiers: bool
    period_from: str | None = None
    period_to: str | None = None


def examine(
    connection: duckdb.DuckDBPyConnection, content: Content, surveyed: Survey, contract: Contract, *, as_of: dt.datetime
) -> Outcome:
    """Judge a file. Afterwards `staged` holds its rows and `refusal`, when any row is refused, the reasons."""
    connection.execute("SET VARIABLE as_of = CAST($1 AS TIMESTAMPTZ)", [as_of.isoformat()])
    try:
        with content.open_path() as path:
            return _examine(connection, path, content, surveyed, contract)
    except FileRefusedError as refused:
        return refused_outcome(refused)


def refused_outcome(refused: FileRefusedError) -> Outcome:
    """The verdict on a file that is refused whole before its rows were judged."""
    return Outcome(
        REFUSED, refused.rows_sent, 0, refused.rows_sent, tuple(refused.refusals), refused.message, is_clear_of_identifiers=False
    )


def _examine(connection: duckdb.DuckDBPyConnection, path: Path, content: Content, surveyed: Survey, contract: Contract) -> Outcome:
    sheet, staged = _read(connection, path, content, surveyed, contract)
    rows = staged.rows + len(sheet.ragged)
    if not rows:
        raise refuse("empty_file", "a header without rows", "at least one row", "Fill in the rows and send the file again.")
    refuse_identifiers(connection, sheet, contract, staged)
    verdicts = judge(connection, sheet, contract, staged)
    refused = verdicts.rows_refused
    if refused and contract.refusal_policy == ALL_OR_NOTHING:
        message = f"Nothing was accepted: {refused:,} of {_rows(rows)} broke a rule, and this feed is taken whole or not at all."
        return Outcome(REFUSED, rows, 0, rows, verdicts.first, message, is_clear_of_identifiers=True)
    accepted = rows - refused
    status = ACCEPTED if not refused else PARTLY_ACCEPTED if accepted else REFUSED
    period = _period(connection, contract, has_refusals=bool(refused)) if accepted else (None, None)
    return Outcome(status, rows, accepted, refused, verdicts.first, _message(accepted, refused), True, *period)


def _read(
    connection: duckdb.DuckDBPyConnection, path: Path, content: Content, surveyed: Survey, contract: Contract
) -> tuple[Sheet, Staged]:
    """The cells of the file and what was staged from them."""
    kind = kinds.kind_of(content)
    if kind == kinds.PARQUET:
        sheet = parquet.scan(connection, path, contract)
        try:
            return sheet, stage(connection, sheet, contract)
        except duckdb.Error:
            raise refuse("file_kind", "a damaged Parquet file", "a Parquet file", parquet.DAMAGED_HINT) from None
    if kind == kinds.XLSX:
        sheet = workbook.read(connection, content, contract)
    elif surveyed.has_nul:
        raise refuse("encoding", "NUL bytes", "text in UTF-8", kinds.SAVE_AS_CSV)
    else:
        plain = content.held is None and not surveyed.has_bare_return
        scanned = _scan(connection, path, content, surveyed, contract) if plain else None
        if scanned is not None:
            return scanned
        sheet = csv_text.read_exactly(connection, content, contract)
    return sheet, stage(connection, sheet, contract)


def _scan(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    content: Content,
    surveyed: Survey,
    contract: Contract,
) -> tuple[Sheet, Staged] | None:
    """The fast way for a large CSV; None when its rows are not its lines, or do not fit: then only the exact reader can number them."""
    sheet = csv_text.scan(path, content, contract)
    try:
        staged = stage(connection, sheet, contract)
    except duckdb.Error:
        # Its message would repeat the line; the exact reader finds and numbers every such row.
        return None
    if staged.rows_read + sheet.first_row - 1 == surveyed.lines:
        return sheet, staged
    discard(connection, staged)
    return None


def _period(connection: duckdb.DuckDBPyConnection, contract: Contract, *, has_refusals: bool) -> tuple[str | None, str | None]:
    """First and last day of the plan in the accepted rows, for feeds that have a period."""
    if contract.period is None:
        return None, None
    day = f"CAST({quoted(contract.period)} AS DATE)"
    where = " WHERE row_number NOT IN (SELECT row_number FROM refusal)" if has_refusals else ""
    first, last = connection.execute(f"SELECT CAST(min({day}) AS VARCHAR), CAST(max({day}) AS VARCHAR) FROM staged{where}").fetchall()[0]
    return first, last


def _message(accepted: int, refused: int) -> str:
    if not refused:
        return f"All {_rows(accepted)} accepted." if accepted > 1 else "The row was accepted."
    if not accepted:
        return f"Nothing was accepted: {_rows(refused)} broke a rule."
    return f"{_rows(accepted)} accepted, {_rows(refused)} refused. Correct the refused rows and send the file again."


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"
