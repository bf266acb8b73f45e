"""Taking a file out of its gzip or zip: one file, within limits, without ever using a name from the archive."""

from __future__ import annotations

import gzip
import re
import zipfile
import zlib
from contextlib import contextmanager
from io import BytesIO
from typing import IO, TYPE_CHECKING

from dagster_project.intake import limits
from dagster_project.intake.reading.archives import (
    NO_FILE,
    UNREADABLE,
    as_words,
    file_entries,
    is_table_in_parts,
    is_workbook,
    opened_archive,
    refuse_person,
    require_size,
    runs,
)
from dagster_project.intake.reading.content import Content, nameless_file
from dagster_project.intake.reading.kinds import GZIP_MARK, TAKEN, ZIP_MARK
from dagster_project.intake.receipt import Refusal, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

IN_GZIP, IN_ZIP = " in gzip", " in zip"
ARCHIVES = (GZIP_MARK, b"BZh", b"7z\xbc\xaf", b"Rar!", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
TAR_MARK, TAR_MARK_AT = b"ustar", 257
GZIP_HEADER_BYTES, GZIP_HAS_EXTRA, GZIP_HAS_NAME, GZIP_HAS_REMARK = 10, 4, 8, 16
# A member with an extra field, a name or a remark; and so much of it is looked at.
GZIP_MEMBER = re.compile(rb"\x1f\x8b\x08[\x04-\x1f]")
GZIP_MEMBER_BYTES = 256 * 1024
DAMAGED_HINT = "Pack it again; the transfer may have been cut off."


@contextmanager
def unwrapped(content: Content) -> Iterator[tuple[Content, str]]:
    """The file inside, and " in gzip" or " in zip"; or the content as it is, and "". A Parquet table in parts stays in its zip.

    FileRefusedError when the archive is damaged, encrypted, nested, holds more than one file, or unpacks beyond the limits.
    """
    if content.head.startswith(GZIP_MARK):
        _refuse_person_in_gzip(content)
        with _raw(content) as raw, gzip.GzipFile(fileobj=raw) as packed, _unpacked(packed, content.size) as inner:
            yield inner, IN_GZIP
    elif content.head.startswith(ZIP_MARK):
        with opened_archive(content.source()) as archive, _from_zip(archive, content) as found:
            yield found
    else:
        yield content, ""


def left_out(content: Content, wrapping: str) -> Iterator[Refusal]:
    """A warning where a zip holds, beside the file, entries that systems put there: they are not read."""
    if wrapping != IN_ZIP:
        return
    with opened_archive(content.source()) as archive:
        names = [] if is_table_in_parts(archive) else [entry.filename for entry in archive.infolist() if not entry.is_dir()]
    count = sum(NO_FILE.search(name) is not None for name in names)
    if count:
        noun, verb = ("entry", "was") if count == 1 else ("entries", "were")
        found = f"{count:,} {noun} of the archive {verb} not read: hidden files, or such as systems put beside others"
        yield Refusal(None, None, "archive", found, "one file and nothing beside it", "If one of them is a table, send it by itself.")


@contextmanager
def unpacked_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[Content]:
    """One file of a zip. FileRefusedError when it is damaged or unpacks beyond the limits."""
    try:
        packed = archive.open(entry)
    except UNREADABLE as error:
        raise refuse("archive", "a zip that cannot be unpacked", "gzip or an ordinary zip", DAMAGED_HINT) from error
    with packed, _unpacked(packed, entry.compress_size) as inner:
        yield inner


@contextmanager
def _from_zip(archive: zipfile.ZipFile, content: Content) -> Iterator[tuple[Content, str]]:
    if is_workbook(archive):
        yield content, ""
        return
    if is_table_in_parts(archive):
        yield content, IN_ZIP
        return
    entries = file_entries(archive)
    if len(entries) != 1:
        found = f"{len(entries):,} files in the archive" if entries else "an archive without a file"
        raise refuse("archive", found, "one file", "Send each file by itself.")
    with unpacked_entry(archive, entries[0]) as inner:
        yield inner, IN_ZIP


@contextmanager
def _unpacked(packed: IO[bytes] | gzip.GzipFile, packed_size: int) -> Iterator[Content]:
    """The bytes inside, in memory when they are few, else in a file without a name, which a killed process cannot leave behind."""
    first = _pieces(packed, packed_size)
    held = b""
    while len(held) <= limits.SMALL_FILE_BYTES and (piece := next(first, b"")):
        held += piece
    _refuse_nested(held)
    head = held[: limits.MAX_HEADER_BYTES]
    if len(held) <= limits.SMALL_FILE_BYTES:
        yield Content(held, None, len(held), head)
        return
    with nameless_file() as (file, path):
        size = file.write(held)
        for piece in first:
            size += file.write(piece)
        file.flush()
        yield Content(None, path, size, head)


def _pieces(packed: IO[bytes] | gzip.GzipFile, packed_size: int) -> Iterator[bytes]:
    size = 0
    try:
        while piece := packed.read(limits.MEGABYTE):
            size += len(piece)
            require_size(size, packed_size)
            yield piece
    except (EOFError, zlib.error, zipfile.BadZipFile, gzip.BadGzipFile, NotImplementedError) as error:
        raise refuse("archive", "a damaged or cut archive", "a whole one", DAMAGED_HINT) from error


def _refuse_nested(head: bytes) -> None:
    is_zip = head.startswith(ZIP_MARK) and b"[Content_Types].xml" not in head and b"xl/" not in head
    if is_zip or head.startswith(ARCHIVES) or head[TAR_MARK_AT:].startswith(TAR_MARK):
        raise refuse("archive", "an archive inside the archive", f"one file: {TAKEN}", "Unpack it and send the file itself.")


def _refuse_person_in_gzip(content: Content) -> None:
    """Look at the names, remarks and extra fields that a gzip file may carry: they are kept with it, though nobody reads them."""
    with _raw(content) as raw:
        before = b""
        while piece := raw.read(limits.MEGABYTE):
            # What looks like the beginning of a member further on nearly always is one.
            data = before + piece
            for member in GZIP_MEMBER.finditer(data):
                refuse_person(_gzip_texts(data[member.start() : member.start() + GZIP_MEMBER_BYTES]))
            before = data[-GZIP_MEMBER_BYTES:]


def _gzip_texts(head: bytes) -> list[str]:
    start, extra = GZIP_HEADER_BYTES, b""
    if head[3] & GZIP_HAS_EXTRA:
        length = int.from_bytes(head[start : start + 2], "little")
        extra = head[start + 2 : start + 2 + length]
        start += 2 + length
    texts = head[start:].split(b"\0", 2)[: bool(head[3] & GZIP_HAS_NAME) + bool(head[3] & GZIP_HAS_REMARK)]
    return [*runs(extra), *map(as_words, texts)]


def _raw(content: Content) -> IO[bytes]:
    source = content.source()
    return BytesIO(source) if isinstance(source, bytes) else source.open("rb")
