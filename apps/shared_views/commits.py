"""A partner's answer to the newest forecast on screen: a grid to type into, one button, and the door's word on it."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from apps.shared_views import answers, commit_rows, data, frame, sending, words

if TYPE_CHECKING:
    import pandas as pd

# All three by audience and edition: what one person typed is never shown to another.
TYPED, BEGUN, RECEIPT = "commit_typed", "commit_begun", "commit_receipt"

NEEDED = {"plant": "a therapy that you make", "supplier": "a therapy that takes your vector", "courier": "cells that travel on your lanes"}


def panel(desk: data.Desk) -> None:
    """What is asked of the partner by week, what it answered last, and its new answer."""
    st.subheader("Your answer to the forecast", anchor=False)
    form = commit_rows.FORMS[desk.role]
    rows = commit_rows.ahead(data.view(desk, form.view), monday(desk.planning_date), form)
    if rows.empty:
        frame.empty("Nothing is asked of you yet.", f"It appears when hospitals have sent forecasts for {NEEDED[desk.role]}.")
        return
    st.markdown(standing(rows))
    answer = grid(desk, rows)
    follows = " The maximum follows your answer upwards." if form.maximum else ""
    st.caption(
        f"{form.unit.capitalize()}s a {period(rows)}. Everything you see is sent at once, as one answer to this forecast.{follows}"
        " A reason counts only where you answer less than is asked. What you type stays here until you send it."
    )
    short = int(commit_rows.short(answer).sum())
    label = "Send answer" if not short else f"Send answer, short in {words.count(short, 'week')}"
    if st.button(label, type="primary", key="send_commit", icon=":material/send:"):
        send(desk, answer)
    receipt = st.session_state.get(key(RECEIPT, desk))
    if receipt is not None:
        answers.show(receipt, is_preview=False, key="commit")
        st.caption("It counts from the next plan on. You can answer again at any time; your newest answer holds.")


def monday(day: dt.date) -> dt.date:
    """First day of the week: what is asked for earlier weeks is past."""
    return day - dt.timedelta(days=day.weekday())


def several_of(rows: pd.DataFrame) -> tuple[str, str]:
    """What the lines of the grid are, one and many."""
    if "resource_kind" not in rows:
        return "therapy", "therapies"
    kind = str(rows["resource_kind"].iloc[0])
    return kind, f"{kind}s"


def period(rows: pd.DataFrame) -> str:
    """What a row of the grid stands for, where the agreements share the demand less finely than by week."""
    grains = set(rows["grain"]) if "grain" in rows else {"week"}
    return {"week": "week", "month": "month", "total": "plan"}[grains.pop()] if len(grains) == 1 else "period"


def key(name: str, desk: data.Desk) -> str:
    """The place in the session of one person's work on one edition."""
    return f"{name}_{desk.person.audience}_{desk.edition_id}"


def standing(rows: pd.DataFrame) -> str:
    """Which forecast is answered, by when, and how much of it is open or short."""
    first = rows.iloc[0]
    counts = rows["state"].value_counts()
    said = {code: int(counts.get(text, 0)) for code, (_, text) in commit_rows.STATES.items()}
    about = len(set(rows["about"]))
    several = f", for {words.count(about, *several_of(rows))}" if about > 1 else ""
    asked = f"Forecast of **{words.day(first['version_date'])}**, to be answered by **{words.day(first['due_date'])}**{several}"
    parts = [
        f"{words.count(said[code], 'week')} {word}"
        for code, word in (("overdue", "overdue"), ("open", "to be answered"), ("answered", "answered in full"))
        if said[code]
    ]
    if below := said["short"] + said["unexplained"]:
        without = said["unexplained"]
        unexplained = "" if not without else " without a reason" if without == below else f", {words.number(without)} without a reason"
        parts.append(f"{words.count(below, 'week')} answered with less than is asked{unexplained}")
    return f"{asked}: {'; '.join(parts)}."


