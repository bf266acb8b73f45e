"""Options and fixtures that several rooms' tests share."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--bless` writes what was found as the new expectation; read the difference before committing it."""
    parser.addoption("--bless", action="store_true", default=False, help="rewrite recorded expectations with what the code gives now")


@pytest.fixture
def bless(request: pytest.FixtureRequest) -> bool:
    """Whether recorded expectations are to be rewritten."""
    return bool(request.config.getoption("--bless"))
