"""The sensor: one run for everything new, none for what it has seen, none for editions."""

from __future__ import annotations

from datetime import UTC, datetime

import dagster as dg
import pytest

from dagster_project import meeting
from dagster_project.defs.automation import new_submissions
from dagster_project.defs.drop_folder import drop_folder
from dagster_project.register import add_partner, append, record_edition

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _register(tmp_path, monkeypatch):
    monkeypatch.setenv("VEINWAY_HOME", str(tmp_path))


def look(cursor: str | None) -> tuple[object, str | None]:
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance=instance, cursor=cursor)
        return new_submissions(context), context.cursor


def test_an_empty_register_starts_nothing():
    assert isinstance(look(None)[0], dg.SkipReason)


def test_many_new_receipts_start_one_run_and_the_next_look_none():
    for number in range(3):
        append("receipt", f"s{number}", {}, NOW)
    request, cursor = look(None)
    assert (request.run_key, cursor) == ("receipt-3", "3")
    assert isinstance(look(cursor)[0], dg.SkipReason)


def test_a_file_sent_again_starts_a_run():
    append("receipt", "s0", {}, NOW)
    append("sending", "s0", {}, NOW)
    assert look("1")[0].run_key == "receipt-2"


def test_the_drop_folder_is_gone_through_and_starts_no_run_itself(tmp_path):
    add_partner("north-hospital", "hospital")
    inbox = tmp_path / "drop" / "north-hospital" / "case_order"
    inbox.mkdir(parents=True)
    (inbox / "plan.csv").write_bytes(b"just written")
    (inbox / "link.csv").symlink_to(inbox / "plan.csv")
    with dg.DagsterInstance.ephemeral() as instance:
        found = drop_folder(dg.build_sensor_context(instance=instance))
    assert isinstance(found, dg.SkipReason)
    assert found.skip_message == "0 files taken, 1 not complete yet."
    assert (inbox / "link.csv.not-taken.txt").exists()


def test_what_is_said_in_a_meeting_starts_no_run_under_those_who_look_at_the_draft():
    add_partner("operator", "operator")
    said = {"edition_id": "e" * 20, "planning_week": "2026-W47", "verdict": "approved"}
    assert meeting.approve(said, partner="operator", role="operator").status == "accepted"
    assert isinstance(look(None)[0], dg.SkipReason)


def test_an_edition_does_not_start_the_run_that_would_make_the_next():
    append("receipt", "s0", {}, NOW)
    record_edition("e" * 20, {}, planning_date="2026-11-16", published_at=NOW)
    assert isinstance(look("1")[0], dg.SkipReason)
