"""Two editions side by side, and one edition against what was written down about it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project.editions.content import METHOD, content
from dagster_project.editions.publish import UNHASHED, changed_files
from dagster_project.editions.store import edition_id_of, read_manifest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Difference:
    """One view of one audience that differs: rows only in the first edition, rows only in the second. None where it lacks the view."""

    audience: str
    view: str
    rows_before: int | None
    rows_after: int | None
    only_before: int
    only_after: int


def verify_edition(edition: Path, *, sealed: Mapping[str, Any] | None) -> list[str]:
    """Everything about an edition that is not as published, in words; empty when all is well.

    `sealed` is the body of its ledger entry. Files are held to the manifest, tables to their content hashes (where this installation
    hashes as the edition's did), the manifest to the edition's name and to the ledger.
    """
    found = verify_files(edition, sealed=sealed)
    damaged, manifest = {text.split(" ")[0] for text in found}, read_manifest(edition)
    for name, audience in manifest["audiences"].items():
        if f"{name}.duckdb" not in damaged and manifest.get("content_by") == METHOD:
            found += [
                f"{name}: view {view} does not hold what the manifest says" for view in _other_content(edition, name, audience["tables"])
            ]
    return found


def verify_files(edition: Path, *, sealed: Mapping[str, Any] | None) -> list[str]:
    """As `verify_edition`, without looking into the tables: files against the manifest, the manifest against its name and the ledger."""
    manifest = read_manifest(edition)
    found = [f"{name} was changed, added or removed" for name in changed_files(edition)]
    if edition_id_of({key: value for key, value in manifest.items() if key not in UNHASHED}) != edition.name:
        found.append("manifest.json does not describe an edition of this name")
    if sealed is None:
        found.append("the ledger has no entry for it")
    elif sealed["manifest_sha256"] != hashlib.sha256((edition / "manifest.json").read_bytes()).hexdigest():
        found.append("manifest.json is not the one in the ledger")
    return found


def _other_content(edition: Path, audience: str, tables: Mapping[str, Any]) -> list[str]:
    with duckdb.connect(str(edition / f"{audience}.duckdb"), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        return [view for view, expected in tables.items() if content(con, f'main."{view}"') != expected]


def diff_editions(before: Path, after: Path) -> list[Difference]:
    """Views whose content differs, by audience and name; equal ones are known by their hashes and not opened."""
    first, second = read_manifest(before)["audiences"], read_manifest(after)["audiences"]
    found = []
    for audience in sorted(first.keys() | second.keys()):
        old, new = (side.get(audience, {"tables": {}})["tables"] for side in (first, second))
        files = (before / f"{audience}.duckdb", after / f"{audience}.duckdb")
        differing = sorted(view for view in old.keys() | new.keys() if old.get(view) != new.get(view))
        found += [_difference(audience, view, files, (old.get(view), new.get(view))) for view in differing]
    return found


def _difference(audience: str, view: str, files: tuple[Path, Path], entries: tuple[Mapping[str, Any] | None, ...]) -> Difference:
    before, after = (entry["rows"] if entry else None for entry in entries)
    if before is None or after is None:
        return Difference(audience, view, before, after, before or 0, after or 0)
    only_before, only_after = _rows_apart(*files, view)
    return Difference(audience, view, before, after, only_before, only_after)


def _rows_apart(before: Path, after: Path, view: str) -> tuple[int, int]:
    """Rows of each side that the other has not; rows are compared as text, so that a changed column does not stop the comparison."""
    with duckdb.connect(":memory:") as con:
        con.execute("SET TimeZone = 'UTC'")
        for name, path in (("old", before), ("new", after)):
            literal = str(path).replace("'", "''")
            con.execute(f"ATTACH '{literal}' AS \"{name}\" (READ_ONLY)")
        texts = {name: f'SELECT one_row::VARCHAR FROM "{name}".main."{view}" AS one_row' for name in ("old", "new")}
        counts = [
            con.execute(f"SELECT count(*) FROM ({texts[one]} EXCEPT ALL {texts[other]})").fetchall()[0][0]
            for one, other in (("old", "new"), ("new", "old"))
        ]
    return counts[0], counts[1]
