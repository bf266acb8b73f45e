"""Options and fixtures that several rooms' tests share."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from _pytest.nodeid import coerce_node_id
from compiled import PLANNING_DATE, WEEKS, Compiled, compile_models
from hypothesis import settings

from dagster_project.home import PROJECT_ROOT
from dagster_project.register import close_registers
from tests import fuzzing
from tests.fuzzing import pytest_pyfunc_call, pytest_terminal_summary  # noqa: F401 - hooks of pytest
from tests.kept import content, kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SEED = 7
# What a reference network is made by and from.
WRITTEN_BY = ("dagster_project/network", "dagster_project/contracts", "partner_feeds/agreements", "partner_feeds/contracts")
MEMORY_DISK, ROOM = Path("/dev/shm"), 8 << 30  # noqa: S108 - a folder of this run's own is made below it
# How long an example takes says nothing on a busy machine.
settings.register_profile("veinway", deadline=None)
settings.load_profile("veinway")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--bless` writes what was found as the new expectation; read the difference before committing it."""
    parser.addoption("--bless", action="store_true", default=False, help="rewrite recorded expectations with what the code gives now")


def pytest_configure() -> None:
    """Keep the tests' folders in memory where there is room for them: a test never waits for a disk."""
    if MEMORY_DISK.is_dir() and os.access(MEMORY_DISK, os.W_OK) and shutil.disk_usage(MEMORY_DISK).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY_DISK))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give the tests of an `xdist_group` to one worker: xdist 3.8 names the group where pytest 9.2 no longer looks for it."""
    fuzzing.pytest_collection_modifyitems(items)
    for item in items if config.getoption("loadgroup", default=False) else ():
        if (mark := item.get_closest_marker("xdist_group")) and "@" not in item.nodeid:
            item._id = coerce_node_id(f"{item.nodeid}@{mark.args[0]}")


@pytest.fixture(autouse=True)
def _registers_closed() -> Iterator[None]:
    """Every test has state folders of its own; a register left open is three files left open."""
    yield
    close_registers()


@pytest.fixture
def bless(request: pytest.FixtureRequest) -> bool:
    """Whether recorded expectations are to be rewritten."""
    return bool(request.config.getoption("--bless"))


@pytest.fixture(scope="session")
def shelf(request: pytest.FixtureRequest) -> Path:
    """Where runs keep what is expensive to make: pytest's own cache folder."""
    return Path(request.config.cache.mkdir("kept"))


@pytest.fixture(scope="session")
def network_files(shelf: Path) -> Callable[[str], Path]:
    """`network_files("tiny")` gives the folder of a reference network, written once for all workers, to read and not to touch."""

    def written(size: str) -> Path:
        from dagster_project.network.write import write_network  # noqa: PLC0415

        return kept(shelf, f"{size}-network", _writers(), lambda draft: write_network(size, seed=SEED, out=draft))

    return written


@pytest.fixture(scope="session")
def kept_submissions(shelf: Path) -> Path:
    """A state folder into which the tiny network's partners have sent everything, before its first plan; to copy and not to touch."""
    # Seconds of imports that collecting tests must not pay.
    from dagster_project.editions.inputs import code_version  # noqa: PLC0415

    return kept(shelf, "tiny-submissions", f"{code_version()} {_writers()}", _send)


@pytest.fixture(scope="session")
def kept_installation(shelf: Path, kept_submissions: Path) -> Path:
    """The same with a published edition. Both are kept between runs under the hash of what they are made from."""
    return kept(shelf, "tiny-installation", kept_submissions.name, lambda draft: _plan(kept_submissions, draft))


@pytest.fixture(scope="session")
def installation(kept_installation: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the kept installation that the tests of a session share, and send files to."""
    return shutil.copytree(kept_installation, tmp_path_factory.mktemp("installation") / "home")


@pytest.fixture(scope="session")
def compile_as(shelf: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Compiled]:
    """`compile_as(planning_date=…, horizon_weeks=…)` gives every model as compiled SQL, compiled once for all workers."""
    from dagster_project.editions.inputs import code_version  # noqa: PLC0415

    def compiled_as(**variables: object) -> Compiled:
        made_from = json.dumps([code_version(rooms=("dbt",)), variables], sort_keys=True)
        folder = tmp_path_factory.mktemp("compiled")
        return Compiled.read(kept(shelf, "compiled-models", made_from, lambda draft: compile_models(folder, variables).write(draft)))

    return compiled_as


@pytest.fixture(scope="session")
def compiled(compile_as: Callable[..., Compiled]) -> Compiled:
    """The models for a plan of eight weeks: short enough to be worked out by hand."""
    return compile_as(planning_date=PLANNING_DATE, horizon_weeks=WEEKS)


def _writers() -> str:
    return " ".join(content(PROJECT_ROOT / folder) for folder in WRITTEN_BY)


def _send(home: Path) -> None:
    from dagster_project.commands.demo import submit_network, write_demo  # noqa: PLC0415

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VEINWAY_HOME", str(home))
        submit_network(write_demo("tiny", SEED))
        close_registers()


def _plan(submissions: Path, home: Path) -> None:
    from dagster_project.defs.run import plan  # noqa: PLC0415

    shutil.copytree(submissions, home, dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VEINWAY_HOME", str(home))
        plan()
        close_registers()
