"""The compiled models that the scenarios use, for plans of the usual length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from compiled import PLANNING_DATE, Compiled

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="session")
def compiled(compile_as: Callable[..., Compiled]) -> Compiled:
    """Every model, compiled once."""
    return compile_as(planning_date=PLANNING_DATE)
