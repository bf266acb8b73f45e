"""Golden scenarios: partner files go in at the door, the tables that come out are compared with those in the folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from compiled import PLANNING_DATE, WEEKS, Compiled, compile_models

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The models for a plan of eight weeks: short enough to be worked out by hand."""
    folder: Path = tmp_path_factory.mktemp("compiled")
    return compile_models(folder, {"planning_date": PLANNING_DATE, "horizon_weeks": WEEKS})
