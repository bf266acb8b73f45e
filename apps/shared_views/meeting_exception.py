"""One exception opened: what both sides say, why it is so, what could be done, and the decision."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import streamlit as st

from apps.shared_views import cards, data, frame, meeting_data, meeting_options, meeting_sending, meeting_words, provenance, words

if TYPE_CHECKING:
    import pandas as pd

    from dagster_project.planning import Option

NOTES = "meeting_notes"
DAYS_TO_ANSWER = 3
CHAIN_STATES = {"green": ("✓", "green"), "orange": ("!", "orange"), "red": ("✕", "red")}
# What the owner of an exception may do about the plan without asking; everything else touches others, so it is proposed.
OWN_TO_DO = {"plant": ("none", "add_slots", "release_slot")}
WORST = {"red": 2, "orange": 1}


def show(desk: data.Desk, row: pd.Series) -> None:
    """The exception from what it is to what is decided; what it rests on stands folded below."""
    key = str(row["exception_key"])
    with st.container(border=True, key="exception"):
        frame.html(heading(row))
        both_sides(row)
        why(desk, row)
        chosen = ways_out(desk, row)
        decision(desk, row, chosen)
    before(desk, row)
    provenance.panel(desk, meeting_data.rows_behind(desk, key), row["submission_ids"], key="exception_rows")


def heading(row: Any) -> str:
    """Title, weight, what is at stake, whose it is and until when."""
    badges = [cards.badge(*meeting_words.SEVERITIES.get(str(row["severity"]), (str(row["severity"]), "·", "gray")))]
    if not words.is_missing(row.get("escalated_to_role")):
        badges.append(cards.badge(f"Escalated to {words.ROLES[row['escalated_to_role']].lower()}", "↑", "red"))
    due = "" if words.is_missing(row["due_date"]) else f"due {words.day(row['due_date'])}"
    age = (
        ""
        if words.is_missing(row["age_days"])
        else ("new today" if row["age_days"] == 0 else f"open for {words.count(row['age_days'], 'day')}")
    )
    facts = [meeting_words.stake(row), meeting_words.owner(row), due, age]
    return (
        f'<div class="vw-badges">{"".join(badges)}</div><h3 class="vw-title">{cards.safe(str(row["title"]))}</h3>'
        f'<div class="vw-quiet">{cards.safe(" · ".join(fact for fact in facts if fact))}</div>'
    )


def both_sides(row: Any) -> None:
    """The side that asks and the side that offers, next to each other."""
    sides = (("What is asked", row["ours_words"]), ("What is there", row["theirs_words"]))
    shown = [
        f'<div class="vw-card"><div class="vw-quiet">{title}</div><div>{cards.safe(words.sentence(str(text)))}</div></div>'
        for title, text in sides
        if not words.is_missing(text)
    ]
    if shown:
        frame.html(cards.grid(shown, least="14rem", stretch=True))


def why(desk: data.Desk, row: Any) -> None:
    """Why it is not planned: the chain from the forecast to the bed, the weakest state of all hospitals concerned."""
    links = meeting_data.chain(desk, row)
    if not words.is_missing(row.get("reason")):
        st.markdown(f"**Why** · {unmarked(row['reason'])}")
    if links.empty:
        return
    items = []
    for column, name in meeting_words.CHAIN.items():
        states = list(links[column].dropna())
        worst = max(states, key=lambda state: WORST.get(state, 0), default="")
        symbol, tone = CHAIN_STATES.get(worst, ("·", "gray"))
        items.append(f'<span class="vw-link vw-{tone}"><span aria-hidden="true">{symbol}</span> {name}</span>')
    frame.html(f'<div class="vw-chain" role="img" aria-label="{cards.safe(spoken(links))}">{"".join(items)}</div>')
    waiting = links[links["waiting"] > meeting_data.LEAST]
    if len(waiting):
        who = [f"{hospital['hospital_name']} {words.number(hospital['waiting'])}" for hospital in waiting.to_dict("records")]
        st.caption(f"Who waits in {links['iso_week'].iloc[0]}: {', '.join(who)}.")


def spoken(links: pd.DataFrame) -> str:
    """The chain for a reader who does not see it."""
    held = [name for column, name in meeting_words.CHAIN.items() if (links[column] == "red").any()]
    return f"Held back by: {', '.join(held)}." if held else "No link holds it back."


def unmarked(text: Any) -> str:
    """A sentence without what Markdown would take for a mark."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]$#<>|~" else sign for sign in words.sentence(str(text)))


def ways_out(desk: data.Desk, row: Any) -> Option | None:
    """The options with their effect: for the coordinator on the whole plan, for a plant on its own lines. Nobody else's edition holds a plan."""
    plan = data.plan_tables(desk)
    if words.is_missing(row["therapy_code"]) or words.is_missing(row["week_start_date"]):
        return None
    if plan is None:
        st.caption(
            "What could be done is worked out by the plant and the network coordinator, who see the plan of the whole line."
            " What they propose stands under “Decided in this meeting” within seconds. You can propose something yourself."
        )
        return None
    said = meeting_data.said(desk)
    others = [one for one in said.decisions if one["exception_key"] != row["exception_key"]]
    st.markdown("**What could be done**")
    with st.spinner("Trying the options …", show_time=True):
        found = meeting_options.options(row, meeting_options.draft(plan, others).tables)
    return meeting_options.choose(found, key=f"option_{row['exception_key']}")


