"""Pages and people of the installation that the tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from apps.shared_views import data, identity
from dagster_project.editions import open_edition

APP = Path(__file__).resolve().parents[2] / "apps" / "shared_views" / "app.py"


@pytest.fixture
def at_home(installation, monkeypatch) -> None:
    """The state folder in force is the installation, and nothing is cached yet."""
    monkeypatch.setenv("VEINWAY_HOME", str(installation))
    st.cache_data.clear()


@pytest.fixture
def people(at_home) -> dict[str, list[identity.Person]]:
    """Everyone of the edition by role."""
    by_role: dict[str, list[identity.Person]] = {}
    for person in data.people(data.current_edition_id()).values():
        by_role.setdefault(person.role, []).append(person)
    return by_role


@pytest.fixture
def open_page(people):
    """`open_page(role or person, page)` gives the page after its first run."""

    def opened(who: str | identity.Person, page: str) -> AppTest:
        person = people[who][0] if isinstance(who, str) else who
        app = AppTest.from_file(str(APP), default_timeout=60)
        app.session_state[identity.KEY] = person.audience
        app.run()
        return app if page == "home" else app.switch_page(f"views/{page}.py").run()

    return opened


@pytest.fixture
def own_ids(at_home) -> list[str]:
    """Case ids that the operator's file holds."""
    return open_edition("operator").query("cases", columns=["case_id"])["case_id"].to_pylist()


@pytest.fixture
def project_pages() -> set[str]:
    """Page files of the app by name."""
    return {path.stem for path in (APP.parent / "views").glob("*.py")}
