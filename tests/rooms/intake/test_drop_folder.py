"""The drop folder: whole files go through the door once, everything else stays where it is with a word why."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from door_files import forecast, week

from dagster_project import intake, register
from dagster_project.commands.doctor import purge
from dagster_project.commands.drop import drop
from dagster_project.home import PROJECT_ROOT, home
from dagster_project.intake import door
from dagster_project.intake.dropping import BusyError, Visit, visit
from dagster_project.intake.dropping import visit as visit_function
from dagster_project.intake.dropping.answers import shortened
from dagster_project.intake.dropping.notes import Notes
from dagster_project.intake.workshop import UnfinishedError

if TYPE_CHECKING:
    from collections.abc import Callable

resting = sys.modules[Notes.__module__]
visiting = sys.modules[visit_function.__module__]
CHILD = Path(__file__).parent / "drop_and_die.py"
GOOD = forecast(week(50), week(51))
PARTLY = forecast(week(50), week(51, patients="many"))
NAMED = b"patient_name," + forecast(week(50)).replace(b"\n9", b"\nAda Example,9")


@pytest.fixture
def inbox(state: Path) -> Path:
    """The forecast folder of a hospital."""
    place = state / "drop" / "north-hospital" / "demand_forecast"
    place.mkdir(parents=True)
    (place.parent).chmod(0o770)
    return place


def once() -> Visit:
    return visit(settle_seconds=0)


def only(pattern: str, folder: Path) -> Path:
    [found] = folder.glob(pattern)
    return found


def notes(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("*.not-taken.txt")}


def test_a_file_is_submitted_and_moved_with_its_receipt(inbox: Path) -> None:
    (inbox / "plan.csv").write_bytes(PARTLY)
    changed_at = (inbox / "plan.csv").stat().st_ctime
    [receipt] = once().receipts
    assert receipt.status == "partly_accepted"
    assert sorted(path.name for path in inbox.iterdir()) == ["done"]
    assert only("*_plan.csv", inbox / "done").read_bytes() == PARTLY
    assert json.loads(only("*.receipt.json", inbox / "done").read_text()) == register.receipt(receipt.submission_id)
    words = only("*.receipt.txt", inbox / "done").read_text()
    assert "PARTLY ACCEPTED: plan.csv" in words
    assert "Row 3, column patients: found many" in words
    assert only("*.annotated.xlsx", inbox / "done").read_bytes().startswith(b"PK")
    [sending] = register.sendings()
    assert (sending["way_in"], sending["sent_at"].timestamp()) == ("drop", pytest.approx(changed_at, abs=1e-5))
    assert once() == Visit()


def test_the_receipt_is_the_one_that_the_door_gives(inbox: Path) -> None:
    (inbox / "plan.csv").write_bytes(PARTLY)
    [receipt] = once().receipts
    again = intake.submit(PARTLY, partner="north-hospital", feed="demand_forecast", file_name="plan.csv")
    assert again == receipt
    assert again.is_repeat


def test_a_refused_file_goes_to_refused(inbox: Path) -> None:
    (inbox / "plan.csv").write_bytes(forecast(week(50), header="a,b"))
    [receipt] = once().receipts
    assert receipt.status == "refused"
    assert only("*.receipt.txt", inbox / "refused").read_text().startswith("REFUSED: plan.csv")
    assert not (inbox / "done").exists()


def test_what_is_purged_goes_from_the_drop_folder_too(inbox: Path, state: Path) -> None:
    (inbox / "plan.csv").write_bytes(forecast(week(50, patients="Otto Unfound")))
    (inbox / "other.csv").write_bytes(forecast(week(50, patients="many")))
    receipts = {receipt.file_name: receipt for receipt in once().receipts}
    assert [path for path in (inbox / "refused").iterdir() if b"Otto Unfound" in path.read_bytes()]
    told = CliRunner().invoke(purge, [receipts["plan.csv"].submission_id, "--reason", "a name among the patients", "--yes"])
    assert told.exit_code == 0, told.output
    assert [path for path in (inbox / "refused").iterdir() if b"Otto Unfound" in path.read_bytes()] == []
    assert len(list((inbox / "refused").glob("*_other.csv*"))) >= 3


def test_a_file_that_names_a_patient_is_kept_nowhere(inbox: Path, state: Path) -> None:
    (inbox / "plan.csv").write_bytes(NAMED)
    [receipt] = once().receipts
    assert receipt.status == "refused"
    assert [path for path in state.rglob("*") if path.is_file() and b"Ada Example" in path.read_bytes()] == []
    assert "identifies a person" in only("*.receipt.txt", inbox / "refused").read_text()
    assert register.verify() == []


def test_of_a_document_about_patients_only_the_receipt_stays(inbox: Path, state: Path) -> None:
    appointments = inbox.parent / "apheresis_schedule"
    appointments.mkdir()
    bundle = json.loads((PROJECT_ROOT / "partner_feeds/samples/apheresis_schedule/good_weekly.json").read_bytes())
    patient = {"actor": {"reference": "Patient/unheard-of"}, "status": "accepted"}
    bundle["entry"][0]["resource"].setdefault("participant", []).append(patient)
    (appointments / "week.json").write_text(json.dumps(bundle))
    [receipt] = once().receipts
    assert receipt.status == "accepted"
    assert "tells of patients" in only("*.receipt.txt", appointments / "done").read_text()
    assert [path for path in state.rglob("*") if path.is_file() and b"unheard-of" in path.read_bytes()] == []


@pytest.mark.parametrize(
    "name", ["plan.csv.part", "plan.csv.filepart", "plan.tmp", ".plan.csv.x7Yz", "~$plan.xlsx", "PLAN.CSV.PART", "plan.csv~"]
)
def test_a_name_that_says_it_is_not_whole_is_left_alone(inbox: Path, name: str) -> None:
    (inbox / name).write_bytes(GOOD)
    assert once() == Visit(waiting=[f"north-hospital/demand_forecast/{name}"])
    (inbox / name).rename(inbox / "plan.csv")
    assert [receipt.status for receipt in once().receipts] == ["accepted"]


@pytest.mark.parametrize("lock", ["plan.csv.lock", "plan.lock", ".plan.csv.lck", ".~lock.plan.csv#", "~$plan.csv"])
def test_a_locked_file_waits_for_its_lock(inbox: Path, lock: str) -> None:
    (inbox / "plan.csv").write_bytes(GOOD)
    (inbox / lock).touch()
    assert once().receipts == []
    (inbox / lock).unlink()
    assert len(once().receipts) == 1


def test_a_file_that_changed_just_now_waits(inbox: Path) -> None:
    (inbox / "plan.csv").write_bytes(GOOD)
    # A sender may set the time of a file back, as `sftp put -p` does; that does not make it still.
    os.utime(inbox / "plan.csv", (0, 0))
    assert visit(settle_seconds=3600).waiting == ["north-hospital/demand_forecast/plan.csv"]
    assert len(once().receipts) == 1


@pytest.mark.skipif(not hasattr(fcntl, "F_SETLEASE"), reason="only Linux tells who has a file open")
def test_a_file_that_somebody_still_writes_waits(inbox: Path) -> None:
    with (inbox / "plan.csv").open("wb") as file:
        file.write(GOOD)
        file.flush()
        assert once().waiting == ["north-hospital/demand_forecast/plan.csv"]
    assert len(once().receipts) == 1


def test_the_same_bytes_again_are_one_submission_sent_twice(inbox: Path) -> None:
    for _ in range(2):
        (inbox / "plan.csv").write_bytes(GOOD)
        [receipt] = once().receipts
    assert receipt.is_repeat
    assert (len(register.submissions()), len(register.sendings())) == (1, 2)
    assert len(list((inbox / "done").glob("*_plan.csv"))) >= 1
    assert any("were here before" in path.read_text() for path in (inbox / "done").glob("*.receipt.txt"))
    assert register.verify() == []


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


def test_the_command_makes_folders_that_nobody_else_may_open(state: Path) -> None:
    told = CliRunner().invoke(drop, ["folders", "north-hospital"])
    assert told.exit_code == 0
    made = state / "drop" / "north-hospital"
    assert (made / "demand_forecast").is_dir()
    assert not (made / "slot_plan").exists()
    assert [path.stat().st_mode & 0o7 for path in (made, *made.iterdir())] == [0] * (1 + len(list(made.iterdir())))
    assert CliRunner().invoke(drop, ["folders", "nobody-there"]).exit_code == 2
    made.chmod(0o775)
    [(place, why)] = once().notes
    assert (place, "chmod o-rwx" in why) == ("north-hospital", True)


def test_the_command_says_what_it_did(inbox: Path) -> None:
    assert "Nothing to take in" in CliRunner().invoke(drop, ["once"]).output
    (inbox / "plan.csv").write_bytes(PARTLY)
    assert "waiting  north-hospital/demand_forecast/plan.csv" in CliRunner().invoke(drop, ["once", "--settle", "60"]).output
    told = CliRunner().invoke(drop, ["once", "--settle", "0"])
    assert (told.exit_code, told.output.splitlines()[0][:56]) == (0, "partly accepted  north-hospital/demand_forecast/plan.csv")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("plan.csv", "plan.csv"),
        ("a\nb.csv", "a_b.csv"),
        ("x" * 300 + ".csv", "x" * 156 + ".csv"),
        ("ü" * 200, "ü" * 80),
        ("\udcff.csv", "?.csv"),
    ],
)
def test_names_are_short_and_printable(name: str, shown: str) -> None:
    assert shortened(name) == shown
