"""A process killed at any step leaves nothing or a whole submission, and the sender's retry is safe."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from multiprocessing.connection import wait
from pathlib import Path

import pytest
from door_files import AS_OF, forecast, week

from dagster_project import intake, register
from dagster_project.home import PROJECT_ROOT
from dagster_project.intake.keeping.files import abandoned

CHILD = Path(__file__).parent / "submit_and_die.py"
FILE = forecast(week(48), week(49, patients="many"), week(50))
# A large file is copied by the parent while the worker reads it.
IN_WORKER = {
    "small": ("read", "write raw", "write accepted", "write refused", "answer"),
    "large": ("stage", "read", "write accepted", "answer"),
}
IN_PARENT = {
    "small": ("rename 1", "rename 2", "rename 3", "insert", "insert entry", "commit"),
    "large": ("survey", "name", "rename 1", "rename 3", "insert", "commit"),
}


def each(steps: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(step, size) for size, names in steps.items() for step in names]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "forecast.csv"
    file.write_bytes(FILE)
    return file


def start(path: Path, step: str, victim: str, size: str = "small") -> subprocess.Popen[bytes]:
    command = [sys.executable, str(CHILD), str(path), step, victim, size]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT), "VEINWAY_WORKERS": "1"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)


def require_that_a_retry_is_whole(state: Path, path: Path) -> None:
    receipt = intake.submit(path, partner="north-hospital", feed="demand_forecast", as_of=AS_OF)
    assert (receipt.status, receipt.rows_accepted, receipt.rows_refused) == ("partly_accepted", 2, 1)
    assert len(register.submissions()) == 1
    assert register.verify() == []
    kept = [file for file in state.rglob("*") if file.is_file() and not file.name.startswith("register.")]
    assert sorted(file.relative_to(state).parts[0] for file in kept) == ["landing", "raw", "refused"]


def require_that_it_ends(pid: int) -> None:
    try:
        ending = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert wait([ending], timeout=60)
    finally:
        os.close(ending)


@pytest.mark.parametrize(("step", "size"), each(IN_PARENT))
def test_killed_while_keeping_nothing_is_registered_and_a_retry_is_whole(state: Path, path: Path, step: str, size: str) -> None:
    child = start(path, step, "self", size)
    child.communicate(timeout=120)
    assert child.returncode == -signal.SIGKILL
    assert register.submissions() == []
    assert register.verify() == []
    require_that_a_retry_is_whole(state, path)
    assert abandoned() == []


def test_killed_after_the_commit_the_retry_gives_the_receipt_that_was_not_seen(state: Path, path: Path) -> None:
    child = start(path, "receipt", "self")
    child.communicate(timeout=120)
    assert child.returncode == -signal.SIGKILL
    again = intake.submit(path, partner="north-hospital", feed="demand_forecast")
    assert (again.is_repeat, again.status) == (True, "partly_accepted")
    require_that_a_retry_is_whole(state, path)


@pytest.mark.parametrize(("step", "size"), each(IN_WORKER))
def test_a_killed_worker_is_a_refusal_and_a_retry_is_whole(state: Path, path: Path, step: str, size: str) -> None:
    child = start(path, step, "self", size)
    answer, errors = child.communicate(timeout=120)
    assert child.returncode == 0, errors.decode()
    receipt = json.loads(answer)
    assert (receipt["status"], [refusal["rule"] for refusal in receipt["refusals"]]) == ("refused", ["reader_failed"])
    assert b"Traceback" not in errors
    assert register.submissions() == []
    assert not [file for file in (state / "pending").rglob("*") if file.is_file()]
    require_that_a_retry_is_whole(state, path)


@pytest.mark.parametrize(("step", "size"), [("read", "small"), ("write raw", "small"), ("write refused", "small"), ("read", "large")])
def test_a_worker_ends_with_its_parent(state: Path, path: Path, step: str, size: str) -> None:
    child = start(path, step, "parent", size)
    child.communicate(timeout=120)
    assert child.returncode == -signal.SIGKILL
    require_that_it_ends(int(path.with_name("worker").read_text(encoding="ascii")))
    assert register.submissions() == []
    require_that_a_retry_is_whole(state, path)


def test_two_processes_sending_the_same_file_at_once_make_one_submission(state: Path, path: Path) -> None:
    children = [start(path, "none", "self") for _ in range(2)]
    answers = [child.communicate(timeout=120)[0] for child in children]
    assert [child.returncode for child in children] == [0, 0]
    assert answers[0] == answers[1] != b""
    require_that_a_retry_is_whole(state, path)
