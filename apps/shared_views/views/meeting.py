"""Weekly meeting: the agenda by patients at stake, options with their effect, decisions, approvals, and the consensus plan."""

from __future__ import annotations

import streamlit as st

from apps.shared_views import (
    data,
    frame,
    meeting_agenda,
    meeting_approve,
    meeting_data,
    meeting_minutes,
    meeting_risk,
    meeting_since,
    meeting_words,
    words,
)

SCREENS = {
    "agenda": meeting_agenda.show,
    "risk": meeting_risk.show,
    "approve": meeting_approve.show,
    "since": meeting_since.show,
    "minutes": meeting_minutes.show,
}


def page() -> None:
    """One sentence, the parts of the meeting in their order, and the part that is open."""
    desk = frame.enter("meeting", "Weekly meeting")
    frame.lead(finding(desk))
    parts = [part for part in SCREENS if part != "risk" or desk.role in meeting_data.AT_RISK]
    asked = st.query_params.get("part")
    if meeting_words.PART not in st.session_state or st.session_state[meeting_words.PART] not in parts:
        st.session_state[meeting_words.PART] = asked if asked in parts else parts[0]
    part = st.segmented_control(
        "Part of the meeting",
        parts,
        format_func=meeting_words.PARTS.__getitem__,
        key=meeting_words.PART,
        required=True,
        label_visibility="collapsed",
        on_change=_name_part,
    )
    SCREENS[str(part)](desk)


def _name_part() -> None:
    """The part that was chosen stands in the address, so that a page loaded again opens where it was; the way back is a step longer for a choice only."""
    st.query_params["part"] = str(st.session_state[meeting_words.PART])


def finding(desk: data.Desk) -> str:
    """What the meeting is about, in one sentence."""
    rows = meeting_data.agenda(desk)
    if rows.empty:
        return "Nothing waits for a decision in this plan."
    first = rows.iloc[0]
    critical = int((rows["severity"] == "critical").sum())
    urgent = f", {critical} of them critical" if critical else ""
    return f"{words.count(len(rows), 'exception').capitalize()} {words.verb(len(rows), 'waits', 'wait')} for an answer{urgent}. First: {words.sentence(str(first['title']))}"


page()
