"""Everything committed that is written from the contracts: which files, with what in them, and whether they still agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_project.contracts.dbt_references import dbt_references
from dagster_project.contracts.dbt_source import dbt_source
from dagster_project.contracts.model import contracts
from dagster_project.contracts.page import index, page
from dagster_project.home import PROJECT_ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dagster_project.contracts.model import Contract

PAGES = "docs/feeds"
SAMPLES = PROJECT_ROOT / "partner_feeds" / "samples"
SAMPLE_LINES = 4
SOURCES = "dbt/models/staging/_sources.yml"
REFERENCES = "dbt/macros/contract_references.sql"


def derivatives(of: Mapping[str, Contract] | None = None) -> dict[str, str]:
    """Every committed derivative by its path below the project, with the text its contract gives."""
    held = contracts() if of is None else of
    pages = {f"{PAGES}/{feed}.md": page(contract, _sample(feed)) for feed, contract in held.items()}
    macros = {REFERENCES: dbt_references(held.values())}
    return {SOURCES: dbt_source(held.values()), **macros, f"{PAGES}/README.md": index(held.values()), **pages}


def write_derivatives(root: Path = PROJECT_ROOT) -> list[str]:
    """Write every derivative that differs, remove pages of feeds that are gone; returns the paths touched."""
    wanted = derivatives()
    changed = []
    for path, text in wanted.items():
        if _text(root / path) != text:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
            changed.append(path)
    for path in _left_over(root, wanted):
        (root / path).unlink()
        changed.append(path)
    return changed


def drift(root: Path = PROJECT_ROOT) -> list[str]:
    """Paths of derivatives that are missing, differ from their contract, or have no contract any more."""
    wanted = derivatives()
    return [path for path, text in wanted.items() if _text(root / path) != text] + _left_over(root, wanted)


def _sample(feed: str) -> str | None:
    first = min((SAMPLES / feed).glob("good_*.csv"), default=None)
    return "".join(first.read_text(encoding="utf-8").splitlines(keepends=True)[:SAMPLE_LINES]) if first else None


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _left_over(root: Path, wanted: Mapping[str, str]) -> list[str]:
    found = (path.relative_to(root).as_posix() for path in (root / PAGES).glob("*.md"))
    return sorted(path for path in found if path not in wanted)
