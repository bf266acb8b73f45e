"""Networks written once per test session, and a reader that sees them only as their files."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from dagster_project.contracts.model import contract

if TYPE_CHECKING:
    from pathlib import Path

Reader = Callable[[str], pd.DataFrame]


@pytest.fixture(scope="session")
def tiny_network(network_files: Callable[[str], Path]) -> Path:
    return network_files("tiny")


@pytest.fixture(scope="session")
def demo_network(network_files: Callable[[str], Path]) -> Path:
    return network_files("demo")


def read_file(path: Path) -> pd.DataFrame:
    """One partner file, times in UTC."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    if path.suffix == ".xlsx":
        return pd.read_excel(path, engine="calamine", dtype=object)
    return pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])


def read_feed(network: Path, feed: str) -> pd.DataFrame:
    """All rows of an event feed as they stand at the end: the newest row of each partner and key, clean files only."""
    parts = []
    for entry in json.loads((network / "network.json").read_text())["files"]:
        if entry["feed"] == feed:
            rows = read_file(network / entry["path"])
            if "patient_name" not in rows:
                parts.append(rows.assign(partner=entry["partner"]))
    table = pd.concat(parts, ignore_index=True)
    terms = contract(feed)
    for column in terms.columns:
        if column.type in {"timestamp", "date"}:
            table[column.name] = pd.to_datetime(table[column.name], utc=True, format="mixed")
    return table.drop_duplicates(subset=["partner", *terms.key], keep="last")
