"""Folders of partner files: which file is whose, for which feed, and since when it stands. Nothing is read of the files themselves."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dagster_project.intake import limits
from dagster_project.register import add_partner, partners

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MANIFEST = "network.json"


@dataclass(frozen=True)
class Delivery:
    """One file to be submitted. `as_of` is None when it stands for the moment of its receipt."""

    path: Path
    partner: str
    feed: str
    as_of: dt.datetime | None


def deliveries(folder: Path) -> list[Delivery]:
    """The files of a folder laid out `<partner>/<feed>/<file>`, in the order of their as-of, then by name.

    A `network.json` in the folder gives each file's as-of: a replay. ValueError when a file lies elsewhere or the manifest cannot be read.
    """
    times = {folder / path: as_of for path, as_of in _listed_times(manifest(folder))}
    if times:
        found = [_delivery(folder, path, as_of) for path, as_of in times.items()]
    else:
        files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != MANIFEST and not path.name.startswith("."))
        found = [_delivery(folder, path, None) for path in files]
    first = dt.datetime.min.replace(tzinfo=dt.UTC)
    return sorted(found, key=lambda delivery: (delivery.as_of or first, delivery.path))


def let_partners_in(folder: Path) -> int:
    """Register the partners that the folder's manifest lists; returns how many are new or changed."""
    listed = {entry["partner_id"]: entry["role"] for entry in manifest(folder).get("partners", [])}
    known = partners()
    fresh = {partner: role for partner, role in listed.items() if known.get(partner) != role}
    for partner, role in fresh.items():
        add_partner(partner, role)
    return len(fresh)


def manifest(folder: Path) -> dict[str, Any]:
    """The folder's `network.json`; empty when it has none."""
    path = folder / MANIFEST
    if not path.is_file():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error


def parse_moment(text: str) -> dt.datetime:
    """A moment from `2026-11-16T08:00:00Z`, or the first moment (UTC) of a day such as `2026-11-16`. ValueError otherwise, and for the future."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no time; write it as 2026-11-16T08:00:00Z or 2026-11-16.") from error
    if moment.tzinfo is None and len(text) > len("2026-11-16"):
        raise ValueError(f"{text!r} does not say its zone; add Z or an offset such as +01:00.")
    try:
        moment = moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
    except OverflowError as error:
        raise ValueError(f"{text!r} lies beyond the times a computer counts.") from error
    if moment > dt.datetime.now(dt.UTC) + limits.CLOCK_TOLERANCE:
        raise ValueError(f"{text!r} lies in the future: a replay stands for the past.")
    return moment


def _listed_times(document: dict[str, Any]) -> Iterable[tuple[str, dt.datetime]]:
    for entry in document.get("files", []):
        yield entry["path"], parse_moment(entry["as_of"])


def _delivery(folder: Path, path: Path, as_of: dt.datetime | None) -> Delivery:
    parts = path.relative_to(folder).parts
    if len(parts) != 3:
        raise ValueError(f"{path} does not lie in <partner>/<feed>/ below {folder}. Name --partner and --feed, or lay the files out so.")
    return Delivery(path, parts[0], parts[1], as_of)
