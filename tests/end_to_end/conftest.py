"""The compiled models that the scenarios use, for plans of the usual length."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "scenarios"))

from compiled import PLANNING_DATE, Compiled, compile_models


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """Every model, compiled once."""
    return compile_models(tmp_path_factory.mktemp("compiled"), {"planning_date": PLANNING_DATE})
