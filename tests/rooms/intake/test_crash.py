"""A process killed at any step leaves nothing or a whole submission, and the sender's retry is safe."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from door_files import AS_OF, forecast, week

from dagster_project import intake, register
from dagster_project.home import PROJECT_ROOT

CHILD = Path(__file__).parent / "submit_and_die.py"
FILE = forecast(week(48), week(49, patients="many"), week(50))


def start(path: Path, step: str, call: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(CHILD), str(path), step, str(call)]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)


# Three files are written and renamed: raw, accepted rows, refused rows.
@pytest.mark.parametrize(
    ("step", "call"),
    [
        ("write_raw", 1),
        ("write_parquet", 1),
        ("write_parquet", 2),
        ("rename", 1),
        ("rename", 2),
        ("rename", 3),
        ("insert", 8),
        ("commit", 4),
    ],
)
def test_killed_at_any_step_nothing_is_registered_and_a_retry_is_whole(state: Path, tmp_path: Path, step: str, call: int) -> None:
    path = tmp_path / "forecast.csv"
    path.write_bytes(FILE)
    child = start(path, step, call)
    child.communicate(timeout=120)
    assert child.returncode == -signal.SIGKILL
    assert register.submissions() == []
    assert register.verify() == []
    receipt = intake.submit(path, partner="north-hospital", feed="demand_forecast", as_of=AS_OF)
    assert (receipt.status, receipt.rows_accepted, receipt.rows_refused) == ("partly_accepted", 2, 1)
    assert register.verify() == []
    assert len(list((state / "landing").rglob("submission=*.parquet"))) == 1


def test_two_processes_sending_the_same_file_at_once_make_one_submission(state: Path, tmp_path: Path) -> None:
    path = tmp_path / "forecast.csv"
    path.write_bytes(FILE)
    children = [start(path, "none", 0) for _ in range(2)]
    answers = [child.communicate(timeout=120)[0] for child in children]
    assert [child.returncode for child in children] == [0, 0]
    assert answers[0] == answers[1] != b""
    assert len(register.submissions()) == 1
    assert register.verify() == []
    assert len([path for path in state.rglob("*") if path.is_file() and not path.name.startswith("register.")]) == 3
