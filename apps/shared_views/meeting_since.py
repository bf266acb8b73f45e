"""Since the last meeting: the plan agreed on then against the plan now, in words and a picture; and what was known on any day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from apps.shared_views import charts, data, frame, meeting_data, meeting_options, starts, words
from dagster_project import editions
from dagster_project.editions.as_of import edition_as_of
from dagster_project.home import home

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

CHOSEN, DAY = "compared_edition", "replay_day"


@dataclass(frozen=True)
class Totals:
    """One edition in four figures, over the weeks it was asked for. `weeks`: iso_week, demand, served, waiting."""

    weeks: pd.DataFrame
    exceptions: frozenset[str]

    @property
    def wanted(self) -> float:
        """Patients who are to start."""
        return starts.wanted(self.weeks)

    @property
    def made_of(self) -> str:
        """Who they are, in words."""
        return starts.made_of(self.weeks)

    @property
    def served(self) -> float:
        """Patients who can start."""
        return float(self.weeks["served"].sum())

    @property
    def waiting(self) -> float:
        """Patient-weeks of waiting."""
        return float(self.weeks["waiting"].sum())

    @property
    def short(self) -> int:
        """Weeks in which somebody waits."""
        return int((self.weeks["waiting"] > data.WAITING).sum())


def show(desk: data.Desk) -> None:
    """Choose what to look back to, then both plans side by side."""
    others = past(desk)
    if not others:
        frame.empty("There is nothing to look back to yet.", "Once a second plan is published, the two stand side by side here.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        before = st.selectbox(
            "Compare this plan with", others, index=others.index(last_agreed(desk, others)), format_func=label, key=CHOSEN, width=420
        )
        day = st.date_input("or with what was known on", value=None, format="YYYY-MM-DD", key=DAY)
    if day is not None:
        found = known_on(desk, day)
        if found is None:
            return
        before = found
    compare(data.desk(desk.person, before), desk)


def past(desk: data.Desk) -> list[str]:
    """Other editions that were published for this person too, the newest first."""
    known = editions.edition_ids(home().editions)
    return [one for one in known if one != desk.edition_id and desk.person.audience in data.manifest(one)["audiences"]]


def last_agreed(desk: data.Desk, others: Sequence[str]) -> str:
    """The consensus edition of the meeting before this one; where there is none, the draft that this plan came from, or the edition before."""
    agreed = data.manifest(desk.edition_id).get("consensus") or {}
    for one in others:
        if data.manifest(one).get("kind") == "consensus":
            return one
    return str(agreed["draft"]) if agreed.get("draft") in others else others[0]


def label(edition_id: str) -> str:
    """`Plan of 16 Nov 2026, consensus (2f6c793b…)`."""
    manifest = data.manifest(edition_id)
    return f"Plan of {words.day(manifest['planning_date'])}, {manifest.get('kind', 'draft')} ({edition_id[:8]}…)"


def known_on(desk: data.Desk, day: dt.date) -> str | None:
    """The edition in force on a day, or None after saying why there is none."""
    try:
        found = edition_as_of(home().editions, day)
    except LookupError:
        frame.empty(f"No plan of {words.day(day)} or an earlier day is kept.", "Choose a later day.")
        return None
    if desk.person.audience in data.manifest(found)["audiences"]:
        return found
    frame.empty(f"You had no part in the plan of {words.day(day)} yet.", "Choose a later day.")
    return None


def compare(before: data.Desk, after: data.Desk) -> None:
    """The difference in words, in figures, and week by week."""
    old, new = totals(before), totals(after)
    st.subheader(f"{label(before.edition_id)} → now", anchor=False)
    if before.edition_id == after.edition_id:
        st.caption("That is the plan you are looking at.")
    frame.lead(difference(old, new))
    if len(old.weeks) and len(new.weeks):
        frame.figures([
            ("Patients to start", words.number(new.wanted), f"{was(old.wanted)}; now {new.made_of}"),
            ("Can start", words.number(new.served), was(old.served)),
            ("Patient-weeks of waiting", words.number(new.waiting), was(old.waiting)),
            ("Weeks short", words.number(new.short), was(old.short)),
        ])  # fmt: skip
        weeks = old.weeks.merge(new.weeks, on="iso_week", suffixes=("_before", "_after"))
        st.altair_chart(
            charts.before_after(meeting_options.long(weeks)),
            key="since_picture",
            alt=f"Patients waiting then and now. {difference(old, new)}",
        )
        st.caption("Patients who wait at the end of each week, then and now. Only weeks that both plans hold.")


def totals(of: data.Desk) -> Totals:
    """The edition's weeks as far as the person may see them, and the exceptions open in it."""
    weeks = pd.DataFrame(columns=["iso_week", "demand", "served", "waiting"])
    if of.role in {"operator", "plant"}:
        rows = data.plan(of)
        weeks = data.by_week(rows) if len(rows) else weeks
    elif of.role == "hospital":
        rows = data.own_demand(of)
        weeks = data.own_weeks(rows) if len(rows) else weeks
    return Totals(weeks, frozenset(open_exceptions(of)))


def open_exceptions(of: data.Desk) -> set[str]:
    """Keys of what is on the agenda of an edition; none where it was published before there was one."""
    if "exceptions" not in data.manifest(of.edition_id)["audiences"][of.person.audience]["tables"]:
        return set()
    return set(meeting_data.agenda(of)["exception_key"])


def difference(old: Totals, new: Totals) -> str:
    """What changed, the plan first and then the agenda."""
    parts = []
    shared = set(old.weeks["iso_week"]) & set(new.weeks["iso_week"])
    if shared:
        was_waiting, now = (float(each.weeks[each.weeks["iso_week"].isin(shared)]["waiting"].sum()) for each in (old, new))
        if abs(was_waiting - now) < data.WAITING * 10:
            parts.append("Waiting is what it was.")
        else:
            word = "shorter" if now < was_waiting else "longer"
            amount = words.count(abs(now - was_waiting), "patient-week")
            parts.append(f"In the {words.count(len(shared), 'week')} that both plans hold, waiting is {amount} {word}.")
    gone, came = len(old.exceptions - new.exceptions), len(new.exceptions - old.exceptions)
    if old.exceptions or new.exceptions:
        parts.append(words.sentence(f"{words.count(gone, 'exception')} left the agenda and {words.count(came, 'new one')} came"))
    return " ".join(parts) or "Both say the same."


def was(value: float) -> str:
    """The note below a figure."""
    return f"was {words.number(value)}"
