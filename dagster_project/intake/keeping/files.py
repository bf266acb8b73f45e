"""Putting files in place so that a crash leaves nothing or all of them: temporary name, fsync, rename, fsync of the folder."""

from __future__ import annotations

import hashlib
import os
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


@dataclass
class Pending:
    """Files written under temporary names, each with the place it is meant for."""

    moves: list[tuple[Path, Path]] = field(default_factory=list)

    def new(self, target: Path) -> Path:
        """A temporary path beside `target`; it goes there when `place` is called."""
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.parent / f".{target.name}.{uuid.uuid4().hex}.tmp"
        self.moves.append((temporary, target))
        return temporary

    def drop_all(self) -> None:
        """Place none of the files after all."""
        for temporary, _ in self.moves:
            temporary.unlink(missing_ok=True)
        self.moves.clear()

    def place(self) -> None:
        """Rename every file to its place and make the renaming last."""
        for temporary, target in self.moves:
            os.replace(temporary, target)  # noqa: PTH105 - the one rename everything rests on, said plainly
        for folder in {target.parent for _, target in self.moves}:
            sync(folder)


@contextmanager
def pending() -> Iterator[Pending]:
    """Files to be placed together; what was not placed is removed."""
    files = Pending()
    try:
        yield files
    finally:
        for temporary, _ in files.moves:
            temporary.unlink(missing_ok=True)


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
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Have the disk hold a file, or the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
