"""Putting files in place so that a crash leaves nothing or all of them: temporary name, fsync, rename, fsync of the folder."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import IO, TYPE_CHECKING

from dagster_project.home import home

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

# What a file system answers that knows no files without names.
NO_NAMELESS = (errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL)
# A file as it is now, and the place it is meant for.
Move = tuple["Path", "Path"]


class NotKeptError(OSError):
    """What was sent could not be written. Nothing of it is registered, so it is safe to send it again."""


@dataclass
class Pending:
    """Files written to `folder`, each with the place it is meant for."""

    folder: Path
    moves: list[Move] = field(default_factory=list)

    def new(self, target: Path) -> Path:
        """A path in the folder; it goes to `target` when `place` is called."""
        temporary = self.folder / uuid.uuid4().hex
        self.moves.append((temporary, target))
        return temporary

    def nameless(self) -> IO[bytes] | None:
        """A file beside the others that has no name yet, so that a killed process cannot leave it behind; None where there are no such files."""
        if not hasattr(os, "O_TMPFILE"):
            return None
        try:
            return os.fdopen(os.open(self.folder, os.O_TMPFILE | os.O_WRONLY, 0o666), "wb", buffering=0)
        except OSError as error:
            if error.errno in NO_NAMELESS:
                return None
            raise

    def name(self, file: IO[bytes], target: Path) -> None:
        """Give a nameless file, which lasts already, its name in the folder; it goes to `target` when `place` is called."""
        with _opened(self.folder) as folder:
            # With a folder given, the link is to what the path leads to, not to the path.
            os.link(f"/proc/self/fd/{file.fileno()}", self.new(target), src_dir_fd=folder)

    def place(self) -> None:
        """Rename every file to its place and make the renaming last."""
        folders = {target.parent for _, target in self.moves}
        for folder in folders:
            _make(folder)
        for temporary, target in self.moves:
            os.replace(temporary, target)  # noqa: PTH105 - the one rename everything rests on, said plainly
        for folder in folders:
            sync(folder)


@contextmanager
def pending() -> Iterator[Pending]:
    """Files to be placed together; what was not placed is removed.

    They wait in a folder of their own that is locked as long as this process lives, so that anyone can tell it from one left behind.
    """
    place = home().pending
    _make(place)
    _clear_once(os.getpid(), place)
    folder = place / uuid.uuid4().hex
    with _locked(place, fcntl.LOCK_SH):
        folder.mkdir()
        lock = os.open(folder, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_SH)
    try:
        yield Pending(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def abandoned() -> list[Path]:
    """Folders of files that were never placed and whose process is gone."""
    place = home().pending
    if not place.is_dir():
        return []
    with _locked(place, fcntl.LOCK_EX):
        return [folder for folder in sorted(place.iterdir()) if _is_unlocked(folder)]


def clear_abandoned() -> int:
    """Remove what dead processes left unplaced: of those files no sender has a receipt. Returns how many folders there were."""
    found = abandoned()
    for folder in found:
        shutil.rmtree(folder, ignore_errors=True)
    return len(found)


@cache
def _clear_once(pid: int, place: Path) -> None:
    # Once per process and state folder is enough: what a killed process leaves here is never taken for anything else.
    del pid, place
    clear_abandoned()


def move(path: Path, target: Path) -> None:
    """Rename a file to a place that may need its folders, and make that last."""
    _make(target.parent)
    os.replace(path, target)  # noqa: PTH105 - as above
    sync(target.parent)
    sync(path.parent)


def write_chunks(chunks: Iterable[bytes], path: Path) -> str:
    """Write and fsync a file; returns its SHA-256."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def seal(path: Path) -> str:
    """Make a written file last; returns its SHA-256."""
    sync(path)
    return sha256_of(path)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Have the disk hold a file, or the names in a folder."""
    with _opened(path) as descriptor:
        os.fsync(descriptor)


def _make(folder: Path) -> None:
    """Make a folder that lasts: each new level is held by the one above."""
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir(exist_ok=True)
        sync(folder.parent)


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    with _opened(folder) as descriptor:
        fcntl.flock(descriptor, how)
        yield


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _is_unlocked(folder: Path) -> bool:
    with contextlib.suppress(OSError), _locked(folder, fcntl.LOCK_EX | fcntl.LOCK_NB):
        return True
    return False
