"""Who has yet to approve: one word per partner, its newest, for its own role, about the plan as it is now."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from dagster_project.meeting.consensus import missing
from dagster_project.meeting.quorum import Standing, changes_the_plan, standings

DRAFT, OTHER = "a" * 20, "b" * 20
ROLES = {"op": "operator", "leiden": "plant", "keystone": "plant", "north": "hospital"}
NEEDED = {"operator": 1, "plant": 2}


def at(minute: int) -> dt.datetime:
    return dt.datetime(2026, 11, 20, 10, minute, tzinfo=dt.UTC)


def said(
    partner: str, minute: int, *, verdict: str = "approved", role: str = "", draft: str = DRAFT, reason: str | None = None
) -> dict[str, Any]:
    return {
        "partner_id": partner,
        "role": role or ROLES[partner],
        "edition_id": draft,
        "verdict": verdict,
        "reason": reason,
        "approved_at": at(minute),
        "as_of": at(minute),
    }


def found(
    *approvals: dict[str, Any], decided: int | None = None, state: str = "resolved", option: str | None = "add_slots"
) -> list[Standing]:
    decisions = [] if decided is None else [{"state": state, "option_code": option, "decided_at": at(decided)}]
    return standings(NEEDED, list(approvals), decisions, edition_id=DRAFT, roles=ROLES)


def lacking(standing: list[Standing]) -> dict[str, int]:
    return {one.role: one.missing for one in standing}


def test_as_many_partners_of_a_role_as_the_agreements_ask_for():
    assert lacking(found()) == {"operator": 1, "plant": 2}
    assert lacking(found(said("op", 1), said("leiden", 2))) == {"operator": 0, "plant": 1}
    assert lacking(found(said("op", 1), said("leiden", 2), said("keystone", 3))) == {"operator": 0, "plant": 0}


def test_a_partner_counts_once_and_its_newest_word_holds():
    assert lacking(found(said("leiden", 1), said("leiden", 2)))["plant"] == 1
    taken_back = found(said("leiden", 1), said("leiden", 2, verdict="rejected", reason="no staff"))
    assert (lacking(taken_back)["plant"], [row["reason"] for row in taken_back[1].rejected]) == (2, ["no staff"])


@pytest.mark.parametrize(
    "word",
    [said("leiden", 1, role="operator"), said("leiden", 1, draft=OTHER), said("north", 1)],
    ids=["other role", "other draft", "not asked"],
)
def test_what_does_not_count(word):
    assert lacking(found(word)) == {"operator": 1, "plant": 2}


def test_an_approval_given_before_the_plan_changed_must_be_given_again():
    before = found(said("op", 5), decided=7)
    assert (before[0].missing, len(before[0].outdated)) == (1, 1)
    assert "must be given again" in missing(before)[0]
    assert found(said("op", 5), said("op", 8), decided=7)[0].missing == 0


@pytest.mark.parametrize(
    ("state", "option"), [("acknowledged", "add_slots"), ("proposed", "add_slots"), ("resolved", "none"), ("accepted", None)]
)
def test_a_decision_that_changes_nothing_leaves_approvals_alone(state, option):
    assert not changes_the_plan({"state": state, "option_code": option})
    assert found(said("op", 5), decided=7, state=state, option=option)[0].missing == 0


def test_what_is_missing_is_said_in_words():
    assert missing(found(said("op", 1))) == ["2 more plants have to approve."]
    assert missing(found(said("leiden", 1), said("keystone", 1))) == ["1 more operator has to approve."]
