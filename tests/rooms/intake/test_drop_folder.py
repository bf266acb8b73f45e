"""The drop folder: whole files go through the door once, and their answers lie beside them; what is not whole waits."""

from __future__ import annotations

import fcntl
import json
import os
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from door_files import forecast, week
from drop_files import GOOD, NAMED, PARTLY, once, only

from dagster_project import intake, register
from dagster_project.commands.doctor import purge
from dagster_project.commands.drop import drop
from dagster_project.home import PROJECT_ROOT
from dagster_project.intake.dropping import Visit, visit
from dagster_project.intake.dropping.answers import shortened

if TYPE_CHECKING:
    from pathlib import Path


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


def test_older_bytes_again_after_a_later_file_say_that_they_are_the_plan_again(inbox: Path) -> None:
    for data in (GOOD, forecast(week(50, patients="9"), week(51))):
        (inbox / "plan.csv").write_bytes(data)
        once()
    (inbox / "again.csv").write_bytes(GOOD)
    [receipt] = once().receipts
    assert receipt.again is not None
    assert "this plan is in force again from now." in receipt.again.sentence
    assert any(receipt.again.sentence in path.read_text() for path in (inbox / "done").glob("*.receipt.txt"))


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
