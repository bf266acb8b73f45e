"""What is said in a meeting is a submission like any file: receipt, ledger, privacy checks, and read back within the same second."""

from __future__ import annotations

import datetime as dt

import pytest

from dagster_project import intake, meeting, register

DRAFT, DAY = "4f1c0a9be27d53c6811f", dt.date(2026, 11, 16)
KEY = "bottleneck|CART-101:9501101530102|2027-01-11"
SHIFT = {
    "exception_key": KEY,
    "state": "resolved",
    "option_code": "shift_week",
    "therapy_code": "CART-101",
    "site_id": "9501101530102",
    "week_start_date": dt.date(2027, 1, 11),
    "to_week_start_date": dt.date(2027, 1, 18),
    "quantity": 2.0,
    "reason_code": "demand_moved",
    "owner_partner_id": "leiden",
    "due_date": dt.date(2026, 11, 27),
    "edition_id": DRAFT,
}


@pytest.fixture(autouse=True)
def _at_home(tmp_path, monkeypatch):
    monkeypatch.setenv("VEINWAY_HOME", str(tmp_path))
    for partner, role in (("operator", "operator"), ("leiden", "plant"), ("north", "hospital")):
        register.add_partner(partner, role)


def test_a_decision_goes_through_the_door_and_is_read_back_as_it_was_said():
    receipt = meeting.decide({**SHIFT, "note": "Two patients,\nlater"}, partner="operator", role="operator")
    assert (receipt.status, receipt.rows_accepted) == ("accepted", 1)
    (row,) = meeting.taken("decision")
    assert {name: row[name] for name in SHIFT} == SHIFT
    assert (row["note"], row["decided_by_role"], row["partner_id"]) == ("Two patients, later", "operator", "operator")
    assert register.verify() == []


@pytest.mark.parametrize("feed", ["decision", "approval"])
def test_nobody_speaks_in_the_role_of_another(feed):
    said = {"decision": lambda role: meeting.decide(SHIFT, partner="north", role=role), "approval": lambda role: approve("north", role)}[
        feed
    ]
    receipt = said("operator")
    assert (receipt.status, [refusal.column for refusal in receipt.refusals]) == (
        "refused",
        [{"decision": "decided_by_role"}.get(feed, "role")],
    )
    assert "own role" in receipt.refusals[0].expected
    assert said("hospital").status == "accepted"


def test_what_the_edition_rests_on_is_left_out():
    receipt = meeting.decide(SHIFT, partner="operator", role="operator")
    assert meeting.taken("decision", known={receipt.submission_id}) == []
    assert len(meeting.taken("decision", only={receipt.submission_id})) == 1


def test_decisions_come_oldest_first_and_two_of_a_second_are_two():
    for state in ("acknowledged", "resolved"):
        meeting.decide({**SHIFT, "state": state}, partner="operator", role="operator")
    assert [row["state"] for row in meeting.taken("decision")] == ["acknowledged", "resolved"]


@pytest.mark.parametrize("note", ["Waits for patient MRN 00412345", "call 555-010-0199", "ask nobody@example.org"])
def test_an_identifier_in_a_note_refuses_the_decision_and_is_kept_nowhere(note, tmp_path):
    receipt = meeting.decide({**SHIFT, "note": note}, partner="operator", role="operator")
    assert receipt.status == "refused"
    assert meeting.taken("decision") == []
    mark = note.split()[-1].encode()
    assert [path.name for path in tmp_path.rglob("*") if path.is_file() and mark in path.read_bytes()] == []


def test_a_column_that_the_contract_does_not_have_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="has no column colour"):
        meeting.decide({**SHIFT, "colour": "red"}, partner="operator", role="operator")


def approve(partner: str, role: str, verdict: str = "approved", reason: str | None = None):
    said = {"edition_id": DRAFT, "planning_week": "2026-W47", "verdict": verdict, "reason": reason}
    return meeting.approve(said, partner=partner, role=role)


def test_a_rejection_needs_a_reason():
    assert approve("leiden", "plant", "rejected").status == "refused"
    assert approve("leiden", "plant", "rejected", "no staff").status == "accepted"


def test_consensus_says_who_approved_and_why_or_what_is_missing():
    needed = {"operator": 1, "plant": 1}
    decided = meeting.decide(SHIFT, partner="operator", role="operator")
    approve("operator", "operator")
    with pytest.raises(meeting.NotAgreedError, match="1 more plant has to approve"):
        meeting.consensus_of(DRAFT, DAY, needed, known=(), reason="")
    approve("leiden", "plant")
    agreed = meeting.consensus_of(DRAFT, DAY, needed, known=(), reason=" as  planned ").to_dict()
    assert (agreed["draft"], agreed["reason"], agreed["decisions"]) == (DRAFT, "as planned", [decided.submission_id])
    assert [(one["partner_id"], one["role"]) for one in agreed["approvals"]] == [("operator", "operator"), ("leiden", "plant")]
    # It stays a plan of the draft's date, and counts what was said since.
    assert agreed["planning_date"] == DAY.isoformat()
    said = {row["submission_id"] for feed in ("decision", "approval") for row in register.submissions(feed=feed)}
    assert set(agreed["counted"]) == said


def test_a_draft_that_files_came_after_cannot_be_agreed_on():
    approve("operator", "operator")
    late = intake.submit(
        b"site_id,therapy_code,week_start_date,slots\n", partner="leiden", feed="line_calendar", file_name="late.csv", as_of=dt.datetime(2026, 11, 16, 22, tzinfo=dt.UTC)
    )  # fmt: skip
    with pytest.raises(meeting.NotAgreedError, match=r"1 file that belongs to this plan came after it was built.*approve that one"):
        meeting.consensus_of(DRAFT, DAY, {"operator": 1}, known=(), reason="")
    assert meeting.consensus_of(DRAFT, DAY, {"operator": 1}, known=(late.submission_id,), reason="").draft == DRAFT
    # The day before, the file is of a later plan.
    assert meeting.came_since(DAY - dt.timedelta(days=1), ()) == []


def test_a_rejection_must_be_answered_before_the_plan_is_published():
    for partner, role in (("operator", "operator"), ("north", "hospital")):
        approve(partner, role)
    approve("leiden", "plant", "rejected", "no staff")
    needed = {"operator": 1, "hospital": 1, "plant": 0}
    with pytest.raises(meeting.NotAgreedError, match="Say why"):
        meeting.consensus_of(DRAFT, DAY, needed, known=(), reason=" ")
    agreed = meeting.consensus_of(DRAFT, DAY, needed, known=(), reason="staff found since").to_dict()
    assert [one["reason"] for one in agreed["rejections"]] == ["no staff"]
