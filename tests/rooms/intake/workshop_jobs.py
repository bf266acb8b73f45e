"""Work for the workshop's tests: what a parser can do wrong. Functions of a module, because they travel to a worker by name."""

from __future__ import annotations

import contextlib
import ctypes
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from dagster_project.intake.engine import cursor

if TYPE_CHECKING:
    from collections.abc import Callable


def pid() -> int:
    return os.getpid()


def echo(value: object) -> object:
    return value


def echo_word(value: object, word: Callable[[], object]) -> object:
    return value, word()


def deaf(value: object, _: Callable[[], object]) -> object:
    return value


def hang() -> None:
    time.sleep(3600)


def hang_deaf() -> None:
    """Inside C, never coming back to Python: as a parser that hangs."""
    with cursor() as connection:
        connection.execute("SELECT count(*) FROM range(1_000_000) a, range(1_000_000_000) b WHERE hash(a.range, b.range) = 1")


def crash() -> None:
    ctypes.string_at(0)


def leave() -> None:
    os._exit(0)


def hoard() -> int:
    return len([bytes(1_000_000) for _ in range(100_000)])


def hoard_natively() -> None:
    raise duckdb.OutOfMemoryException("could not allocate, and here might be a line of the file: Jane Doe")


def stumble(secret: str) -> None:
    raise KeyError(secret)


def panic(secret: str) -> None:
    raise BaseException(secret)  # noqa: TRY002 - as a Rust library's panic arrives


def no_room(path: Path) -> None:
    raise OSError(28, "No space left on device", str(path))


def speak(path: Path) -> None:
    """Writes to the ends that the door's own process prints on."""
    os.write(1, b"words of a parser")
    os.write(2, b"words of a parser")
    path.touch()


def open_files() -> list[str]:
    found = []
    for entry in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found.append(str(entry.readlink()))
    return found


def unpicklable() -> object:
    return lambda: None
