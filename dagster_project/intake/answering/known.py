"""The values that landed rows of a feed have in one column: what a reference may point to. Kept per process; a new file is read once."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dagster_project.contracts.rules import quoted
from dagster_project.home import home
from dagster_project.intake.reading.csv_text import quoted_path

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    import duckdb

# The newest files first, few at the beginning: most references are to what came lately, so most files are never opened.
FIRST_FILES = 4
GROWTH = 8


@dataclass
class _Shelf:
    """Values by the partner that sent them, and the files they were read from."""

    values: dict[str, set[str]] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)


_SHELVES: dict[tuple[str, str, str], _Shelf] = {}
# A server answers several people at once, and they share the shelves.
_READING = threading.Lock()


def missing(connection: duckdb.DuckDBPyConnection, values: Collection[str], *, feed: str, column: str) -> set[str]:
    """Those of `values` that no landed row of `feed` has in `column`. Reads no more files than it takes to find the others."""
    with _READING:
        shelf = _shelf(feed, column)
        unanswered = set(values).difference(*shelf.values.values())
        for batch in _batches(_unread(feed, shelf)) if unanswered else ():
            _take_in(connection, shelf, batch, column)
            unanswered.difference_update(*shelf.values.values())
            if not unanswered:
                break
        return unanswered


def held(connection: duckdb.DuckDBPyConnection, *, feed: str, column: str, partners: Collection[str]) -> set[str]:
    """Every landed value of `column` that one of these partners sent."""
    with _READING:
        shelf = _shelf(feed, column)
        for batch in _batches(_unread(feed, shelf)):
            _take_in(connection, shelf, batch, column)
        return set().union(*(shelf.values.get(partner, set()) for partner in partners))


def _shelf(feed: str, column: str) -> _Shelf:
    return _SHELVES.setdefault((str(home().landing), feed, column), _Shelf())


def _unread(feed: str, shelf: _Shelf) -> list[Path]:
    """Landed files that were not read yet, the newest first."""
    folder = home().landing / f"feed={feed}"
    found = []
    for partner in os.scandir(folder) if folder.is_dir() else ():
        if partner.is_dir():
            files = (entry for entry in os.scandir(partner) if entry.name.endswith(".parquet") and not entry.name.startswith("."))
            found += [(entry.stat().st_mtime_ns, folder / partner.name / entry.name) for entry in files if entry.path not in shelf.read]
    return [path for _, path in sorted(found, reverse=True)]


def _batches(paths: list[Path]) -> Iterator[list[Path]]:
    start, size = 0, FIRST_FILES
    while start < len(paths):
        yield paths[start : start + size]
        start, size = start + size, size * GROWTH


def _take_in(connection: duckdb.DuckDBPyConnection, shelf: _Shelf, paths: list[Path], column: str) -> None:
    listed = ", ".join(quoted_path(path) for path in paths)
    name = quoted(column)
    query = (
        f"SELECT parse_path(filename)[-2], list(DISTINCT CAST({name} AS VARCHAR))"
        f" FROM read_parquet([{listed}], hive_partitioning = false, union_by_name = true, filename = true)"
        f" WHERE {name} IS NOT NULL GROUP BY parse_path(filename)[-2]"
    )
    for folder, values in connection.execute(query).fetchall():
        shelf.values.setdefault(folder.removeprefix("partner="), set()).update(values)
    shelf.read.update(str(path) for path in paths)
