"""The folder of editions on disk: which there are, which is current, and changing that without a reader noticing."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

Manifest = dict[str, Any]

EDITION_ID = re.compile(r"[0-9a-f]{20}")
KEPT = 20


def canonical(body: Manifest) -> bytes:
    """The one way a manifest's body is written before it is hashed."""
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def edition_id_of(body: Manifest) -> str:
    """Name of the edition with this body: what it holds and what it was made from, never when."""
    return hashlib.sha256(canonical(body)).hexdigest()[:20]


def current_edition(folder: Path) -> str | None:
    """Id of the current edition; None before the first one."""
    try:
        found = (folder / "current").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    return found if EDITION_ID.fullmatch(found) else None


def edition_ids(folder: Path) -> list[str]:
    """Ids of all complete editions, newest first."""
    if not folder.is_dir():
        return []
    found = [path for path in folder.iterdir() if EDITION_ID.fullmatch(path.name) and (path / "manifest.json").is_file()]
    return [path.name for path in sorted(found, key=lambda path: (read_manifest(path)["created_at"], path.name), reverse=True)]


def read_manifest(edition: Path) -> Manifest:
    """The manifest of one edition folder. LookupError when the folder holds none."""
    try:
        manifest: Manifest = json.loads((edition / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise LookupError(f"There is no edition {edition.name}. `veinway edition list` shows those that are kept.") from None
    return manifest


def input_ids(edition: Path) -> frozenset[str]:
    """The submissions that an edition rests on."""
    return frozenset((edition / "inputs.txt").read_text(encoding="ascii").split())


def resolve(folder: Path, edition_id: str | None) -> Path:
    """Folder of an edition: by its id, by the first letters of its id, or the current one. LookupError in plain words."""
    if edition_id is None:
        edition_id = current_edition(folder)
        if edition_id is None:
            raise LookupError("There is no edition yet. `veinway plan` makes the first one.")
        return folder / edition_id
    if EDITION_ID.fullmatch(edition_id) and (folder / edition_id / "manifest.json").is_file():
        return folder / edition_id
    matches = [known for known in edition_ids(folder) if known.startswith(edition_id)] if edition_id else []
    if len(matches) != 1:
        found = "no edition" if not matches else "more than one edition"
        raise LookupError(f"There is {found} {edition_id!r}. `veinway edition list` shows those that are kept.")
    return folder / matches[0]


def sync(path: Path) -> None:
    """Make a file's or folder's content survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def plans_later(folder: Path, planning_date: date) -> bool:
    """Whether the current edition plans a later date than this one."""
    edition_id = current_edition(folder)
    try:
        return edition_id is not None and str(read_manifest(folder / edition_id)["planning_date"]) > planning_date.isoformat()
    except LookupError:
        return False


def make_current(folder: Path, edition_id: str) -> None:
    """Point `current` at an edition. A reader sees the old id or the new one, never neither."""
    draft = folder / ".current.new"
    draft.write_text(edition_id + "\n", encoding="ascii")
    sync(draft)
    os.replace(draft, folder / "current")  # noqa: PTH105 - the crash tests stop here
    sync(folder)


def remove_drafts(folder: Path) -> None:
    """Clear what a killed run left. Only the pipeline publishes, and one run at a time."""
    for path in folder.glob(".draft-*"):
        shutil.rmtree(path)


def prune(folder: Path, *, keep: int = KEPT) -> list[str]:
    """Remove the oldest editions beyond `keep`; the current one stays, whatever its age. Returns the ids removed."""
    current = current_edition(folder)
    removed = [known for known in edition_ids(folder)[keep:] if known != current]
    for edition_id in removed:
        # Out of sight first, so that a kill while deleting leaves a draft and not half an edition.
        doomed = folder / f".draft-{edition_id}"
        (folder / edition_id).rename(doomed)
        shutil.rmtree(doomed)
    return removed
