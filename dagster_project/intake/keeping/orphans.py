"""Files that no submission names: what a process left that was killed between placing its files and writing the register."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import select

from dagster_project import register
from dagster_project.home import home
from dagster_project.intake.keeping.files import move, sha256_of
from dagster_project.register.ledger import append_within
from dagster_project.register.tables import SUBMISSION

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any

    from sqlalchemy.engine import Connection

REPAIR = "repair"


def orphans() -> list[Path]:
    """Files of landing, refused and raw that no submission names, seen while no submission is being placed."""
    with register.writing(register.open_register()) as connection:
        return _orphans(connection)


def set_aside() -> list[Path]:
    """Move every orphan to the quarantine, on the ledger; returns where they are now. A file that a submission names is never moved."""
    now, root = dt.datetime.now(dt.UTC), home().root
    target = home().quarantine / now.strftime("%Y-%m-%dT%H%M%SZ")
    with register.writing(register.open_register()) as connection:
        found = _orphans(connection)
        if not found:
            return []
        listed = [{"path": str(path.relative_to(root)), "sha256": sha256_of(path)} for path in found]
        append_within(connection, REPAIR, "orphans", {"set_aside": listed, "quarantine": str(target.relative_to(root))}, now)
        moved = [target / path.relative_to(root) for path in found]
        for path, place in zip(found, moved, strict=True):
            move(path, place)
    return moved


def remove_files(submissions: Sequence[dict[str, Any]]) -> None:
    """Remove what is kept of purged submissions. Those that are gone already are no trouble."""
    for submission in submissions:
        for path, _ in register.kept_files(submission, home()).values():
            path.unlink(missing_ok=True)


def _orphans(connection: Connection) -> list[Path]:
    rows = connection.execute(select(SUBMISSION)).mappings()
    named = {path for row in rows for path, _ in register.kept_files(dict(row), home()).values()}
    found: list[Path] = []
    for folder in (home().landing, home().refused, home().raw):
        with contextlib.suppress(FileNotFoundError):
            found += [path for path in sorted(folder.rglob("*")) if path.is_file() and path not in named]
    return found
