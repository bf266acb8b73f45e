"""Dagster's definitions over an empty state folder, loaded once: parsing the dbt project takes seconds."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("definitions")
    before = os.environ.get("VEINWAY_HOME")
    os.environ["VEINWAY_HOME"] = str(folder)
    yield folder
    os.environ.pop("VEINWAY_HOME") if before is None else os.environ.update(VEINWAY_HOME=before)


@pytest.fixture(scope="session")
def defs(empty_home):
    from dagster_project.definitions import definitions  # noqa: PLC0415 - seconds that collecting tests must not pay

    return definitions()


@pytest.fixture(scope="session")
def graph(defs):
    return defs.resolve_asset_graph()
