"""The plan's rules as a loop, and the compiled models: the scenarios' own serve here too."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scenarios"))

from compiled import PLANNING_DATE, WEEKS, Compiled, compile_models


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """Every model, compiled once."""
    return compile_models(tmp_path_factory.mktemp("compiled"), {"planning_date": PLANNING_DATE, "horizon_weeks": WEEKS})
