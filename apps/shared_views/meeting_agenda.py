"""The agenda: exceptions in the order of patients and days at stake, live, and what the meeting has decided so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from apps.shared_views import cards, data, frame, meeting_data, meeting_exception, meeting_options, meeting_words, words

if TYPE_CHECKING:
    import pandas as pd

OPENED, SHOWN, EVERY = "opened_exception", 8, 2
MOVED = "exception_moved"


def show(desk: data.Desk) -> None:
    """The list on the left, one exception opened on the right; one below the other on a phone."""
    rows = meeting_data.agenda(desk)
    if rows.empty:
        frame.empty("Nothing is on the agenda.", "Exceptions appear when the plan and what partners send do not fit together.")
        decided(desk)
        settled(desk)
        return
    if st.session_state.get(OPENED) not in set(rows["exception_key"]):
        st.session_state[OPENED] = rows["exception_key"].iloc[0]
    with st.container(key="meeting"):
        left, right = st.columns([5, 8], gap="large")
    with left:
        listed(desk)
        settled(desk)
    with right:
        steps(list(rows["exception_key"]))
        opened = rows[rows["exception_key"] == st.session_state[OPENED]].iloc[0]
        meeting_exception.show(desk, opened)


def steps(keys: list[str]) -> None:
    """From one exception to the next, in the order of the agenda."""
    at = keys.index(st.session_state[OPENED])
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Before",
            key="previous_exception",
            icon=":material/arrow_back:",
            disabled=at == 0,
            on_click=open_one,
            args=(keys[max(at - 1, 0)],),
        )
        st.caption(f"{at + 1} of {len(keys)}", width="content")
        last = len(keys) - 1
        st.button(
            "Next",
            key="next_exception",
            icon=":material/arrow_forward:",
            disabled=at == last,
            on_click=open_one,
            args=(keys[min(at + 1, last)],),
        )


def figures(rows: pd.DataFrame, said: meeting_data.Said) -> list[tuple[str, str, str]]:
    """How far the meeting is."""
    answered = {row["exception_key"] for row in said.decisions} & set(rows["exception_key"])
    agreed = sum(not one.missing for one in said.standings)
    return [
        ("Answered", f"{len(answered)} of {len(rows)}", words.count(len(said.decisions), "decision")),
        ("Approved by", f"{agreed} of {len(said.standings)}", "roles that are asked"),
    ]


@st.fragment(run_every=EVERY)
def listed(desk: data.Desk) -> None:
    """The agenda with the state of each exception as of now; looks every two seconds what others have decided."""
    rows, said = meeting_data.agenda(desk), meeting_data.said(desk)
    frame.figures(figures(rows, said))
    with st.container(key="agenda", gap="small"):
        for place, row in enumerate(rows.head(SHOWN).to_dict("records"), start=1):
            entry(place, row, said)
        if len(rows) > SHOWN:
            with st.expander(f"{words.sentence(words.count(len(rows) - SHOWN, 'more exception'))[:-1]}, with less at stake"):
                for place, row in enumerate(rows.iloc[SHOWN:].to_dict("records"), start=SHOWN + 1):
                    entry(place, row, said)
    st.markdown("**Decided in this meeting**")
    taken(desk, rows, said)
    if st.session_state.pop(MOVED, False) or meeting_data.is_replaced(desk):
        st.rerun()


def entry(place: int, row: dict[Any, Any], said: meeting_data.Said) -> None:
    """One exception as a button of two lines: what it is; what is at stake, how it stands, who has it."""
    newest = said.newest(row["exception_key"])
    word, symbol, tone = meeting_words.state(newest["state"] if newest else row["state"])
    facts = " · ".join(part for part in (meeting_words.stake(row), meeting_words.owner(row)) if part)
    colour = tone if tone in {"red", "orange", "green"} else "gray"
    # What is at stake stands in a line of its own.
    title = str(row["title"]).split(": ")[0] if meeting_words.stake(row) else str(row["title"])
    st.button(
        f"**{place}. {plain(row['criterion_name'])}** :small[:{colour}[{symbol} {word}]]  \n{plain(title)}  \n:small[{plain(facts)}]",
        key=f"open_{row['exception_key']}",
        type="primary" if row["exception_key"] == st.session_state.get(OPENED) else "secondary",
        width="stretch",
        on_click=open_one,
        args=(row["exception_key"],),
    )


def plain(text: Any) -> str:
    """Text from outside without what a label would take for a mark."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]$:#<>|~" else sign for sign in str(text))


def open_one(key: str) -> None:
    """Another exception is looked at: the whole page follows."""
    st.session_state[OPENED] = key
    # The list is a part of its own: it asks the whole page to follow.
    st.session_state[MOVED] = True


@st.fragment(run_every=EVERY)
def decided(desk: data.Desk) -> None:
    """What was decided so far, alone."""
    st.markdown("**Decided in this meeting**")
    taken(desk, meeting_data.agenda(desk), meeting_data.said(desk))


def settled(desk: data.Desk) -> None:
    """What earlier meetings resolved or accepted and this plan still counts, folded."""
    rows = meeting_data.settled(desk)
    if rows.empty:
        return
    with st.expander(f"Answered before this plan: {words.count(len(rows), 'exception')}"):
        frame.html(
            "".join(
                line(row | {"partner_id": row["state_by"], "decided_at": row["state_at"]}, titles_of(rows))
                for row in rows.to_dict("records")
            )
        )


def titles_of(rows: pd.DataFrame) -> dict[str, str]:
    """Key of an exception to its title."""
    return dict(zip(rows["exception_key"], rows["title"], strict=True))


def taken(desk: data.Desk, rows: pd.DataFrame, said: meeting_data.Said) -> None:
    """The decisions of the meeting, the newest first, and what they do to the draft."""
    if not said.decisions:
        st.caption("Nothing yet. Decisions of everybody in the meeting appear here within seconds.")
        return
    titles = titles_of(rows)
    newest = sorted(said.decisions, key=lambda row: row["decided_at"], reverse=True)
    frame.html("".join(line(row, titles) for row in newest[:SHOWN]))
    if len(newest) > SHOWN:
        st.caption(f"and {words.count(len(newest) - SHOWN, 'earlier decision')}; the minutes hold them all.")
    plan = data.plan_tables(desk)
    if plan is not None:
        draft = meeting_options.draft(plan, said.decisions)
        frame.html(f'<div class="vw-gain">{cards.safe(meeting_options.standing(plan, draft.tables, len(said.decisions)))}</div>')
        for text in draft.left_out:
            st.caption(text)


def line(row: dict[Any, Any], titles: dict[str, str]) -> str:
    """One decision: about what, what, by whom."""
    word, symbol, tone = meeting_words.state(row["state"])
    del word
    about = titles.get(row["exception_key"], "an exception that is not on the agenda" if row["exception_key"] else "the plan")
    who = f"{words.partner(row['partner_id'])}, {row['decided_at']:%H:%M} UTC"
    return (
        f'<div class="vw-notice"><span class="vw-sign vw-{tone}" aria-hidden="true">{symbol}</span><span><b>{cards.safe(meeting_words.decided(row))}</b>'
        f'<br>{cards.safe(str(about))}<br><span class="vw-quiet">{cards.safe(who)}</span></span></div>'
    )
