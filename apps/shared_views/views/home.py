"""Today: what is waiting for you, in words and three or four figures, and the way to it."""

from __future__ import annotations

import streamlit as st

from apps.shared_views import data, frame, identity, today, words


def page() -> None:
    """Greeting, figures, the list of what waits, links to the pages of the role."""
    desk = frame.enter("home", "Today")
    facts = today.facts(desk)
    frame.lead(facts.sentence)
    frame.figures(facts.figures)
    waiting(facts)
    links(desk)


def waiting(facts: today.Facts) -> None:
    """What is waiting, the urgent things first."""
    st.subheader("Waiting for you", anchor=False)
    if not facts.waiting:
        frame.empty("Nothing waits for you.", "Late feeds, weeks that fall short and refused rows would stand here.")
    frame.html("".join(frame.notice(tone, text) for tone, text in facts.waiting))


def links(desk: data.Desk) -> None:
    """The role's pages, with what each is for."""
    st.subheader("Where to go", anchor=False)
    purposes = {
        "partner_desk": ("Partner desk", ":material/upload_file:", "send a file, read its receipt, see what is due"),
        "joint_planning": ("Joint planning", ":material/stacked_bar_chart:", "demand against supply, and why a week falls short"),
        "executive_board": ("Executive board", ":material/monitoring:", "the KPIs with targets and published benchmarks"),
    }
    for name, (title, icon, purpose) in purposes.items():
        if identity.may_open(desk.person, name):
            st.page_link(f"views/{name}.py", label=f"**{title}** {words.DASH} {purpose}", icon=icon)
    st.caption(words.sentence(f"You are here as {desk.person.name}. You see what is due to your role and nothing else"))


page()
