"""The door on the command line: what it prints and the code it ends with."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from door_files import HEADER, forecast, week

from dagster_project import register
from dagster_project.cli import veinway
from dagster_project.commands.door import receipt
from dagster_project.intake import limits

if TYPE_CHECKING:
    from pathlib import Path

SENDER = ["--partner", "north-hospital", "--feed", "demand_forecast", "--as-of", "2026-11-16"]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(veinway, [str(argument) for argument in arguments])


@pytest.fixture
def files(state: Path, tmp_path: Path) -> Path:
    del state
    (tmp_path / "good.csv").write_bytes(forecast(week(48)))
    (tmp_path / "mixed.csv").write_bytes(forecast(week(48), week(49, patients="many")))
    (tmp_path / "bad.csv").write_bytes(b"a,b\n1,2\n")
    return tmp_path


@pytest.mark.parametrize(("name", "code", "status"), [("good", 0, "accepted"), ("mixed", 3, "partly_accepted"), ("bad", 4, "refused")])
def test_submit_ends_with_the_code_of_its_verdict(files: Path, name: str, code: int, status: str) -> None:
    result = run("submit", files / f"{name}.csv", *SENDER, "--json")
    assert (result.exit_code, json.loads(result.output)["status"]) == (code, status)


def test_a_receipt_on_screen_names_row_column_found_and_fix(files: Path) -> None:
    output = run("submit", files / "mixed.csv", *SENDER).output
    for words in ("partly accepted", "2 rows sent, 1 accepted, 1 refused", "patients", "many", "a number with a decimal point"):
        assert words in output


def test_wrong_usage_ends_with_two_and_a_sentence(files: Path) -> None:
    for arguments in (
        ["submit", files / "good.csv"],
        ["check", files / "good.csv", "--feed", "nothing"],
        ["submit", files / "good.csv", *SENDER[:-1], "soon"],
    ):
        result = run(*arguments)
        assert result.exit_code == 2, result.output
        assert "Traceback" not in result.output


def test_check_keeps_nothing(files: Path) -> None:
    assert run("check", files / "good.csv", "--feed", "demand_forecast", "--as-of", "2026-11-16T00:00:00Z").exit_code == 0
    assert register.submissions() == []


def test_a_folder_with_a_manifest_is_replayed_in_order_and_lets_its_partners_in(files: Path) -> None:
    folder = files / "network"
    listed = [
        ("east-hospital/demand_forecast/b.csv", "2026-11-16T08:00:00Z", week(50)),
        ("east-hospital/demand_forecast/a.csv", "2026-11-16T09:00:00Z", week(51)),
    ]
    for path, _, row in listed:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(forecast(row, week(52)))
    manifest = {
        "partners": [{"partner_id": "east-hospital", "role": "hospital"}],
        "files": [{"path": path, "as_of": at} for path, at, _ in reversed(listed)],
    }
    (folder / "network.json").write_text(json.dumps(manifest))
    result = run("submit", folder)
    assert result.exit_code == 0, result.output
    rows = register.submissions()
    assert [(row["file_name"], row["is_replay"]) for row in rows] == [("b.csv", True), ("a.csv", True)]
    assert [row["supersedes"] for row in rows] == [None, rows[0]["submission_id"]]


def test_an_earlier_receipt_can_be_shown_again(files: Path) -> None:
    first = json.loads(run("submit", files / "good.csv", *SENDER, "--json").output)
    again = CliRunner().invoke(receipt, [first["submission_id"], "--json"])
    assert json.loads(again.output) == first


def test_a_template_is_the_header_and_a_filled_one_is_accepted(files: Path) -> None:
    assert run("template", "demand_forecast").output.strip() == HEADER
    assert run("template", "demand_forecast", "--format", "xlsx", "--out", files / "t.xlsx").exit_code == 0
    assert (files / "t.xlsx").stat().st_size > 0


def test_ledger_verify_says_so_and_ends_with_one_when_something_was_changed(files: Path, state: Path) -> None:
    run("submit", files / "good.csv", *SENDER)
    assert run("ledger", "verify").exit_code == 0
    next((state / "landing").rglob("*.parquet")).unlink()
    result = run("ledger", "verify")
    assert result.exit_code == 1
    assert "is missing" in result.output


def test_the_same_file_again_says_so_beside_the_unchanged_receipt(files: Path) -> None:
    first = run("submit", files / "good.csv", *SENDER, "--json")
    (files / "later.csv").write_bytes(forecast(week(48, patients="4")))
    run("submit", files / "later.csv", *SENDER[:-1], "2026-11-17", "--json")
    again = run("submit", files / "good.csv", *SENDER[:-1], "2026-11-18", "--json")
    assert again.stdout == first.stdout
    told = json.loads(first.stdout)
    assert again.stderr == (
        f"good.csv ({told['submission_id']}): These bytes were here before (2026-11-16 00:00 UTC). Your later file of 2026-11-17 00:00 UTC"
        " has been set aside: this plan is in force again from now.\n"
    )


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-12:00", "2999-01-01", "0001-01-01T00:00:00+12:00"])
def test_an_impossible_as_of_is_wrong_usage(files: Path, moment: str) -> None:
    result = run("submit", files / "good.csv", *SENDER[:-1], moment)
    assert (result.exit_code, register.submissions()) == (2, [])
    assert run("check", files / "good.csv", "--feed", "demand_forecast", "--as-of", moment).exit_code == 2


def test_what_is_no_ordinary_file_is_not_read(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(files / "pipe.csv")
    (files / "zero.csv").symlink_to("/dev/zero")
    for name in ("pipe.csv", "zero.csv"):
        assert run("submit", files / name, *SENDER).exit_code == 2
        result = run("check", files / name, "--feed", "demand_forecast")
        assert result.exit_code == 2
        assert "no ordinary file" in result.output
    monkeypatch.setattr(limits, "MAX_FILE_BYTES", dict.fromkeys(limits.MAX_FILE_BYTES, 10))
    assert "at most" in run("submit", files / "good.csv", *SENDER).output


def test_a_template_is_not_written_over(files: Path) -> None:
    target = files / "t.xlsx"
    target.write_text("filled in")
    result = run("template", "demand_forecast", "--format", "xlsx", "--out", target)
    assert (result.exit_code, target.read_text()) == (2, "filled in")
    assert run("template", "demand_forecast", "--format", "xlsx", "--out", target, "--force").exit_code == 0
    assert target.read_bytes().startswith(b"PK")


def test_an_empty_state_folder_has_nothing_to_verify(state: Path) -> None:
    assert f"There is nothing here yet: {state}" in run("ledger", "verify").output


def test_a_state_folder_that_cannot_be_used_is_named_by_its_setting(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEINWAY_HOME", str(files / "good.csv" / "state"))
    for arguments in (
        ["ledger", "verify"],
        ["partner", "list"],
        ["partner", "add", "a-plant", "--role", "plant"],
        ["submit", files / "good.csv", *SENDER],
    ):
        result = run(*arguments)
        assert result.exit_code == 2, arguments
        assert "VEINWAY_HOME" in result.output


def test_partners_are_let_in_and_listed(state: Path) -> None:
    del state
    assert run("partner", "add", "south-plant", "--role", "plant").exit_code == 0
    assert "south-plant" in run("partner", "list").output
    assert run("partner", "add", "south-plant", "--role", "king").exit_code == 2
