"""One real installation for all screen tests: the tiny network, sent through the door, planned and published."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from apps.shared_views import data, identity
from dagster_project.defs.run import plan
from dagster_project.editions import open_edition
from dagster_project.editions.inputs import code_version
from dagster_project.intake import submit
from dagster_project.intake.deliveries import deliveries, let_partners_in
from dagster_project.network.write import write_network

APP = Path(__file__).resolve().parents[2] / "apps" / "shared_views" / "app.py"
SEED = 7


@pytest.fixture(scope="session")
def installation(request, tmp_path_factory) -> Path:
    """A state folder with a published edition. Kept between runs under the hash of what it is made from: files and planning code."""
    files = tmp_path_factory.mktemp("network") / "tiny"
    write_network("tiny", seed=SEED, out=files)
    made_from = hashlib.sha256(f"{code_version()} {_content(files)}".encode()).hexdigest()[:16]
    kept = Path(request.config.cache.mkdir("tiny-installation"))
    ready = kept / made_from
    # Workers of one test run wait here for the first of them.
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.is_dir():
            for old in kept.glob("*/"):
                shutil.rmtree(old)
            _install(files, kept / "draft")
            (kept / "draft").rename(ready)
    # Tests send files: each session works on a copy, the kept one stays as it is.
    home = tmp_path_factory.mktemp("installation") / "home"
    shutil.copytree(ready, home)
    return home


def _content(files: Path) -> str:
    parts = [
        f"{path.relative_to(files)} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in sorted(files.rglob("*")) if path.is_file()
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _install(files: Path, home: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VEINWAY_HOME", str(home))
        let_partners_in(files)
        for one in deliveries(files):
            submit(one.path, partner=one.partner, feed=one.feed, as_of=one.as_of)
        plan()


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
