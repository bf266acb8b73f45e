"""The one DuckDB of this process: in memory, one cursor per call; and how much of the machine it may take."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from dagster_project.intake import limits

if TYPE_CHECKING:
    from collections.abc import Iterator

SPILL_PREFIX = "veinway-spill-"
CGROUP_MEMORY = Path("/sys/fs/cgroup/memory.max")


@contextmanager
def cursor() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of its own, with its own temporary tables and variables; they go when it closes."""
    with closing(_database(os.getpid()).cursor()) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def workers() -> int:
    """How many files are read at once: `VEINWAY_WORKERS`, else one per processor. 0: each in the process that takes it in. ValueError otherwise."""
    text = os.environ.get("VEINWAY_WORKERS", "").strip()
    if text and not text.isdecimal():
        raise ValueError(f"VEINWAY_WORKERS is {text!r}; write a whole number such as 2, or leave it out for one per processor.")
    return int(text) if text else max(1, os.cpu_count() or 1)


def memory_bytes() -> int:
    """What DuckDB may keep in memory before it spills to disk: half of the machine's, shared by all workers."""
    share = _memory_of_machine() // 2 // max(1, workers())
    return max(limits.LEAST_MEMORY_BYTES, min(share, limits.MOST_MEMORY_BYTES))


@contextmanager
def spared(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """In here DuckDB keeps half as much, for what writes a file takes memory beside it."""
    connection.execute(f"SET memory_limit = '{memory_bytes() // 2_000_000}MB'")
    try:
        yield
    finally:
        connection.execute(f"SET memory_limit = '{memory_bytes() // 1_000_000}MB'")


def spills() -> list[Path]:
    """Folders in which a process that is gone had spilled rows."""
    found = ((folder, folder.name.removeprefix(SPILL_PREFIX)) for folder in Path(tempfile.gettempdir()).glob(f"{SPILL_PREFIX}*"))
    return [folder for folder, pid in found if pid.isdigit() and not _is_alive(int(pid))]


def remove_spill(pid: int) -> None:
    """Remove what a process spilled: it may be a file that would have been refused for an identifier."""
    shutil.rmtree(_spill(pid), ignore_errors=True)


@cache
def _database(pid: int) -> duckdb.DuckDBPyConnection:
    # The process id is an argument because a forked child must not share its parent's database.
    for folder in spills():
        shutil.rmtree(folder, ignore_errors=True)
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": str(max(1, os.cpu_count() or 1)),
        "memory_limit": f"{memory_bytes() // 1_000_000}MB",
        "temp_directory": str(_spill(pid)),
        "preserve_insertion_order": "true",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    return duckdb.connect(":memory:", config=config)


def _spill(pid: int) -> Path:
    return Path(tempfile.gettempdir()) / f"{SPILL_PREFIX}{pid}"


def _memory_of_machine() -> int:
    """The machine's memory, or what its container may have of it."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        allowed = CGROUP_MEMORY.read_text(encoding="ascii").strip()
    except OSError:
        return physical
    return min(physical, int(allowed)) if allowed.isdecimal() else physical


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
