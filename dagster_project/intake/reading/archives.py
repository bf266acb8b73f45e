"""Looking into a zip without unpacking it: is it a workbook, a partitioned Parquet table, or one file, and is it harmless."""

from __future__ import annotations

import re
import zipfile
import zlib
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import unquote

from dagster_project.intake import limits
from dagster_project.intake.judging.privacy import FREE, value_class
from dagster_project.intake.reading.kinds import GZIP_MARK, PARQUET, XLSX, ZIP_MARK
from dagster_project.intake.receipt import refuse
from dagster_project.wording import one

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORKBOOK = "xl/workbook"
ENCRYPTED = 0x1
# What systems put beside the files that people mean.
NO_FILE = re.compile(
    r"(?:^|/)(?:__MACOSX/.*|\.[^/]*|Thumbs\.db|desktop\.ini|_SUCCESS|_metadata|_common_metadata|[^/]+\.crc)$|/$", re.IGNORECASE
)
LEADS_OUT = re.compile(r"^[/\\]|^[A-Za-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)")
PATH_BORDER = re.compile(r"[/\\]")
NOT_PRINTABLE, SHORTEST_RUN = re.compile(r"[^\x20-\x7e\xa0-\uffff]+"), 5
# What Hive calls the folder of rows without a value.
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
# What zipfile raises for a damaged archive: a way of packing that it does not know is a NotImplementedError, a password a RuntimeError.
UNREADABLE = (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, IndexError, EOFError, zlib.error)
PART_KEY = re.compile(r"([A-Za-z_]\w{0,62})=([^/=]{1,200})")


@contextmanager
def opened_archive(source: bytes | Path) -> Iterator[zipfile.ZipFile]:
    """The zip, closed afterwards. FileRefusedError when it is damaged."""
    try:
        archive = zipfile.ZipFile(BytesIO(source) if isinstance(source, bytes) else source)
    except UNREADABLE as error:
        raise refuse(
            "file_kind", "a damaged workbook or archive", "an XLSX workbook or a zip", "Pack or save it again; the transfer may have been cut off."
        ) from error  # fmt: skip
    with archive:
        yield archive


def is_workbook(archive: zipfile.ZipFile) -> bool:
    """Whether the zip is an Excel workbook."""
    return any(entry.filename.startswith(WORKBOOK) for entry in archive.infolist())


def is_table_in_parts(archive: zipfile.ZipFile) -> bool:
    """Whether the zip holds one table in several Parquet files, or in folders called `key=value`."""
    names = [entry.filename for entry in archive.infolist() if not NO_FILE.search(entry.filename)]
    return bool(names) and all(map(is_part, names)) and (len(names) > 1 or bool(part_keys(names[0])))


def is_part(name: str) -> bool:
    """Whether a file is called like a Parquet file."""
    return name.lower().endswith((".parquet", ".pq"))


def part_keys(name: str) -> dict[str, str]:
    """Columns and values that the folders of a part are named after, such as `feed_date=2026-11-20/`."""
    found = (PART_KEY.fullmatch(folder) for folder in name.split("/")[:-1])
    return {match.group(1): "" if match.group(2) == NO_VALUE else unquote(match.group(2)) for match in found if match}


def refuse_person_in_names(archive: zipfile.ZipFile) -> None:
    """FileRefusedError when the archive names a person beside its files: in a name, a remark, or an extra field."""
    for entry in archive.infolist():
        refuse_person([entry.filename, *PATH_BORDER.split(entry.filename), as_words(entry.comment), *runs(entry.extra)])
    refuse_person([as_words(archive.comment)])


