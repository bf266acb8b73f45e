"""The second check: newly landed rows against the Great Expectations suites of their contracts. It must find nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dagster_project.contracts import contracts
from dagster_project.landing.warehouse import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    import duckdb
    import pyarrow as pa

    from dagster_project.contracts import Contract
    from dagster_project.contracts.suite import SuiteResult
    from dagster_project.home import Home

# GX holds its rows in a pandas frame; a feed with more is checked in parts, cut between submissions. No row is left out.
ROWS_AT_ONCE = 500_000
UNCHECKED = "rows_accepted > 0 AND submission_id NOT IN (SELECT submission_id FROM landing.second_check)"


def second_check(
    con: duckdb.DuckDBPyConnection,
    home: Home,
    *,
    progress: Callable[[str, int, int], None] | None = None,
    rows_at_once: int = ROWS_AT_ONCE,
) -> dict[str, SuiteResult]:
    """Check every feed's rows that have not passed yet; results of the feeds that had any, pages of them in `home.data_docs`.

    Rows that fail stay unchecked, so the next run finds them again: a closed gate does not open by itself.
    """
    waiting = {feed: contracts()[feed] for feed in _waiting(con)}
    results: dict[str, SuiteResult] = {}
    for place, (feed, terms) in enumerate(waiting.items(), start=1):
        results[feed] = _check_feed(con, terms, rows_at_once)
        if progress:
            progress(feed, place, len(waiting))
    if results:
        _suites().write_data_docs(results.values(), home.data_docs)
    return results


def _waiting(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Feeds with unchecked rows."""
    sql = f"SELECT DISTINCT feed FROM landing.submission WHERE {UNCHECKED} ORDER BY feed"
    return [row[0] for row in con.execute(sql).fetchall()]


def _suites() -> ModuleType:
    from dagster_project.contracts import suite  # noqa: PLC0415 - costs seconds, and most runs have nothing to check

    return suite


def _check_feed(con: duckdb.DuckDBPyConnection, terms: Contract, rows_at_once: int) -> SuiteResult:
    parts = list(_parts(con, terms, rows_at_once))
    found: list[SuiteResult] = [_suites().validate(terms, _rows(con, terms, part)) for part in parts]
    for part, result in zip(parts, found, strict=True):
        if result.success:
            con.execute("INSERT INTO landing.second_check SELECT unnest($ids)", {"ids": part})
    worst: SuiteResult = min(found, key=lambda result: result.success)
    return replace(worst, failures=[failure for result in found for failure in result.failures])


def _parts(con: duckdb.DuckDBPyConnection, terms: Contract, rows_at_once: int) -> Iterator[list[str]]:
    """Unchecked submissions that have rows, oldest first, in lists of about `rows_at_once` rows."""
    sql = f"SELECT submission_id, rows_accepted FROM landing.submission WHERE feed = $feed AND {UNCHECKED} ORDER BY as_of, submission_id"
    part: list[str] = []
    rows = 0
    for submission_id, rows_accepted in con.execute(sql, {"feed": terms.feed}).fetchall():
        part.append(submission_id)
        rows += rows_accepted
        if rows >= rows_at_once:
            yield part
            part, rows = [], 0
    if part:
        yield part


def _rows(con: duckdb.DuckDBPyConnection, terms: Contract, submission_ids: list[str]) -> pa.Table:
    columns = ", ".join(f"rows.{quoted(column.name)}" for column in terms.columns)
    sql = f"""
        SELECT {columns}, rows.submission_id, submission.as_of
        FROM landing.{quoted(terms.feed)} AS rows JOIN landing.submission AS submission USING (submission_id)
        WHERE rows.submission_id IN (SELECT unnest($ids)) ORDER BY submission.as_of, rows.submission_id, rows.row_number
    """
    return con.execute(sql, {"ids": submission_ids}).to_arrow_table()
