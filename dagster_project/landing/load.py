"""The loader: submissions that the register knows and the warehouse does not, feed by feed, one transaction each."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project.contracts import contract, feeds
from dagster_project.landing.warehouse import SENDING_COLUMNS, SIGHTING_COLUMNS, SUBMISSION_COLUMNS, create_tables, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from pathlib import Path

    import duckdb

    from dagster_project.contracts import Contract
    from dagster_project.home import Home

Row = dict[str, Any]


@dataclass(frozen=True)
class LoadedFeed:
    """What one run brought in for one feed. Rows are counted as the partner sees them."""

    feed: str
    submission_ids: tuple[str, ...] = ()
    rows_sent: int = 0
    rows_accepted: int = 0
    rows_refused: int = 0


def load_landing(
    con: duckdb.DuckDBPyConnection,
    receipts: Iterable[Row],
    home: Home,
    *,
    progress: Callable[[str, int, int], None] | None = None,
) -> dict[str, LoadedFeed]:
    """Load every receipt's accepted rows that are not there yet; return what came in, for all feeds.

    `receipts` are the register's submissions as dictionaries. Each feed is one transaction together with its bookkeeping in
    `landing.submission`, so a run that is killed and started again leaves every row there once. ValueError, naming the file,
    when a landing file is missing or is not the one the register knows.
    """
    create_tables(con)
    known = {row[0] for row in con.execute("SELECT submission_id FROM landing.submission").fetchall()}
    new = [receipt for receipt in receipts if receipt["submission_id"] not in known]
    new.sort(key=lambda receipt: (receipt["feed"], receipt["as_of"], receipt["submission_id"]))
    loaded = {feed: LoadedFeed(feed) for feed in feeds()}
    done = 0
    for feed, group in groupby(new, key=lambda receipt: receipt["feed"]):
        batch = list(group)
        loaded[feed] = _load_feed(con, contract(feed), batch, home)
        done += len(batch)
        if progress:
            progress(feed, done, len(new))
    return loaded


def mark_agreed(con: duckdb.DuckDBPyConnection, submission_ids: Collection[str]) -> None:
    """Say of every landed submission whether the plan of this run counts it although it came after the planning date."""
    create_tables(con)
    con.execute(
        "UPDATE landing.submission SET is_agreed = submission_id IN (SELECT unnest($ids::VARCHAR[]))", {"ids": list(submission_ids)}
    )


def load_sendings(con: duckdb.DuckDBPyConnection, sendings: Iterable[Row]) -> None:
    """Make the table of sendings what the register's is: a row for every time a file came."""
    _replace(con, "sending", SENDING_COLUMNS, sendings)


def load_sightings(con: duckdb.DuckDBPyConnection, sightings: Iterable[Row]) -> None:
    """Make the table of exception sightings what the register's is: what each published edition held open or cleared."""
    _replace(con, "exception_sighting", SIGHTING_COLUMNS, sightings)


def _replace(con: duckdb.DuckDBPyConnection, name: str, columns: dict[str, str], found: Iterable[Row]) -> None:
    create_tables(con)
    rows = list(found)
    con.execute("BEGIN")
    con.execute(f"DELETE FROM landing.{quoted(name)}")
    if rows:
        con.register("all_rows", pa.table({column: [row[column] for row in rows] for column in columns}))
        con.execute(f"INSERT INTO landing.{quoted(name)} BY NAME SELECT * FROM all_rows")
        con.unregister("all_rows")
    con.execute("COMMIT")


def _load_feed(con: duckdb.DuckDBPyConnection, terms: Contract, batch: list[Row], home: Home) -> LoadedFeed:
    with_rows = [receipt for receipt in batch if receipt["landing_path"]]
    for receipt in with_rows:
        _verify(home.root / receipt["landing_path"], receipt)
    con.execute("BEGIN")
    try:
        # A file is read with the columns its contract version had; a later version may have more.
        for _, group in groupby(sorted(with_rows, key=_version), key=_version):
            _insert_rows(con, terms, [home.root / receipt["landing_path"] for receipt in group])
        _insert_refusals(con, batch, home)
        _insert_submissions(con, batch)
        con.execute("COMMIT")
    except BaseException:
        con.execute("ROLLBACK")
        raise
    totals = {name: sum(receipt[name] for receipt in batch) for name in ("rows_sent", "rows_accepted", "rows_refused")}
    return LoadedFeed(terms.feed, tuple(receipt["submission_id"] for receipt in batch), **totals)


