"""The drop folder of one hospital."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def inbox(state: Path) -> Path:
    """The forecast folder of a hospital."""
    place = state / "drop" / "north-hospital" / "demand_forecast"
    place.mkdir(parents=True)
    (place.parent).chmod(0o770)
    return place
