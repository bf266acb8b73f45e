"""`veinway doctor` finds what crashes and hands leave behind, repairs what it may, and never removes what was accepted."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result
from door_files import AS_OF, forecast, week
from sqlalchemy import select

from dagster_project import intake, register
from dagster_project.commands.doctor import doctor, purge
from dagster_project.intake import checkup, engine
from dagster_project.register.tables import LEDGER_ENTRY

pytestmark = pytest.mark.usefixtures("workers")


@pytest.fixture(autouse=True)
def _own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))


def look(*options: str) -> Result:
    return CliRunner().invoke(doctor, options, catch_exceptions=False)


def send(data: bytes = forecast(week(48), week(49, patients="many"), week(50))) -> intake.Receipt:
    return intake.submit(data, partner="north-hospital", feed="demand_forecast", as_of=AS_OF)


def entries(kind: str) -> list[dict]:
    with register.reading(register.open_register()) as connection:
        found = connection.execute(select(LEDGER_ENTRY.c.body_json).where(LEDGER_ENTRY.c.kind == kind))
        return [json.loads(text) for text in found.scalars()]


def require_that_it_repairs(words: str) -> None:
    ill = look()
    assert ill.exit_code == 1
    assert [line for line in ill.output.splitlines() if line.startswith("✗") and words in line and line.endswith("*")]
    assert "This puts it in order: veinway doctor --repair" in ill.output
    assert look("--repair").exit_code == 0
    well = look()
    assert (well.exit_code, well.output.splitlines()[-1]) == (0, "All is well.")
    assert register.verify() == []


def test_a_fresh_installation_is_well(state: Path) -> None:
    done = look()
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "All is well.")
    assert "✗" not in done.output


def test_files_that_no_submission_names_are_set_aside_and_the_ledger_says_so(state: Path) -> None:
    receipt = send()
    accepted = {path: path.read_bytes() for path in state.glob("*/**/*") if path.is_file() and path.parts[-2] != "state"}
    stray = {
        state / "landing" / "feed=demand_forecast" / "partner=north-hospital" / "submission=0123.parquet": b"rows",
        state / "refused" / "feed=demand_forecast" / "partner=north-hospital" / "submission=0123.parquet": b"refused",
        state / "raw" / "ab" / ("ab" * 32): b"bytes",
    }
    for path, data in stray.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    require_that_it_repairs("Files of submissions that the register does not know: 3.")
    (quarantine,) = (state / "quarantine").iterdir()
    assert {path: (quarantine / path.relative_to(state)).read_bytes() for path in stray} == stray
    (entry,) = entries("repair")
    assert {item["path"] for item in entry["set_aside"]} == {str(path.relative_to(state)) for path in stray}
    assert {path: path.read_bytes() for path in accepted} == accepted
    assert register.receipt(receipt.submission_id)


def test_a_delivery_that_was_cut_off_is_cleared_away(state: Path) -> None:
    left = state / "pending" / "0123"
    left.mkdir(parents=True)
    (left / "rows").touch()
    require_that_it_repairs("Deliveries that were cut off before anything was accepted: 1.")
    assert not left.exists()


def test_what_a_killed_process_spilled_is_cleared_away(state: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    spill = engine._spill(gone.pid)
    spill.mkdir()
    (spill / "rows").touch()
    engine._spill(os.getpid()).mkdir()
    require_that_it_repairs("Folders of rows that killed processes had put on disk while reading: 1.")
    assert not spill.exists()
    assert engine._spill(os.getpid()).exists()


@pytest.mark.parametrize(("change", "problem"), [(Path.unlink, "is missing"), (lambda path: path.write_bytes(b"x"), "was changed")])
def test_a_missing_or_changed_file_needs_a_person(state: Path, change, problem: str) -> None:
    send()
    change(next((state / "landing").rglob("*.parquet")))
    done = look("--repair")
    assert done.exit_code == 1
    assert problem in done.output
    assert "comes back from a backup" in done.output
    assert register.verify() != []


def test_too_little_room_is_told_with_what_to_do(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10**9))
    done = look()
    assert done.exit_code == 1
    assert "has 1.0 GB" in done.output
    assert "Make room" in done.output


def test_a_library_of_another_version_is_named(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "requires", lambda _: ["duckdb==0.0.1", "nowhere-to-be-found", 'skipped; extra == "dev"'])
    done = look()
    assert "0 of 2 libraries" in done.output
    assert "duckdb is " in done.output
    assert "nowhere-to-be-found is missing" in done.output


def test_a_register_that_does_not_answer_is_a_line_and_no_stack_trace(state: Path) -> None:
    register.open_register().dispose()
    (state / "register.sqlite").write_bytes(b"nothing that SQLite knows" * 100)
    register.close_registers()
    done = look()
    assert done.exit_code == 1
    assert "file is not a database" in done.output
    assert "Traceback" not in done.output


def test_a_refused_file_is_purged_and_the_ledger_says_why(state: Path) -> None:
    data = forecast(week(49, patients="-77"))
    receipt = send(data)
    assert receipt.refusals[0].found == "-77"
    done = CliRunner().invoke(purge, [receipt.submission_id, "--reason", "a name in patients", "--yes"], catch_exceptions=False)
    assert done.exit_code == 0
    assert not [path for folder in ("raw", "refused") for path in (state / folder).rglob("*") if path.is_file()]
    assert register.verify() == []
    again = send(data)
    assert (again.is_repeat, again.refusals[0].found, again.refusals[0].row) == (True, None, 2)
    (entry,) = entries("purge")
    assert entry["reason"] == "a name in patients"
    assert entry["removed"]["raw_sha256"] == receipt.sha256
    assert look().exit_code == 0


def test_accepted_rows_are_not_purged(state: Path) -> None:
    receipt = send()
    done = CliRunner().invoke(purge, [receipt.submission_id, "--reason", "why not", "--yes"])
    assert (done.exit_code, "were accepted as" in done.output) == (2, True)
    assert register.verify() == []
    assert CliRunner().invoke(purge, ["0123", "--reason", "none", "--yes"]).exit_code == 2


@pytest.mark.parametrize("is_accepted", [True, False])
def test_nobody_is_asked_about_what_cannot_be_purged(state: Path, *, is_accepted: bool) -> None:
    which = send().submission_id if is_accepted else "0123"
    done = CliRunner().invoke(purge, [which, "--reason", "none"], input="y\n")
    assert (done.exit_code, "cannot be undone" in done.output) == (2, False)


def test_a_purge_that_was_cut_off_is_done_again(state: Path) -> None:
    receipt = send(forecast(week(49, patients="many")))
    next((state / "raw").rglob("*/" + receipt.sha256)).unlink()
    assert register.verify() != []
    assert CliRunner().invoke(purge, [receipt.submission_id, "--reason", "again", "--yes"]).exit_code == 0
    assert register.verify() == []
