"""Options and fixtures that several rooms' tests share."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from pathlib import Path

import pytest

from tests.fuzzing import pytest_collection_modifyitems, pytest_pyfunc_call, pytest_terminal_summary  # noqa: F401 - hooks of pytest

SEED = 7


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--bless` writes what was found as the new expectation; read the difference before committing it."""
    parser.addoption("--bless", action="store_true", default=False, help="rewrite recorded expectations with what the code gives now")


@pytest.fixture
def bless(request: pytest.FixtureRequest) -> bool:
    """Whether recorded expectations are to be rewritten."""
    return bool(request.config.getoption("--bless"))


@pytest.fixture(scope="session")
def kept_installation(request, tmp_path_factory) -> Path:
    """A state folder with a published edition, to copy and not to touch. Kept between runs under the hash of what it is made from."""
    # Seconds of imports that collecting tests must not pay.
    from dagster_project.editions.inputs import code_version  # noqa: PLC0415
    from dagster_project.network.write import write_network  # noqa: PLC0415

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
    return ready


@pytest.fixture(scope="session")
def installation(kept_installation, tmp_path_factory) -> Path:
    """A copy of the kept installation that the tests of a session share, and send files to."""
    return shutil.copytree(kept_installation, tmp_path_factory.mktemp("installation") / "home")


def _content(files: Path) -> str:
    parts = [
        f"{path.relative_to(files)} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in sorted(files.rglob("*")) if path.is_file()
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _install(files: Path, home: Path) -> None:
    from dagster_project.defs.run import plan  # noqa: PLC0415
    from dagster_project.intake import submit  # noqa: PLC0415
    from dagster_project.intake.deliveries import deliveries, let_partners_in  # noqa: PLC0415

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VEINWAY_HOME", str(home))
        let_partners_in(files)
        for one in deliveries(files):
            submit(one.path, partner=one.partner, feed=one.feed, as_of=one.as_of)
        plan()
