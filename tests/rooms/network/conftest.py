"""Networks written once per test session, and a reader that sees them only as their files."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from dagster_project.contracts.model import contract
from dagster_project.network.write import write_network

if TYPE_CHECKING:
    from pathlib import Path

Reader = Callable[[str], pd.DataFrame]


@pytest.fixture(scope="session")
def tiny_network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("networks") / "tiny"
    write_network("tiny", seed=7, out=out)
    return out


@pytest.fixture(scope="session")
def demo_network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("networks") / "demo"
    write_network("demo", seed=7, out=out)
    return out


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
