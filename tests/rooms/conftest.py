"""What the rooms' tests share: files are read in the process of the test, so that what a test replaces is what is used."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _read_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that wants workers asks for `workers`; the tests of the screens and the programs have them anyway."""
    monkeypatch.setenv("VEINWAY_WORKERS", "0")


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers, as on a small machine."""
    monkeypatch.setenv("VEINWAY_WORKERS", "2")
