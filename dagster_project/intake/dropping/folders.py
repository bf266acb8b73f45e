"""Touching folders that a partner may write to. Everything goes by descriptor and follows no link, so a link put there leads nowhere."""

from __future__ import annotations

import contextlib
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# What we make is for the partner to read, through the group that its folder hands on; nobody else gets in.
FOLDER_MODE = 0o2750
FILE_MODE = 0o640
PURGED = ".veinway-purged"
LONGEST_PURGED = 60


@contextmanager
def opened_folder(name: str, *, at: int | None = None) -> Iterator[int]:
    """The descriptor of a folder. OSError when it is none, or a link."""
    descriptor = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=at)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def opened_file(name: str, *, at: int) -> Iterator[int]:
    """The descriptor of an ordinary file, for reading. OSError for a link, a folder, a pipe or a device, without waiting for it."""
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=at)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"{name} is no ordinary file")
        yield descriptor
    finally:
        os.close(descriptor)


def entries(descriptor: int) -> dict[str, os.stat_result]:
    """What lies in a folder, by name; links are told as links. What is gone by the time it is looked at is left out."""
    found = {}
    for name in sorted(os.listdir(descriptor)):
        with contextlib.suppress(FileNotFoundError):
            found[name] = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
    return found


@contextmanager
def folder_within(name: str, *, at: int) -> Iterator[int]:
    """A folder of ours inside a partner's, made when it is missing."""
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, FOLDER_MODE, dir_fd=at)
    with opened_folder(name, at=at) as descriptor:
        yield descriptor


def write_within(name: str, data: bytes, *, at: int) -> None:
    """Write a file so that it is there whole or not at all, in place of one of that name."""
    draft = f".{name}.tmp"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(draft, dir_fd=at)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE, dir_fd=at)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, name, src_dir_fd=at, dst_dir_fd=at)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(draft, dir_fd=at)
        raise


def same_file(one: os.stat_result, other: os.stat_result) -> bool:
    """Whether two looks saw the same file with the same content."""
    return (one.st_dev, one.st_ino, one.st_size, one.st_mtime_ns) == (other.st_dev, other.st_ino, other.st_size, other.st_mtime_ns)


def remove(name: str, *, at: int, meant: os.stat_result) -> bool:
    """Remove a file, if it is still the one that is meant. A process killed half-way leaves it under a name that `purged` knows."""
    draft = f".{name[:LONGEST_PURGED]}{PURGED}"
    if not move(name, at=at, to=at, target=draft, meant=meant):
        return False
    os.unlink(draft, dir_fd=at)
    os.fsync(at)
    return True


def is_purged(name: str) -> bool:
    """Whether a name is that of a file on its way out."""
    return name.startswith(".") and name.endswith(PURGED)


def move(name: str, *, at: int, to: int, target: str, meant: os.stat_result) -> bool:
    """Move a file, if it is still the one that is meant. False, with the file where it was, when another one has taken its name."""
    os.rename(name, target, src_dir_fd=at, dst_dir_fd=to)
    if same_file(os.stat(target, dir_fd=to, follow_symlinks=False), meant):
        os.fsync(to)
        os.fsync(at)
        return True
    # The sender has put a new file in its place between two looks: it goes back and has its own turn. Where a third has come by then,
    # that one has overwritten it, as it would have without us.
    with contextlib.suppress(FileExistsError):
        os.link(target, name, src_dir_fd=to, dst_dir_fd=at, follow_symlinks=False)
    os.unlink(target, dir_fd=to)
    return False
