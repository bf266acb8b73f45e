"""A Parquet table in a folder (`key=value/….parquet`): packed into a zip, so that it is one file with one SHA-256, like any other."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from typing import IO, TYPE_CHECKING

from dagster_project.intake.reading.archives import NO_FILE, is_part, part_keys

if TYPE_CHECKING:
    from pathlib import Path

# The same folder gives the same bytes, whenever and by whomever it is sent.
ALWAYS = (1980, 1, 1, 0, 0, 0)


def is_table_folder(folder: Path) -> bool:
    """Whether the folder holds nothing but parts of one Parquet table, in folders named after their keys."""
    parts = _parts(folder) if folder.is_dir() else []
    return bool(parts) and all(is_part(name) and part_keys(name) for name in parts)


def packed_folder(folder: Path) -> IO[bytes]:
    """The folder as a zip, in a file without a name. OSError when it is no such table."""
    if not is_table_folder(folder):
        raise OSError(f"{folder.name} is no ordinary file but a folder; send a file, or a Parquet table in folders called key=value.")
    target = tempfile.TemporaryFile()  # noqa: SIM115 - whoever opened the content closes it
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in _parts(folder):
            with archive.open(zipfile.ZipInfo(name, ALWAYS), "w", force_zip64=True) as part, (folder / name).open("rb") as source:
                shutil.copyfileobj(source, part)
    target.flush()
    return target


def _parts(folder: Path) -> list[str]:
    files = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sorted(name for name in files if not NO_FILE.search(name))
