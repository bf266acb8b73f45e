"""What the rooms' tests share: a state folder, and files read in the process of the test, so that what a test replaces is what is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dagster_project import register

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _read_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that wants workers asks for `workers`; the tests of the screens and the programs have them anyway."""
    monkeypatch.setenv("VEINWAY_WORKERS", "0")


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers, as on a small machine."""
    monkeypatch.setenv("VEINWAY_WORKERS", "2")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty state folder in which two partners are known."""
    root = tmp_path / "state"
    monkeypatch.setenv("VEINWAY_HOME", str(root))
    monkeypatch.delenv("VEINWAY_REGISTER_URL", raising=False)
    register.add_partner("north-hospital", "hospital")
    register.add_partner("swiftvein", "courier")
    return root
