"""Opening one audience's file of one edition and asking it questions. Nothing is written, nothing else can be reached."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project.editions.store import read_manifest, resolve
from dagster_project.home import home

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

MEMORY = "512MB"
# In this order: once locked, nothing can be set any more, by anyone.
SETTINGS = ("SET GLOBAL TimeZone = 'UTC'", "SET GLOBAL enable_external_access = false", "SET GLOBAL lock_configuration = true")
_opening = Lock()


@dataclass(frozen=True)
class Edition:
    """One audience's views of one edition. Safe to share between threads: every query has its own cursor."""

    audience: str
    manifest: dict[str, Any]
    connection: duckdb.DuckDBPyConnection = field(repr=False, compare=False)
    columns: Mapping[str, tuple[str, ...]] = field(repr=False, compare=False)

    @property
    def edition_id(self) -> str:
        """Name of the edition."""
        return str(self.manifest["edition_id"])

    @property
    def views(self) -> list[str]:
        """Names of the views in this file, sorted."""
        return sorted(self.columns)

    def query(
        self,
        view: str,
        where: Mapping[str, Any] | None = None,
        columns: Sequence[str] | None = None,
        order_by: Sequence[str] | str | None = None,
        limit: int | None = None,
    ) -> pa.Table:
        """Rows of one view as an Arrow table.

        `where` is column -> value: a list, tuple or set means "one of these", None means empty. `order_by` names columns, `-name`
        is descending; without it rows come as published, sorted by their columns from left to right. LookupError for a view
        or column that this audience does not have.
        """
        known = self.known(view)
        conditions, values = _conditions(view, where or {}, known)
        chosen = ", ".join(_name(view, column, known) for column in columns) if columns else "*"
        sql = f"SELECT {chosen} FROM main.{_quoted(view)}"
        if conditions:
            sql += " WHERE " + " AND ".join(conditions)
        names = [order_by] if isinstance(order_by, str) else order_by or []
        if names:
            sql += " ORDER BY " + ", ".join(_order(view, name, known) for name in names)
        if limit is not None:
            sql += " LIMIT ?"
            values.append(int(limit))
        # One connection shared by threads gives wrong numbers without a word; a cursor each does not.
        with self.connection.cursor() as cursor:
            return cursor.execute(sql, values).to_arrow_table()

    def known(self, view: str) -> tuple[str, ...]:
        """Column names of a view. LookupError for a view that this audience does not have."""
        if view not in self.columns:
            raise LookupError(f"{self.audience} has no view {view!r}. Its views are: {', '.join(self.views)}.")
        return self.columns[view]


def open_edition(audience: str, edition_id: str | None = None, *, folder: Path | None = None) -> Edition:
    """Open an audience's file of an edition, the current one unless named. LookupError in plain words when there is none."""
    edition = resolve(folder or home().editions, edition_id)
    with _opening:
        return _open(audience, edition)


@lru_cache(maxsize=64)
def _open(audience: str, edition: Path) -> Edition:
    """An edition never changes, so a file opened once serves every later call of this process."""
    manifest = read_manifest(edition)
    if audience not in manifest["audiences"]:
        raise LookupError(
            f"Edition {edition.name} has no audience {audience!r}. Its audiences are: {', '.join(sorted(manifest['audiences']))}."
        )
    path = edition / f"{audience}.duckdb"
    _require_as_published(path, manifest)
    connection = _connect(path)
    columns: dict[str, list[str]] = {}
    rows = connection.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'main' AND NOT internal ORDER BY table_name, column_index"
    ).fetchall()
    for table, column in rows:
        columns.setdefault(table, []).append(column)
    return Edition(audience, manifest, connection, {table: tuple(names) for table, names in columns.items()})


def _require_as_published(path: Path, manifest: dict[str, Any]) -> None:
    """LookupError when the file is missing or is not, byte for byte, the one that was published."""
    published = manifest["files"].get(path.name, {}).get("sha256")
    if path.is_file():
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() == published:
                return
    raise LookupError(f"The file of {path.stem} in edition {path.parent.name} is not as it was published. `veinway plan` makes it again.")


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    scratch = Path(tempfile.gettempdir()) / "veinway-reader"
    connection = duckdb.connect(
        str(path),
        read_only=True,
        config={
            "memory_limit": MEMORY,
            "temp_directory": str(scratch),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        },
    )
    # A file that this process has open already is shared by DuckDB, and locked already.
    locked = connection.execute("SELECT current_setting('lock_configuration')").fetchall()[0][0]
    if not locked:
        for setting in SETTINGS:
            connection.execute(setting)
    return connection


def _conditions(view: str, where: Mapping[str, Any], known: tuple[str, ...]) -> tuple[list[str], list[Any]]:
    conditions: list[str] = []
    values: list[Any] = []
    for column, value in where.items():
        name = _name(view, column, known)
        if value is None:
            conditions.append(f"{name} IS NULL")
        elif isinstance(value, list | tuple | set | frozenset):
            options = list(value)
            conditions.append(f"{name} IN ({', '.join('?' for _ in options)})" if options else "false")
            values += options
        else:
            conditions.append(f"{name} = ?")
            values.append(value)
    return conditions, values


def _order(view: str, name: str, known: tuple[str, ...]) -> str:
    return _name(view, name.removeprefix("-"), known) + (" DESC" if name.startswith("-") else "") + " NULLS LAST"


def _name(view: str, column: str, known: tuple[str, ...]) -> str:
    if column not in known:
        raise LookupError(f"The view {view!r} has no column {column!r}. Its columns are: {', '.join(known)}.")
    return _quoted(column)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
