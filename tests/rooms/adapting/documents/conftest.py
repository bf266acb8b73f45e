"""A state folder of its own, with the partners whose documents the tests send."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dagster_project import register

if TYPE_CHECKING:
    from pathlib import Path

PARTNERS = {"north-hospital": "hospital", "swiftvein": "courier", "kestrel-bio": "plant"}


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty state folder in which a hospital, a courier and a plant are known."""
    root = tmp_path / "state"
    monkeypatch.setenv("VEINWAY_HOME", str(root))
    monkeypatch.delenv("VEINWAY_REGISTER_URL", raising=False)
    for partner, role in PARTNERS.items():
        register.add_partner(partner, role)
    return root
