"""From bytes to a verdict: read the format, type the cells, screen for identifiers, apply the rules. Nothing is written here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import duckdb

from dagster_project.contracts.rules import quoted
from dagster_project.intake.adapting.sheets.mapping import DOCUMENTS, read_mapped
from dagster_project.intake.judging.screening import refuse_identifiers
from dagster_project.intake.judging.staging import discard, stage
from dagster_project.intake.judging.verdicts import judge
from dagster_project.intake.reading.content import Survey, has_odd_numbers, kind_of, survey
from dagster_project.intake.reading.kinds import is_text_table
from dagster_project.intake.reading.read import File, read
from dagster_project.intake.reading.unwrap import left_out, unwrapped
from dagster_project.intake.receipt import ACCEPTED, PARTLY_ACCEPTED, REFUSED, FileRefusedError, Refusal, refuse
from dagster_project.wording import count_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from dagster_project.contracts import Contract
    from dagster_project.intake.adapting.language.model import Mapping
    from dagster_project.intake.judging.staging import Staged
    from dagster_project.intake.reading.content import Content
    from dagster_project.intake.reading.sheet import Sheet

ALL_OR_NOTHING = "all_or_nothing"
PLAN = "snapshot"
# How many lines a file has whose survey is still being made.
UNKNOWN = -2
Ahead = tuple["Sheet", "Staged"]


@dataclass(frozen=True)
class Outcome:
    """The verdict on a file. `is_clear_of_identifiers`: every cell was read and none names a person, so the bytes may be kept.

    `redacted` are the bytes to keep instead, where the format has places that must not be stored.
    """

    status: str
    rows_sent: int
    rows_accepted: int
    rows_refused: int
    refusals: tuple[Refusal, ...]
    message: str
    is_clear_of_identifiers: bool
    period_from: str | None = None
    period_to: str | None = None
    rows_warned: int = 0
    warnings: tuple[Refusal, ...] = ()
    format: str | None = None
    mapping: str | None = None
    looks_like: str | None = None
    redacted: bytes | None = None


def examine(  # noqa: PLR0913 - what is known of a file, each by its name
    connection: duckdb.DuckDBPyConnection,
    content: Content,
    surveyed: Survey,
    contract: Contract,
    *,
    partner: str | None,
    as_of: dt.datetime,
    role: str | None = None,
    mapping: Mapping | None = None,
    ahead: Ahead | None = None,
) -> Outcome:
    """Judge a file of a `partner` with a `role`, by `mapping` where one is given to try; `ahead` is what was staged of it on this connection already. Afterwards `staged` holds its rows and, when any row is refused, `refusal` the reasons."""
    connection.execute("SET VARIABLE as_of = CAST($1 AS TIMESTAMPTZ)", [as_of.isoformat()])
    connection.execute("SET VARIABLE sender_role = CAST($1 AS VARCHAR)", [role])
    found = None
    try:
        with unwrapped(content) as (inner, wrapping):
            kind = kind_of(inner)
            found = kind + wrapping
            told = surveyed if inner is content else survey(inner)
            with inner.open_path() as path:
                file = File(inner, path, told, kind, partner, mapping)
                sheet, staged = ahead or _staged(connection, file, contract)
                sheet = replace(sheet, remarks=(*left_out(content, wrapping), *sheet.remarks))
                return replace(_examine(connection, contract, sheet, staged), format=found)
    except FileRefusedError as refused:
        return replace(refused_outcome(refused), format=found)


def refused_outcome(refused: FileRefusedError) -> Outcome:
    """The verdict on a file that is refused whole before its rows were judged."""
    return Outcome(
        REFUSED,
        refused.rows_sent,
        0,
        refused.rows_sent,
        tuple(refused.refusals),
        refused.message,
        is_clear_of_identifiers=False,
        looks_like=refused.looks_like,
    )


def reads_ahead(content: Content) -> bool:
    """Whether a file is worth being staged before its bytes are surveyed: a large table of text."""
    return content.held is None and is_text_table(content.head)


def stage_ahead(
    connection: duckdb.DuckDBPyConnection,
    content: Content,
    contract: Contract,
    *,
    partner: str | None,
    mapping: Mapping | None,
    survey: Callable[[], Survey],
) -> Ahead | None:
    """What is staged of a file that `reads_ahead` while its survey is made, on the assumption that it tells nothing unusual.

    None when it did, or when the file does not read cleanly; the connection is then of no further use.
    """
    head = content.head
    assumed = Survey("", content.size, UNKNOWN, False, False, has_quote=b'"' in head, has_odd_numbers=has_odd_numbers(head))
    try:
        sheet = _read(connection, File(content, content.located(), assumed, kind_of(content), partner, mapping), contract, exactly=False)
        staged = stage(connection, sheet, contract)
    except (FileRefusedError, duckdb.Error):
        return None
    told = survey()
    if replace(assumed, sha256=told.sha256, lines=told.lines) != told:
        return None
    if sheet.lines is None or (sheet.lines == UNKNOWN and staged.rows_read + sheet.first_row - 1 == told.lines):
        return sheet, staged
    return None


def _examine(connection: duckdb.DuckDBPyConnection, contract: Contract, sheet: Sheet, staged: Staged) -> Outcome:
    rows = staged.rows + len(sheet.ragged)
    if not rows:
        raise refuse("empty_file", "a header without rows", "at least one row", "Fill in the rows and send the file again.")
    refuse_identifiers(connection, sheet, contract, staged)
    verdicts = judge(connection, sheet, contract, staged)
    refused = verdicts.rows_refused
    is_refused_whole = bool(refused) and contract.refusal_policy == ALL_OR_NOTHING
    accepted = 0 if is_refused_whole else rows - refused
    period = _period(connection, contract, has_refusals=bool(refused)) if accepted else (None, None)
    return Outcome(
        status=ACCEPTED if not refused else PARTLY_ACCEPTED if accepted else REFUSED,
        rows_sent=rows,
        rows_accepted=accepted,
        rows_refused=rows - accepted,
        refusals=verdicts.first,
        message=_whole_message(refused, rows) if is_refused_whole else _message(contract, accepted, refused),
        is_clear_of_identifiers=True,
        period_from=period[0],
        period_to=period[1],
        rows_warned=verdicts.rows_warned,
        warnings=verdicts.warnings,
        redacted=sheet.redacted,
        mapping=sheet.mapping,
    )


def _staged(connection: duckdb.DuckDBPyConnection, file: File, contract: Contract) -> tuple[Sheet, Staged]:
    """The cells of the file and what was staged from them."""
    sheet = _read(connection, file, contract, exactly=False)
    if sheet.lines is None:
        try:
            return sheet, stage(connection, sheet, contract)
        except duckdb.Error:
            if sheet.if_unreadable is None:
                raise
            raise sheet.if_unreadable from None
    try:
        staged = stage(connection, sheet, contract)
    except duckdb.Error:
        # Its message would repeat the line; the exact reader finds and numbers every such row.
        staged = None
    if staged is not None and staged.rows_read + sheet.first_row - 1 == sheet.lines:
        return sheet, staged
    if staged is not None:
        discard(connection, staged)
    sheet = _read(connection, file, contract, exactly=True)
    return sheet, stage(connection, sheet, contract)


def _read(connection: duckdb.DuckDBPyConnection, file: File, contract: Contract, *, exactly: bool) -> Sheet:
    """The file in the contract's columns: a table by its sender's mapping, where there is one."""
    if file.kind in DOCUMENTS:
        return read(connection, file, contract, exactly=exactly)
    by_columns = partial(read, connection, file, exactly=exactly)
    return read_mapped(connection, file.partner, contract, by_columns, given=file.mapping)


def _period(connection: duckdb.DuckDBPyConnection, contract: Contract, *, has_refusals: bool) -> tuple[str | None, str | None]:
    """First and last day of the plan in the accepted rows, for feeds that have a period."""
    if contract.period is None:
        return None, None
    day = f"CAST({quoted(contract.period)} AS DATE)"
    where = " WHERE row_number NOT IN (SELECT row_number FROM refusal)" if has_refusals else ""
    first, last = connection.execute(f"SELECT CAST(min({day}) AS VARCHAR), CAST(max({day}) AS VARCHAR) FROM staged{where}").fetchall()[0]
    return first, last


def _whole_message(refused: int, rows: int) -> str:
    return f"Nothing was accepted: {refused:,} of {count_of(rows, 'row')} broke a rule, and this feed is taken whole or not at all."


def _message(contract: Contract, accepted: int, refused: int) -> str:
    if not refused:
        return f"All {count_of(accepted, 'row')} accepted." if accepted > 1 else "The row was accepted."
    if not accepted:
        return f"Nothing was accepted: {count_of(refused, 'row')} broke a rule."
    them = "it" if refused == 1 else "them"
    if contract.delivery == PLAN:
        were = "was" if refused == 1 else "were"
        stays = f"what you stated for {them} earlier stays in force until a corrected file arrives"
        return f"{count_of(accepted, 'row')} accepted. {count_of(refused, 'row')} {were} refused; {stays}. Correct {them} and send the whole file again."
    return f"{count_of(accepted, 'row')} accepted, {count_of(refused, 'row')} refused. Correct {them} and send the file again."
