"""The one DuckDB of this process: in memory, one cursor per call."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from collections.abc import Iterator

SPILL_PREFIX = "veinway-spill-"


@contextmanager
def cursor() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of its own, with its own temporary tables and variables; they go when it closes."""
    with closing(_database(os.getpid()).cursor()) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


@cache
def _database(pid: int) -> duckdb.DuckDBPyConnection:
    # The process id is an argument because a forked child must not share its parent's database.
    _remove_spill_of_dead_processes()
    spill = Path(tempfile.gettempdir()) / f"{SPILL_PREFIX}{pid}"
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": str(max(1, os.cpu_count() or 1)),
        "memory_limit": f"{_half_of_memory_mb()}MB",
        "temp_directory": str(spill),
        "preserve_insertion_order": "true",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    return duckdb.connect(":memory:", config=config)


def _half_of_memory_mb() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2_000_000


def _remove_spill_of_dead_processes() -> None:
    # A killed process leaves what it spilled, and that may be a file that would have been refused for an identifier.
    for folder in Path(tempfile.gettempdir()).glob(f"{SPILL_PREFIX}*"):
        pid = folder.name.removeprefix(SPILL_PREFIX)
        if pid.isdigit() and not _is_alive(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