def as_words(data: bytes) -> str:
    """A name or remark in bytes: UTF-8, or the letters of old systems."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def runs(data: bytes) -> list[str]:
    """What can be read in bytes of another meaning."""
    return [text for text in NOT_PRINTABLE.split(as_words(data)) if len(text) >= SHORTEST_RUN]


def _left_by_systems(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    """The text of an entry that is no file. FileRefusedError when it is too long for what systems leave, or packed."""
    try:
        with archive.open(entry) as file:
            data = file.read(limits.MEGABYTE + 1)
        if len(data) > limits.MEGABYTE or data.startswith((ZIP_MARK, GZIP_MARK)):
            hint = "Pack it again without hidden files, or send the file itself."
            raise refuse("archive", "a hidden file that is large or an archive itself", "one file and nothing beside it", hint)
        return data.replace(b"\0", b"").decode("utf-8", "replace")
    except UNREADABLE:
        return ""


def refuse_person(texts: list[str]) -> None:
    """FileRefusedError when one of these names or remarks names a person."""
    kinds = (value_class(text.replace("_", " "), FREE) for text in texts if text)
    if kind := next((kind for kind in kinds if kind), None):
        hint = "Rename the file, or pack it again without what names the person."
        raise refuse("direct_identifier", f"{one(kind)} in the archive, beside its rows", "no direct identifier of a person", hint)


def file_entries(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files of a zip, without folders and what systems leave there, in the order of their names. FileRefusedError when it is not harmless."""
    every = archive.infolist()
    if len(every) > limits.MAX_ENTRIES:
        raise refuse("archive", f"{len(every):,} entries in the archive", f"at most {limits.MAX_ENTRIES:,}", "Send each file by itself.")
    if any(LEADS_OUT.search(entry.filename) for entry in every):
        raise refuse("archive", "a path that leads out of the archive", "plain file names", "Pack the file again, without folders.")
    refuse_person_in_names(archive)
    refuse_person([_left_by_systems(archive, entry) for entry in every if NO_FILE.search(entry.filename) and entry.file_size])
    entries = [entry for entry in every if not NO_FILE.search(entry.filename)]
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise refuse(
            "archive", "an archive with a password", "an archive without one", "Pack it again without a password, or send the file itself."
        )
    require_size(sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries))
    return sorted(entries, key=lambda entry: entry.filename)


def require_size(size: int, packed_size: int) -> None:
    """FileRefusedError when so many bytes are too many, or far too many for what they were packed into."""
    most = max(limits.MAX_FILE_BYTES.values())
    if size > most:
        allowed = f"at most {most // limits.MEGABYTE:,} MB"
        raise refuse("file_size", "an archive that is too large once unpacked", allowed, "Split the file, for instance by week.")
    if size > limits.FREELY_UNPACKED_BYTES and size > limits.MAX_RATIO * max(packed_size, 1):
        found = f"an archive that grows more than {limits.MAX_RATIO} times when it is unpacked"
        raise refuse("file_size", found, "a file of ordinary content", "Send the file itself.")


def kind_of_archive(source: bytes | Path, size: int) -> str:
    """XLSX or, for a table in parts, PARQUET. FileRefusedError for any other zip and beyond the limits."""
    with opened_archive(source) as archive:
        if is_workbook(archive):
            _require_ordinary_workbook(archive, size)
            return XLSX
        if is_table_in_parts(archive):
            file_entries(archive)
            return PARQUET
    raise refuse("archive", "an archive inside an archive", "one file", "Unpack it and send the file itself.")


def _require_ordinary_workbook(archive: zipfile.ZipFile, size: int) -> None:
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    too_dense = unpacked > limits.MAX_RATIO * size and unpacked > limits.FREELY_UNPACKED_BYTES
    if len(entries) > limits.MAX_ENTRIES or unpacked > limits.MAX_XLSX_UNPACKED_BYTES or too_dense:
        found = f"{unpacked // limits.MEGABYTE} MB in {len(entries)} parts once unpacked"
        raise refuse("file_size", found, "a workbook of ordinary size", "Send a large table as CSV or Parquet.")
    if len({entry.filename for entry in entries}) < len(entries):
        # Readers disagree about which of them counts.
        raise refuse("file_kind", "a workbook that has a part twice", "an XLSX workbook", "Open it in Excel, save it again and send that.")
    refuse_person_in_names(archive)
