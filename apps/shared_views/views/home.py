"""Today: what is waiting for you, in words and three or four figures, and the way to it."""

from __future__ import annotations

import itertools

import streamlit as st

from apps.shared_views import cycle, data, frame, identity, meeting_data, meeting_words, today, words

SIGNS = {"red": ":material/error:", "orange": ":material/warning:", "gray": ":material/arrow_forward:"}
# What the planning page is for, in the words of the role that opens it.
PLANNING = {
    "operator": "demand against supply, and why a week falls short",
    "plant": "what your lines are asked for, and why a week falls short",
    "hospital": "your patients' places in the plan, and why somebody waits",
    "supplier": "doses the plants need, and how long the vector lasts",
    "courier": "what to expect on your lanes, and the shipments that are due",
}
MEETING = {"operator": "which patients are at risk, what can be done, and the plan that everybody agrees on"}
SENDING = {"operator": "who is late with what, send a file, see what was refused"}
EMPTY = {
    "operator": "Late feeds, overdue shipments and weeks that fall short would stand here.",
    "executive": "KPIs that miss their target would stand here.",
    "hospital": "Late feeds, overdue cases and weeks in which somebody waits would stand here.",
    "plant": "Late feeds and weeks that fall short would stand here.",
    "supplier": "Late feeds would stand here.",
    "courier": "Late feeds and overdue shipments would stand here.",
}


def page() -> None:
    """Greeting, figures, the list of what waits, links to the pages of the role."""
    desk = frame.enter("home", "Today")
    facts = today.facts(desk)
    frame.lead(facts.sentence)
    frame.figures(facts.figures)
    if desk.role in meeting_data.AT_RISK and st.button("Which patients are at risk?", key="to_risk", icon=":material/personal_injury:"):
        st.session_state[meeting_words.PART] = "risk"
        st.switch_page("views/meeting.py")
    waiting(facts, EMPTY[desk.role])
    if desk.role == "operator":
        cycle.network(desk)
    links(desk)


def waiting(facts: today.Facts, otherwise: str) -> None:
    """What is waiting, the urgent things first."""
    st.subheader("Waiting for you", anchor=False)
    if not facts.waiting:
        frame.empty("Nothing waits for you.", otherwise)
    for is_link, group in itertools.groupby(facts.waiting, key=lambda note: bool(note.page)):
        if is_link:
            for note in group:
                st.page_link(f"views/{note.page}.py", label=f":{note.tone}[{SIGNS[note.tone]}] {note.text}")
        else:
            frame.html("".join(frame.notice(note.tone, note.text) for note in group))


def links(desk: data.Desk) -> None:
    """The role's pages, with what each is for."""
    st.subheader("Where to go", anchor=False)
    purposes = {
        "partner_desk": (
            "Partner desk",
            ":material/upload_file:",
            SENDING.get(desk.role, "send a file, read its receipt, see what is due"),
        ),
        "joint_planning": ("Joint planning", ":material/stacked_bar_chart:", PLANNING.get(desk.role, "")),
        "meeting": ("Weekly meeting", ":material/groups:", MEETING.get(desk.role, "what is decided about you, and your word on the plan")),
        "executive_board": ("Executive board", ":material/monitoring:", "the KPIs with targets and published benchmarks"),
    }
    for name, (title, icon, purpose) in purposes.items():
        if identity.may_open(desk.person, name):
            st.page_link(f"views/{name}.py", label=f"**{title}** {words.DASH} {purpose}", icon=icon)
    st.caption(words.sentence(f"You are here as {desk.person.name}. You see what is due to your role and nothing else"))


page()
