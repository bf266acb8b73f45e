"""A register of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dagster_project import register

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.engine import Engine


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty state folder."""
    root = tmp_path / "state"
    monkeypatch.setenv("VEINWAY_HOME", str(root))
    monkeypatch.delenv("VEINWAY_REGISTER_URL", raising=False)
    return root


@pytest.fixture
def engine(state: Path) -> Engine:
    """The register of that folder."""
    del state
    return register.open_register()