def _version(receipt: Row) -> str:
    return str(receipt["contract_version"])


def _verify(path: Path, receipt: Row) -> None:
    who = f"submission {receipt['submission_id']} ({receipt['partner_id']}, {receipt['feed']})"
    if not path.is_file():
        raise ValueError(f"The landing file of {who} is missing: {path}. Restore it from a backup; nothing of this feed was loaded.")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != receipt["landing_sha256"]:
        raise ValueError(
            f"The landing file of {who} was changed after it was accepted: {path} has SHA-256 {found[:12]}…, the register says "
            f"{receipt['landing_sha256'][:12]}…. Restore it from a backup; nothing of this feed was loaded."
        )


def _insert_rows(con: duckdb.DuckDBPyConnection, terms: Contract, paths: list[Path]) -> None:
    present = set(pq.read_schema(paths[0]).names)
    names = ", ".join(quoted(column.name) for column in terms.columns if column.name in present)
    con.execute(
        f"INSERT INTO landing.{quoted(terms.feed)} BY NAME SELECT {names}, row_number, "
        "regexp_extract(filename, 'submission=([^/]+)[.]parquet$', 1) AS submission_id "
        "FROM read_parquet($paths, hive_partitioning = false, filename = true)",
        {"paths": [str(path) for path in paths]},
    )


def _insert_submissions(con: duckdb.DuckDBPyConnection, batch: list[Row]) -> None:
    table = pa.table({name: [receipt[name] for receipt in batch] for name in SUBMISSION_COLUMNS})
    con.register("new_submissions", table)
    con.execute("INSERT INTO landing.submission BY NAME SELECT * FROM new_submissions")
    con.unregister("new_submissions")


def _insert_refusals(con: duckdb.DuckDBPyConnection, batch: list[Row], home: Home) -> None:
    """Refused rows come from their Parquet file; a file refused whole before it was read has them only in its receipt."""
    paths = [str(home.root / receipt["refused_path"]) for receipt in batch if receipt["refused_path"]]
    listed = [row for receipt in batch if not receipt["refused_path"] for row in _listed_refusals(receipt)]
    columns = "row_number, column_name, rule, expected, hint, found"
    if paths:
        con.execute(
            f"INSERT INTO landing.refusal BY NAME SELECT {columns}, regexp_extract(filename, '.*/feed=([^/]+)/', 1) AS feed, "
            "regexp_extract(filename, '.*/partner=([^/]+)/', 1) AS partner_id, "
            "regexp_extract(filename, 'submission=([^/]+)[.]parquet$', 1) AS submission_id "
            "FROM read_parquet($paths, hive_partitioning = false, filename = true)",
            {"paths": paths},
        )
    if listed:
        con.register("new_refusals", pa.Table.from_pylist(listed))
        con.execute("INSERT INTO landing.refusal BY NAME SELECT * FROM new_refusals")
        con.unregister("new_refusals")


def _listed_refusals(receipt: Row) -> list[Row]:
    if receipt["status"] == "accepted":
        return []
    body = json.loads(receipt["receipt_json"])
    who = {name: receipt[name] for name in ("submission_id", "feed", "partner_id")}
    return [who | _refusal(item) for item in body.get("refusals", [])]


def _refusal(item: Row) -> Row:
    texts = {name: item.get(name) for name in ("rule", "expected", "hint", "found")}
    texts["column_name"] = item.get("column")
    return {"row_number": item.get("row")} | {name: None if text is None else str(text) for name, text in texts.items()}
