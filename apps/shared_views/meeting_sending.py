"""Saying something in the meeting: handed to the door in the name of the signed-in partner, and its answer in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from apps.shared_views import sending, words
from dagster_project import meeting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from apps.shared_views import data
    from dagster_project.intake import Receipt

ANSWER = "meeting_answer"


def decide(of: data.Desk, decision: Mapping[str, Any]) -> bool:
    """Send a decision about this edition; whether it was taken. What the door answers waits in the session for `answer`."""
    return _sent(
        of, "decision", lambda: meeting.decide({**decision, "edition_id": of.edition_id}, partner=of.person.partner_id, role=of.role)
    )


def approve(of: data.Desk, *, verdict: str, reason: str) -> bool:
    """Say yes or no to this edition as the plan of its week; whether it was taken."""
    week = words.week(of.planning_date)
    said = {"edition_id": of.edition_id, "planning_week": week, "verdict": verdict, "reason": reason or None}
    return _sent(of, "approval", lambda: meeting.approve(said, partner=of.person.partner_id, role=of.role))


def _sent(of: data.Desk, feed: str, send: Callable[[], Receipt]) -> bool:
    sending.require_sender(of, feed)
    try:
        receipt = send()
    except OSError:
        st.session_state[ANSWER] = (feed, ["It cannot be taken in at the moment. Nothing of it was kept: say it again in a while."])
        return False
    st.session_state[ANSWER] = (feed, problems(receipt))
    return receipt.status == "accepted"


def problems(receipt: Receipt) -> list[str]:
    """Why the door did not take it, in words; empty when it did."""
    if receipt.status == "accepted":
        return []
    found = [f"{words.sentence(each.expected)} {each.hint}" for each in receipt.refusals if each.expected]
    return found or [receipt.message]


def answer(feed: str) -> None:
    """What the door said to the last thing sent: nothing to read when it was taken, since it stands in the list at once."""
    held = st.session_state.get(ANSWER)
    if held is None or held[0] != feed:
        return
    del st.session_state[ANSWER]
    if held[1]:
        st.error("It was not taken. " + " ".join(held[1]), icon=":material/error:")
    else:
        st.toast("Taken. Everybody in the meeting sees it.", icon=":material/check:")