def decision(desk: data.Desk, row: Any, chosen: Option | None) -> None:
    """What becomes of it, who sees to it until when, why, and the button that sends it."""
    key = str(row["exception_key"])
    option = chosen.option_code if chosen else "none"
    st.markdown("**Decide**")
    choices = allowed(desk, row, option)
    state = st.segmented_control(
        "What becomes of it", choices, format_func=lambda one: meeting_words.CHOICES[one][0], default=preferred(choices, chosen), required=True,
        key=f"state_{key}_{option}", label_visibility="collapsed",
    )  # fmt: skip
    st.caption(words.sentence(meeting_words.CHOICES[str(state)][1]))
    partners = who_may_see_to_it(desk, row)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        owner = st.selectbox(
            "Who sees to it", partners, index=place_of(row.get("owner_partner_id"), partners), format_func=words.partner, key=f"owner_{key}", width=220
        )  # fmt: skip
        due = st.date_input("Until", due_day(desk, row), format="YYYY-MM-DD", key=f"due_{key}", width=140)
        reasons = list(meeting_words.REASONS)
        likely = meeting_words.REASON_OF[option] if chosen else meeting_words.REASON_WITHOUT.get(str(state))
        reason = st.selectbox(
            "Why", reasons, index=place_of(likely, reasons), format_func=meeting_words.REASONS.__getitem__, key=f"reason_{key}_{option}_{likely}", placeholder="No reason needed", width=300
        )  # fmt: skip
    notes = st.session_state.setdefault(NOTES, {})
    note = st.text_input(
        "Note (never about a patient)", notes.get(key, ""), key=f"note_{key}", max_chars=500, on_change=lambda: notes.update({key: st.session_state[f"note_{key}"]}),
    )  # fmt: skip
    meeting_sending.answer("decision")
    label = (
        f"{meeting_words.CHOICES[str(state)][0]}: {meeting_words.OPTIONS[option].lower()}"
        if chosen
        else meeting_words.CHOICES[str(state)][0]
    )
    if st.button(label, type="primary", key=f"send_{key}", icon=":material/send:"):
        given = {
            "exception_key": key,
            "state": state,
            "option_code": option,
            "owner_partner_id": owner,
            "due_date": due,
            "reason_code": reason,
            "note": note,
        }
        with st.spinner("Sending …"):
            is_taken = meeting_sending.decide(desk, given | (meeting_options.arguments(chosen) if chosen else {}))
        if is_taken:
            notes.pop(key, None)
        st.rerun()


def who_may_see_to_it(desk: data.Desk, row: Any) -> list[str]:
    """For the coordinator everybody; for a partner itself, the coordinator, and whoever has it now: it is not told who else there is."""
    everybody = [one.partner_id for one in data.people(desk.edition_id).values() if one.role != "executive"]
    known = {desk.person.partner_id, "operator", row.get("owner_partner_id")}
    return everybody if desk.role == "operator" else [one for one in everybody if one in known]


def allowed(desk: data.Desk, row: Any, option: str) -> list[str]:
    """What this person may say: the coordinator everything, the owner what is its own to do, the others a proposal."""
    is_owner = row.get("owner_partner_id") == desk.person.partner_id
    if desk.role == "operator" or (is_owner and option in OWN_TO_DO.get(desk.role, ("none",))):
        return list(meeting_words.CHOICES)
    return ["proposed"]


def preferred(choices: list[str], chosen: Option | None) -> str:
    """What is meant most often: an option is taken, an exception without one is seen."""
    wanted = "resolved" if chosen else "acknowledged"
    return wanted if wanted in choices else choices[0]


def place_of(one: Any, listed: list[str]) -> int | None:
    """Where one stands in the list; None when the list does not have it."""
    return listed.index(one) if one in listed else None


def due_day(desk: data.Desk, row: Any) -> dt.date:
    """The exception's own date while it lies ahead, or else a few days from now."""
    soon = max(data.today(), desk.planning_date) + dt.timedelta(days=DAYS_TO_ANSWER)
    return soon if words.is_missing(row["due_date"]) else max(words.monday(row["due_date"]), data.today())


def before(desk: data.Desk, row: Any) -> None:
    """What happened to it in earlier weeks, folded."""
    rows = meeting_data.history(desk, str(row["exception_key"]))
    if rows.empty:
        return
    with st.expander(f"History: {words.count(len(rows), 'plan')}", icon=":material/history:"):
        for one in rows.to_dict("records"):
            seen = "open" if one["sighted"] == "opened" else str(one["sighted"])
            st.markdown(" · ".join(part for part in (words.day(one["planning_date"]), seen, meeting_words.stake(one)) if part))
