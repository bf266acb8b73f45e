"""The bytes that were sent: where they are, their SHA-256, and what kind of file they are by content, not by name."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from dagster_project.intake import limits
from dagster_project.intake.reading.archives import kind_of_archive
from dagster_project.intake.reading.folders import packed_folder
from dagster_project.intake.reading.kinds import AGREEMENT, CSV, EPCIS, FHIR, JSON, NDJSON, PARQUET, SAVE_AS_CSV, X12, XLSX, recognised
from dagster_project.intake.receipt import refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "AGREEMENT", "CSV", "EPCIS", "FHIR", "JSON", "NDJSON", "PARQUET", "SAVE_AS_CSV", "X12", "XLSX",
    "Content", "Look", "Survey", "kind_of", "look_at", "nameless_file", "open_content", "survey",
]  # fmt: skip
CHUNK_BYTES = 4 * limits.MEGABYTE
SURVEYED_BYTES = 256 * 1024
LINE_FEED, CARRIAGE_RETURN = b"\n"[0], b"\r"[0]
SIGNS = b"+-"
# So many bytes on each side of where two pieces meet make an odd number whole.
BORDER = 2
# The underscore comes first, because a text is searched for one letter twenty times as fast as for a class of them.
JOINED_DIGITS = re.compile(rb"_(?<=[0-9]_)[0-9]")
SETTLED_NANOSECONDS = 5_000_000_000


@dataclass(frozen=True)
class Content:
    """A file as sent: small ones in memory (`held`), large ones at `path`. `head` is its first megabyte.

    `keeper` is the open file whose bytes are gone once it is closed, where `path` has no name on disk.
    """

    held: bytes | None
    path: Path | None
    size: int
    head: bytes
    keeper: IO[bytes] | None = None

    @contextmanager
    def open_path(self) -> Iterator[Path]:
        """A path at which other programs can read the bytes; a copy in memory when they were never a file."""
        if self.path is not None:
            yield self.path
            return
        with _memory_file(self.held or b"") as path:
            yield path

    def chunks(self) -> Iterator[bytes]:
        """The bytes, in pieces."""
        if self.held is not None:
            yield self.held
            return
        with self.located().open("rb", buffering=0) as file:
            while piece := file.read(CHUNK_BYTES):
                yield piece

    def source(self) -> bytes | Path:
        """The bytes where they are held in memory, else where they lie."""
        return self.located() if self.held is None else self.held

    def located(self) -> Path:
        """The path of a file that is not held in memory."""
        if self.path is None:
            raise ValueError("these bytes are in memory")
        return self.path


@dataclass(frozen=True)
class Survey:
    """What one pass over the bytes tells."""

    sha256: str
    size: int
    lines: int
    has_nul: bool
    has_bare_return: bool
    has_quote: bool = False
    has_odd_numbers: bool = False


@dataclass(frozen=True)
class Look:
    """How a file looked, and when, by what the file system says of it without reading it."""

    device: int
    inode: int
    size: int
    changed: tuple[int, int]
    at: int

    def is_still(self, path: Path) -> bool:
        """Whether the file is certainly unchanged since. A clock ticks too seldom to tell for one that had changed just before the look."""
        now = look_at(path)
        is_settled = max(self.changed) < self.at - SETTLED_NANOSECONDS
        return is_settled and replace(now, at=self.at) == self


def look_at(path: Path) -> Look:
    """How the file looks now."""
    about = path.stat()
    return Look(about.st_dev, about.st_ino, about.st_size, (about.st_mtime_ns, about.st_ctime_ns), time.time_ns())


def open_content(data: Path | bytes) -> Content:
    """Look at what was sent. OSError when the path cannot be read, is no ordinary file, or is larger than any format may be."""
    if isinstance(data, bytes):
        return Content(data, None, len(data), data[: limits.MAX_HEADER_BYTES])
    if data.is_dir():
        return _content_of_folder(data)
    size = _size_of_file(data)
    if size <= limits.SMALL_FILE_BYTES:
        held = data.read_bytes()
        return Content(held, data, len(held), held[: limits.MAX_HEADER_BYTES])
    with data.open("rb") as file:
        return Content(None, data, size, file.read(limits.MAX_HEADER_BYTES))


def _content_of_folder(folder: Path) -> Content:
    packed = packed_folder(folder)
    # By the number of this process, so that a worker finds it, too.
    path = Path(f"/proc/{os.getpid()}/fd/{packed.fileno()}")
    size = _size_of_file(path)
    packed.seek(0)
    return Content(None, path, size, packed.read(limits.MAX_HEADER_BYTES), packed)


def _size_of_file(path: Path) -> int:
    """The size, known before anything is read: a pipe or a device may have no end."""
    about = path.stat()
    if not stat.S_ISREG(about.st_mode):
        raise OSError(f"{path.name} is no ordinary file but a folder, pipe or device; send a file.")
    most = max(limits.MAX_FILE_BYTES.values())
    if about.st_size > most:
        raise OSError(
            f"{path.name} has {about.st_size // limits.MEGABYTE:,} MB; at most {most // limits.MEGABYTE:,} MB are taken. Split it."
        )
    return about.st_size


def survey(content: Content, copy: IO[bytes] | None = None) -> Survey:
    """Read all bytes once: the SHA-256, and what the fast CSV reader must know to number rows as a spreadsheet does.

    They are written to `copy` on the way: the copy is what the SHA-256 is of, whatever happens to the file.
    """
    digest, size = hashlib.sha256(), 0
    nul = quote = odd = False
    lines = returns = pairs = last = 0
    border = b""
    for piece in _surveyed_pieces(content):
        digest.update(piece)
        if copy is not None:
            copy.write(piece)
        nul = nul or b"\0" in piece
        quote = quote or b'"' in piece
        odd = odd or has_odd_numbers(border + piece[:BORDER]) or has_odd_numbers(piece)
        border = bytes((border + piece[-BORDER:])[-BORDER:])
        lines += piece.count(b"\n")
        if last == CARRIAGE_RETURN or b"\r" in piece:
            returns += piece.count(b"\r")
            pairs += piece.count(b"\r\n") + (last == CARRIAGE_RETURN and piece.startswith(b"\n"))
        size, last = size + len(piece), piece[-1]
    is_cut = size > 0 and last != LINE_FEED
    return Survey(digest.hexdigest(), size, lines + is_cut, nul, returns != pairs, quote, odd)


def has_odd_numbers(piece: bytes | bytearray) -> bool:
    """Whether an underscore stands between digits, or two signs before one: DuckDB reads 2_5 as 25 and +-3 as -3."""
    return SIGNS in piece or JOINED_DIGITS.search(piece) is not None


def _surveyed_pieces(content: Content) -> Iterator[bytes | bytearray]:
    """The bytes in pieces that stay in the processor's cache, each gone when the next one comes: new memory for each costs more than the hash."""
    if content.held is not None:
        yield from filter(None, content.chunks())
        return
    piece = bytearray(SURVEYED_BYTES)
    with content.located().open("rb", buffering=0) as file:
        while size := file.readinto(piece):
            yield piece if size == SURVEYED_BYTES else piece[:size]


