"""What is expensive to make and never changes is made once, for all workers of a test run and for the next run."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEPT = 3


def kept(shelf: Path, name: str, made_from: str, make: Callable[[Path], object]) -> Path:
    """A folder that `make` filled, or that an earlier run or another worker filled from the same. The last used are kept."""
    folder = shelf / name
    folder.mkdir(exist_ok=True)
    ready = folder / hashlib.sha256(made_from.encode()).hexdigest()[:16]
    # Workers of one test run wait here for the first of them.
    with (folder / f"{ready.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.is_dir():
            draft = folder / f"{ready.name}.draft"
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            make(draft)
            draft.rename(ready)
        ready.touch()
    for old in sorted((path for path in folder.iterdir() if path.is_dir() and not path.suffix), key=_last_used)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return ready


def _last_used(path: Path) -> float:
    return path.stat().st_mtime


def content(files: Path) -> str:
    """A hash of all files below a folder and of their names; what Python compiles is left out."""
    found = sorted(path for path in files.rglob("*") if path.is_file() and path.suffix != ".pyc")
    parts = [f"{path.relative_to(files)} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in found]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
