"""Opening the register and its transactions: SQLite beside the data by default, PostgreSQL by address."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, insert, inspect, select
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import DatabaseError, DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from dagster_project.home import home
from dagster_project.register.tables import LEDGER_HEAD, METADATA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import URL

# How long to wait for another writer, and for a server that may not be there: somebody waits for the answer.
BUSY_SECONDS = 10
CONNECT_SECONDS = 5
FIRST_HASH = "0" * 64
# SQLite's extended codes have the primary one in their lowest byte.
PRIMARY_CODE = 0xFF
_TURN = threading.Lock()
_OPENED: list[Engine] = []


class RegisterUnavailableError(OSError):
    """The register cannot be read or written. What was to be written is not, so it is safe to try again."""


def open_register(url: str | None = None) -> Engine:
    """The register at `url`, or that of the state folder in force. Made when it is not there; opened once per process."""
    return _open(url or home().register_url)


def close_registers() -> None:
    """Let go of every register that this process has opened; the next use opens it again."""
    _open.cache_clear()
    while _OPENED:
        _OPENED.pop().dispose()


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that may write; it holds the ledger's head, so writers take turns. Commits at the end."""
    with (
        # Threads of one process wait in turn here: a busy SQLite would have them try again and again.
        _TURN if engine.dialect.name == "sqlite" else nullcontext(),
        _trouble_in_words(engine.url),
        engine.connect() as connection,
        connection.execution_options(veinway_writing=True).begin(),
    ):
        connection.execute(select(LEDGER_HEAD.c.number).with_for_update()).all()
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that only reads: it sees one moment."""
    with _trouble_in_words(engine.url), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def _trouble_in_words(url: URL) -> Iterator[None]:
    """A register that is locked, full, read-only, damaged or not there, as an error that says so."""
    try:
        yield
    except (sqlite3.Error, OperationalError, InterfaceError, DatabaseError, PoolTimeoutError) as error:
        # A row that breaks a constraint is the business of whoever writes it.
        if isinstance(error, IntegrityError | DataError | ProgrammingError):
            raise
        words = str(error.orig if isinstance(error, DBAPIError) else error).strip().splitlines()[0]
        shown = url.render_as_string(hide_password=True)
        raise RegisterUnavailableError(
            f"The register {shown} does not answer: {words}. Nothing was changed in it: try again, and send the same file again."
        ) from error


@cache
def _open(url: str) -> Engine:
    address = make_url(url)
    is_sqlite = address.get_backend_name() == "sqlite"
    if is_sqlite and address.database:
        _require_writable(Path(address.database))
    patience = {} if is_sqlite or "connect_timeout" in address.query else {"connect_timeout": CONNECT_SECONDS}
    # A connection over a network may have been cut while it waited; a file cannot be.
    engine = create_engine(address, pool_pre_ping=not is_sqlite, connect_args=patience)
    _OPENED.append(engine)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    with _trouble_in_words(address):
        _create_tables(engine)
    _refuse_old_register(engine)
    return engine


def _require_writable(database: Path) -> None:
    """RegisterUnavailableError, with what to do, when this user cannot write the file or the folder it keeps its journal in."""
    folder = database.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        is_there = database.exists()
    except PermissionError as error:
        raise _not_writable(folder) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _not_writable(folder)
    if is_there and not os.access(database, os.R_OK | os.W_OK):
        raise _not_writable(database)


def _not_writable(path: Path) -> RegisterUnavailableError:
    return RegisterUnavailableError(
        f"The state folder cannot be used: this user may not write {path}. Nothing was changed. Give this user the right to write there,"
        " or name another folder with VEINWAY_HOME."
    )


def _prepare_sqlite(connection: sqlite3.Connection, _: Any) -> None:
    # The driver must not begin transactions by itself: _begin_sqlite says which kind.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    _switch_to_wal(connection)
    connection.execute("PRAGMA synchronous = FULL")


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    # The switch itself does not wait for other connections, whatever the busy timeout.
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            # Only a lock passes by itself.
            if error.sqlite_errorcode & PRIMARY_CODE not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) or time.monotonic() > deadline:
                raise
            time.sleep(0.005)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and then writes cannot wait for its turn in SQLite: say at once that it will write.
    is_writing = connection.get_execution_options().get("veinway_writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


def _create_tables(engine: Engine) -> None:
    if _has_tables(engine):
        return
    try:
        _make_tables(engine)
    except DBAPIError:
        # Another process was making them at the same moment; the second look finds them.
        if not _has_tables(engine):
            _make_tables(engine)


def _refuse_old_register(engine: Engine) -> None:
    """RegisterUnavailableError for a register whose tables have other columns than ours: an earlier version wrote it."""
    with reading(engine) as connection:
        found = inspect(connection)
        there = set(found.get_table_names())
        old = [
            table.name
            for table in METADATA.sorted_tables
            if table.name in there and {column["name"] for column in found.get_columns(table.name)} != set(table.columns.keys())
        ]
    if old:
        raise RegisterUnavailableError(
            f"The register {engine.url.render_as_string(hide_password=True)} was written by another version of Veinway"
            f" (its table {old[0]} has other columns). Nothing was changed in it: move the state folder away, or name another one"
            " with VEINWAY_HOME, and send the files again."
        )


def _has_tables(engine: Engine) -> bool:
    with reading(engine) as connection:
        # A register from before a table was added gets that table now.
        has_all = all(engine.dialect.has_table(connection, name) for name in METADATA.tables)
        return has_all and connection.execute(select(LEDGER_HEAD.c.id)).first() is not None


def _make_tables(engine: Engine) -> None:
    with engine.connect() as connection, connection.execution_options(veinway_writing=True).begin():
        METADATA.create_all(connection)
        if not connection.execute(select(LEDGER_HEAD.c.id)).first():
            connection.execute(insert(LEDGER_HEAD).values(id=1, number=0, hash=FIRST_HASH))
