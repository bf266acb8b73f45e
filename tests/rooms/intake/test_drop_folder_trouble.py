"""The drop folder: what cannot be taken stays where it is with a word why, and no trouble loses a file or takes it twice."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from drop_files import GOOD, NAMED, PARTLY, notes, once, only

from dagster_project import intake, register
from dagster_project.commands.drop import drop
from dagster_project.home import PROJECT_ROOT, home
from dagster_project.intake import door
from dagster_project.intake.dropping import BusyError
from dagster_project.intake.dropping import visit as visit_function
from dagster_project.intake.dropping.notes import Notes
from dagster_project.intake.workshop import UnfinishedError

if TYPE_CHECKING:
    from collections.abc import Callable


resting = sys.modules[Notes.__module__]
visiting = sys.modules[visit_function.__module__]
CHILD = Path(__file__).parent / "drop_and_die.py"


def test_what_is_no_file_gets_a_note_and_stops_nobody(inbox: Path, state: Path) -> None:
    (inbox / "link.csv").symlink_to("/etc/hostname")
    (inbox / "folder").mkdir()
    os.mkfifo(inbox / "pipe.csv")
    (inbox / "plan.csv").write_bytes(GOOD)
    done = once()
    assert len(done.receipts) == 1
    assert notes(inbox) == {"link.csv.not-taken.txt", "folder.not-taken.txt", "pipe.csv.not-taken.txt"}
    assert "it is a link" in (inbox / "link.csv.not-taken.txt").read_text()
    (inbox / "link.csv").unlink()
    once()
    assert notes(inbox) == {"folder.not-taken.txt", "pipe.csv.not-taken.txt"}
    assert not [path for path in (state / "raw").rglob("*") if path.is_file() and path.read_bytes() != GOOD]


def test_a_wrong_folder_is_told_with_the_right_ones(inbox: Path) -> None:
    partner = inbox.parent
    (partner / "forcast").mkdir()
    (partner / "forcast" / "plan.csv").write_bytes(GOOD)
    (partner / "plan.csv").write_bytes(GOOD)
    (partner / "slot_plan").mkdir()
    (partner.parent / "stranger" / "demand_forecast").mkdir(parents=True)
    (partner.parent / "stranger" / "demand_forecast" / "plan.csv").write_bytes(GOOD)
    done = once()
    assert done.receipts == []
    assert "Did you mean demand_forecast?" in (partner / "forcast.not-taken.txt").read_text()
    assert "demand_forecast" in (partner / "plan.csv.not-taken.txt").read_text()
    assert notes(partner) == {"forcast.not-taken.txt", "plan.csv.not-taken.txt"}  # an empty folder is nobody's mistake
    assert ("stranger" in place and "veinway partner add stranger" in why for place, why in done.notes)
    assert [path.name for path in (partner.parent / "stranger" / "demand_forecast").iterdir()] == ["plan.csv"]
    register.add_partner("stranger", "hospital")
    assert [receipt.partner_id for receipt in once().receipts] == ["stranger"]


def test_a_senders_own_file_with_the_name_of_a_note_is_not_removed(inbox: Path) -> None:
    (inbox.parent / "mine.not-taken.txt").write_bytes(GOOD)
    once()
    assert (inbox.parent / "mine.not-taken.txt").read_bytes() == GOOD


@pytest.mark.parametrize("name", ["done", "refused"])
def test_a_link_in_place_of_our_folder_leads_nowhere(inbox: Path, tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (inbox / name).symlink_to(outside)
    (inbox / "plan.csv").write_bytes(GOOD)
    assert once().receipts == []
    assert list(outside.iterdir()) == []
    assert register.submissions() == []
    assert "where the answers go" in (inbox / f"{name}.not-taken.txt").read_text()


def test_a_link_in_place_of_a_feed_folder_leads_nowhere(inbox: Path) -> None:
    (inbox / "plan.csv").write_bytes(GOOD)
    (inbox.parent / "case_order").symlink_to(inbox)
    done = once()
    assert [receipt.feed for receipt in done.receipts] == ["demand_forecast"]
    assert "a link" in (inbox.parent / "case_order.not-taken.txt").read_text()


def after(step: Callable[..., Any], then: Callable[[], object]) -> Callable[..., Any]:
    def both(*arguments: Any, **options: Any) -> Any:
        found = step(*arguments, **options)
        then()
        return found

    return both


def test_a_new_file_of_the_same_name_has_its_own_turn(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (inbox / "plan.csv").write_bytes(GOOD)
    newer = inbox / ".newer"
    newer.write_bytes(PARTLY)
    monkeypatch.setattr(visiting, "submit", after(intake.submit, lambda: newer.exists() and newer.replace(inbox / "plan.csv")))
    assert once().receipts == []
    assert (inbox / "plan.csv").read_bytes() == PARTLY
    assert [receipt.status for receipt in once().receipts] == ["partly_accepted"]
    assert [row["status"] for row in register.submissions()] == ["accepted", "partly_accepted"]


def test_a_file_written_on_while_it_is_read_has_its_turn_again(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = inbox / "plan.csv"
    path.write_bytes(GOOD)
    with monkeypatch.context() as patch:
        patch.setattr(visiting, "submit", after(intake.submit, lambda: path.write_bytes(PARTLY)))
        assert once().waiting == ["north-hospital/demand_forecast/plan.csv"]
    assert [receipt.status for receipt in once().receipts] == ["partly_accepted"]


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), register.RegisterUnavailableError("The register does not answer.")]
)
def test_what_only_the_operator_can_repair_is_tried_again(inbox: Path, monkeypatch: pytest.MonkeyPatch, error: OSError) -> None:
    (inbox / "plan.csv").write_bytes(GOOD)

    def fail(*_: Any, **__: Any) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(visiting, "submit", fail)
        [(place, why)] = once().problems
        assert place.endswith("plan.csv")
        assert "tried again" in why
        assert CliRunner().invoke(drop, ["once", "--settle", "0"]).exit_code == 1
    assert notes(inbox) == set()
    assert len(once().receipts) == 1


def test_an_unreadable_file_gets_a_note(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (inbox / "plan.csv").write_bytes(GOOD)

    def fail(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    # Tests may run as root, whom no permission stops.
    monkeypatch.setattr(visiting, "opened_file", fail)
    once()
    assert "right to read" in (inbox / "plan.csv.not-taken.txt").read_text()


def test_a_reader_that_fails_at_one_file_does_not_stop_the_round(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (inbox / "a.csv").write_bytes(GOOD)
    (inbox / "b.csv").write_bytes(PARTLY)

    def submit(*arguments: Any, **options: Any) -> Any:
        if options["file_name"] == "a.csv":
            raise KeyError("Ada Example")
        return intake.submit(*arguments, **options)

    monkeypatch.setattr(visiting, "submit", submit)
    done = once()
    assert [receipt.file_name for receipt in done.receipts] == ["b.csv"]
    assert "Ada" not in str(done.notes)


def test_a_file_that_no_reader_gets_through_stays_and_rests(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (inbox / "plan.csv").write_bytes(GOOD)
    tried = []

    def crash(*_: Any, **__: Any) -> None:
        tried.append(1)
        raise UnfinishedError("crash")

    with monkeypatch.context() as patch:
        patch.setattr(door, "run", crash)
        once()
        assert once().waiting == ["north-hospital/demand_forecast/plan.csv"]
    assert len(tried) == 1
    assert "could not be read" in (inbox / "plan.csv.not-taken.txt").read_text()
    assert (inbox / "plan.csv").read_bytes() == GOOD
    monkeypatch.setattr(resting, "REST_SECONDS", 0.0)
    assert len(once().receipts) == 1
    assert notes(inbox) == set()


def test_two_rounds_at_once_are_one(inbox: Path) -> None:
    (inbox / "plan.csv").write_bytes(GOOD)
    with (home().root / "drop.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(BusyError):
            once()
        told = CliRunner().invoke(drop, ["once"])
        assert (told.exit_code, "Another process" in told.output) == (0, True)
    assert len(once().receipts) == 1


# Three files are written beside the sent one before it is moved: workbook, receipt, receipt in words.
@pytest.mark.parametrize(
    ("step", "call"),
    [("insert", 9), ("commit", 4), ("mkdir", 1), ("replace", 1), ("replace", 2), ("replace", 3), ("rename", 1)],
)
def test_killed_at_any_step_every_file_is_submitted_once(inbox: Path, step: str, call: int) -> None:
    (inbox / "plan.csv").write_bytes(PARTLY)
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT)}
    child = subprocess.run([sys.executable, str(CHILD), step, str(call)], env=environment, capture_output=True, check=False)
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    assert (inbox / "plan.csv").exists()
    assert [receipt.status for receipt in once().receipts] == ["partly_accepted"]
    assert (len(register.submissions()), len(register.sendings())) == (1, 1)
    assert sorted(path.name.split("_", 2)[2] for path in (inbox / "done").iterdir() if not path.name.startswith(".")) == [
        "plan.csv",
        "plan.csv.annotated.xlsx",
        "plan.csv.receipt.json",
        "plan.csv.receipt.txt",
    ]
    assert "were here before" not in only("*.receipt.txt", inbox / "done").read_text()
    assert register.verify() == []


@pytest.mark.parametrize(("step", "call"), [("rename", 1), ("unlink", 3)])
def test_killed_while_removing_it_a_file_with_a_name_in_it_is_gone_after_all(inbox: Path, state: Path, step: str, call: int) -> None:
    (inbox / "plan.csv").write_bytes(NAMED)
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT)}
    child = subprocess.run([sys.executable, str(CHILD), step, str(call)], env=environment, capture_output=True, check=False)
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    once()
    assert [path for path in state.rglob("*") if path.is_file() and b"Ada Example" in path.read_bytes()] == []
    assert len(register.sendings()) == 1
