"""A state folder with two couriers, of which one has a mapping, and its export."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_project import register

HERE = Path(__file__).parent


@pytest.fixture
def state(tmp_path, monkeypatch):
    root = tmp_path / "state"
    monkeypatch.setenv("VEINWAY_HOME", str(root))
    monkeypatch.delenv("VEINWAY_REGISTER_URL", raising=False)
    # In this process, so that a test can set a limit.
    monkeypatch.setenv("VEINWAY_WORKERS", "0")
    register.add_partner("northarc", "courier")
    register.add_partner("swiftvein", "courier")
    return root


@pytest.fixture
def export():
    return (HERE / "northarc_export.csv").read_bytes()