def kind_of(content: Content) -> str:
    """One of the kinds that are taken, by the content. FileRefusedError for anything else and for files beyond the limits."""
    if content.size == 0:
        raise refuse(
            "empty_file", "an empty file", "a file with a header and rows", "Send the file again; the transfer may have been cut off."
        )
    kind = recognised(content.head)
    if kind == XLSX:
        kind = kind_of_archive(content.source(), content.size)
    if content.size > limits.MAX_FILE_BYTES[kind]:
        allowed = f"at most {limits.MAX_FILE_BYTES[kind] // limits.MEGABYTE:,} MB for {kind}"
        raise refuse("file_size", f"{content.size // limits.MEGABYTE} MB", allowed, "Split the file, for instance by week.")
    return kind


@contextmanager
def _memory_file(held: bytes) -> Iterator[Path]:
    # A file in memory leaves nothing on disk when the process is killed.
    if not hasattr(os, "memfd_create"):
        with tempfile.NamedTemporaryFile(prefix="veinway-") as file:
            file.write(held)
            file.flush()
            yield Path(file.name)
        return
    descriptor = os.memfd_create("veinway")
    try:
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            file.write(held)
        yield Path(f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)


@contextmanager
def nameless_file() -> Iterator[tuple[IO[bytes], Path]]:
    """A file on disk without a name, so that a killed process cannot leave it behind, and the path at which it can be read."""
    if not Path("/proc/self/fd").is_dir():
        with tempfile.NamedTemporaryFile(prefix="veinway-") as file:
            yield file, Path(file.name)
        return
    with tempfile.TemporaryFile() as nameless:
        yield nameless, Path(f"/proc/self/fd/{nameless.fileno()}")
