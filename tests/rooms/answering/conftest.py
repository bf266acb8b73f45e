"""A state folder of its own, with partners let in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dagster_project import register

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty state folder in which two partners are known."""
    root = tmp_path / "state"
    monkeypatch.setenv("VEINWAY_HOME", str(root))
    monkeypatch.delenv("VEINWAY_REGISTER_URL", raising=False)
    register.add_partner("north-hospital", "hospital")
    register.add_partner("swiftvein", "courier")
    return root
