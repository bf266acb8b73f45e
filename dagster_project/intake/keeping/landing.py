"""Writing what a judged file leaves: its raw bytes, the accepted rows and the refused rows with their reasons."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import duckdb

from dagster_project.contracts.rules import quoted
from dagster_project.home import home
from dagster_project.intake import engine
from dagster_project.intake.judging.verdicts import TOLD
from dagster_project.intake.keeping.files import seal, write_chunks
from dagster_project.intake.reading.csv_text import literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from dagster_project.contracts import Contract
    from dagster_project.intake.judging.judgement import Outcome
    from dagster_project.intake.keeping.files import Pending

# Version 2 packs numbers and repeated text so well that little is left to a codec. A dictionary pays for values that stand there often, and
# nobody looks for one value in landing, which a filter would be for: both cost time that the rows need.
PARQUET = "FORMAT parquet, PARQUET_VERSION v2, COMPRESSION lz4_raw, DICTIONARY_SIZE_LIMIT 5000, WRITE_BLOOM_FILTER false"
# Of a table of more rows than this most has been spilled already: what packs them needs the memory more.
MANY_ROWS = 10_000_000
REFUSED_ROWS = f"SELECT {TOLD} FROM refusal ORDER BY row_number, place"

DISK_TROUBLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES)


def submission_path(folder: str, feed: str, partner: str, submission_id: str) -> str:
    """Where a submission's rows lie, relative to the state folder."""
    return f"{folder}/feed={feed}/partner={partner}/submission={submission_id}.parquet"


def raw_path(sha256: str) -> Path:
    """Where the bytes with this SHA-256 lie, once for everybody who sent them."""
    return home().raw / sha256[:2] / sha256


def write_raw(chunks: Iterable[bytes], sha256: str, files: Pending) -> bool:
    """Write the bytes to keep, unless they are there already. False when they are not those that were judged."""
    target = raw_path(sha256)
    return target.exists() or write_chunks(chunks, files.new(target)) == sha256


def write_accepted(connection: duckdb.DuckDBPyConnection, contract: Contract, outcome: Outcome, path: str, files: Pending) -> str:
    """Write the accepted rows of `staged`; returns the SHA-256 of the file."""
    names = ", ".join(quoted(column.name) for column in contract.columns)
    where = " WHERE row_number NOT IN (SELECT row_number FROM refusal) ORDER BY row_number" if outcome.rows_refused else ""
    return _copy(connection, f"SELECT {names}, row_number FROM staged{where}", files.new(home().root / path), rows=outcome.rows_accepted)


def write_refused(connection: duckdb.DuckDBPyConnection, path: str, files: Pending) -> str:
    """Write every refusal; returns the SHA-256 of the file."""
    return _copy(connection, REFUSED_ROWS, files.new(home().root / path))


def _copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path, *, rows: int = 0) -> str:
    with engine.spared(connection) if rows > MANY_ROWS else nullcontext():
        connection.execute(f"COPY ({query}) TO {literal(str(path))} ({PARQUET})")
    return seal(path)


@contextmanager
def disk_errors() -> Iterator[None]:
    """DuckDB's trouble with a disk as the OSError it is."""
    try:
        yield
    except duckdb.IOException as error:
        words = str(error)
        number = next((number for number in DISK_TROUBLE if os.strerror(number) in words), errno.EIO)
        raise OSError(number, os.strerror(number)) from error
