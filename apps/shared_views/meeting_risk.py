"""Patients at risk: who would start later than they should in a month, why, and the exception that answers for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from apps.shared_views import cards, data, frame, meeting_agenda, meeting_data, meeting_words, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

MANY = 10


def show(desk: data.Desk) -> None:
    """The months as a choice, then one line per case or per hospital's expected patients, each with the way to its exception."""
    rows = meeting_data.at_risk(desk)
    if rows.empty:
        frame.empty("Nobody is at risk.", "Booked cases and expected patients that cannot start in time would stand here, by month.")
        return
    totals = rows.groupby("month")["patients"].sum()
    month = st.segmented_control(
        "Month of manufacturing start", list(totals.index), default=totals.idxmax(), required=True, key="risk_month",
        format_func=lambda one: f"{words.month(one)} · {words.number(totals[one])}",
    )  # fmt: skip
    chosen = rows[rows["month"] == month].sort_values(["case_id", "patients"], ascending=[True, False], na_position="last")
    frame.lead(finding(chosen, str(month)))
    agenda, names = meeting_data.agenda(desk), data.therapy_names(desk)
    with st.container(key="risk", gap=None):
        for place, row in enumerate(chosen.head(MANY).to_dict("records")):
            entry(place, row, agenda, names)
        if len(chosen) > MANY:
            with st.expander(f"{words.count(len(chosen) - MANY, 'more line')}, with fewer patients each"):
                for place, row in enumerate(chosen.iloc[MANY:].to_dict("records"), start=MANY):
                    entry(place, row, agenda, names)
    st.caption(
        "Booked cases are shown by the first letters of their number. Patients who are forecast and not booked yet have no number; they are"
        " counted per hospital. The month is that in which manufacture would start."
    )


def finding(rows: pd.DataFrame, month: str) -> str:
    """`11 patients would start late in Jan 2027: 2 booked cases and 9.4 forecast. Most often for want of vector doses.`."""
    cases, total = int(rows["case_id"].notna().sum()), rows["patients"].sum()
    if not cases:
        kinds = "forecast, none of them booked yet"
    elif total - cases < meeting_data.LEAST:
        kinds = "all of them booked"
    else:
        kinds = f"{words.count(cases, 'booked case')} and {words.number(total - cases)} forecast"
    causes = rows.groupby("red_link")["patients"].sum().sort_values(ascending=False)
    why = (
        f" Most often for want of {meeting_words.LINKS.get(causes.index[0], causes.index[0])}."
        if len(causes) and causes.index[0] != "authorisation"
        else ""
    )
    return f"{words.patients(total)} would start late in {words.month(month)}: {kinds}.{why}"


def entry(place: int, row: Mapping[Any, Any], agenda: pd.DataFrame, names: Mapping[str, str]) -> None:
    """Who, where, when, why, and the button that opens the exception with its options."""
    found = meeting_data.exception_of(agenda, row)
    left, right = st.columns([5, 2], vertical_alignment="center")
    with left:
        frame.html(
            f'<div class="vw-who"><div class="vw-row"><b>{cards.safe(who(row))}</b>'
            f'<span>{cards.safe(amount(row))}</span></div><div class="vw-quiet">{cards.safe(what(row, names))}</div></div>'
        )
    with right:
        if found is None:
            st.caption(f"{row['hospital_name']} can solve it." if row["red_link"] == "authorisation" else "It is on nobody's agenda yet.")
        else:
            st.button(
                "What can we do?",
                key=f"risk_{place}", on_click=to_exception, args=(found["exception_key"],), help=str(found["title"]), width="stretch",
            )  # fmt: skip


def who(row: Mapping[Any, Any]) -> str:
    """A case by its number, or a hospital."""
    return str(row["hospital_name"]) if words.is_missing(row["case_id"]) else f"Case {words.case(row['case_id'])} · {row['hospital_name']}"


def amount(row: Mapping[Any, Any]) -> str:
    """How many, or when at the earliest."""
    if words.is_missing(row["case_id"]):
        return words.patients(row["patients"])
    return "" if row["red_link"] == "authorisation" else f"from {words.day(row['first_date'], year=False)}"


def what(row: Mapping[Any, Any], names: Mapping[str, str]) -> str:
    """Therapy, plant, weeks and cause."""
    line = f"{words.therapy(row['therapy_code'], names)} at {row['plant_name']}"
    if not words.is_missing(row["explanation"]):
        return f"{line}. {row['explanation']}"
    first, last = words.week(row["first_date"]), words.week(row["last_date"])
    weeks = first if first == last else f"{first} to {last}"
    cause = (
        "" if words.is_missing(row["red_link"]) else f", for want of {meeting_words.LINKS.get(str(row['red_link']), str(row['red_link']))}"
    )
    return f"{line}, {weeks}{cause}."


def to_exception(key: str) -> None:
    """Open the agenda at this exception."""
    st.session_state[meeting_agenda.OPENED] = key
    st.session_state[meeting_words.PART] = "agenda"