def grid(desk: data.Desk, rows: pd.DataFrame) -> pd.DataFrame:
    """The grid; gives all rows with what stands in it now. What was typed outlives a visit to another page."""
    widget, begun, typed = key("commit_grid", desk), key(BEGUN, desk), key(TYPED, desk)
    if widget not in st.session_state or begun not in st.session_state:
        # The table that the editor starts from must stay the same while it is on the page, or it forgets what was typed.
        st.session_state[begun] = commit_rows.with_typed(rows, st.session_state.get(typed, {}))
    start = st.session_state[begun]
    form = commit_rows.FORMS[desk.role]
    columns = configured(start, form)
    edited = st.data_editor(
        start[list(columns)],
        column_config=columns,
        disabled=[name for name in columns if name not in form.editable],
        hide_index=True,
        num_rows="fixed",
        placeholder=words.DASH,
        height=min(38 + 35 * len(start), 460),
        key=widget,
    )
    st.session_state[typed] = commit_rows.typed_in(rows, edited, form)
    answer = start.assign(**{name: edited[name] for name in form.editable})
    return commit_rows.raised(answer, st.session_state[typed])


def configured(rows: pd.DataFrame, form: commit_rows.Form) -> dict[str, Any]:
    """The columns of the grid, in their order; the plant only where there are several."""
    happens = {"start": "manufacture starts", "dose": "the doses are used", "shipment": "the cells are collected"}[form.unit]
    number = partial(amount, most=form.most)
    units = f"{form.unit.capitalize()}s"
    most = {"maximum": number("Your maximum", f"{units} with all your flexibility used.", width=120)} if form.maximum else {}
    return {
        "week": st.column_config.TextColumn("Week", pinned=True, width=105, help=f"Week in which {happens}, and its Monday."),
        **lines(rows, form),
        "asked": number("Asked", f"{units} that the newest forecast asks of you.", width=62),
        "answer": number("Your answer", f"{units} that you commit to.", width=105),
        "reason_code": st.column_config.SelectboxColumn(
            "Reason if short", options=list(commit_rows.reasons(form)), format_func=commit_rows.reason, width=140
        ),
        "state": st.column_config.TextColumn("State", width=145),
        "last_answer": number("Answered last", "Your newest answer for this week.", width=105),
        "change": st.column_config.TextColumn(
            "Change since",
            help="Change since your last answer: what is asked now, less what was asked by the forecast you answered before it.",
            width=100,
        ),
        **most,
        "note": st.column_config.TextColumn("Note", max_chars=500, help="About the week, never about a patient.", width=220),
    }


def lines(rows: pd.DataFrame, form: commit_rows.Form) -> dict[str, Any]:
    """The columns that say what a row is about."""
    if form.unit != "start":
        return {
            "resource_name": st.column_config.TextColumn(
                "Vector" if form.unit == "dose" else "Lane", width=110 if form.unit == "dose" else 190
            )
        }
    several = {"plant_name": st.column_config.TextColumn("Plant")} if len(set(rows["site_id"])) > 1 else {}
    return {**several, "therapy_code": st.column_config.TextColumn("Therapy", width=80)}


def amount(heading: str, explanation: str, *, width: int, most: int) -> Any:
    """A column of quantities a week, as the contract bounds them."""
    return st.column_config.NumberColumn(
        heading, help=explanation, width=width, format=f"%.{commit_rows.SHOWN}f", min_value=0, max_value=most
    )


def send(desk: data.Desk, answer: pd.DataFrame) -> None:
    """Hand the grid to the door, or say what is still missing. Nothing typed is lost either way."""
    form = commit_rows.FORMS[desk.role]
    found = commit_rows.problems(answer, form)
    if found:
        st.error("Nothing was sent yet. " + " ".join(found), icon=":material/error:")
        return
    version = answer["version_date"].max()
    with st.spinner("Sending …", show_time=True):
        receipt = sending.hand_in(desk, form.feed, commit_rows.to_send(answer, form), f"answer-to-forecast-of-{version:%Y-%m-%d}.csv")
    if receipt is not None:
        st.session_state[key(RECEIPT, desk)] = answers.of_submission(receipt)
