"""The card `What is due next` of the partner desk: it knows what was sent a minute ago, which the edition cannot."""

from __future__ import annotations

import datetime as dt
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import streamlit as st

from apps.shared_views import cards, data, frame, identity, words
from dagster_project import cadence, register
from dagster_project.contracts import contract
from dagster_project.editions.inputs import end_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dagster_project.cadence import Deadline

STATES = {
    cadence.MISSING: "✕ Missing",
    cadence.LATE: "! Came late",
    cadence.NOT_DUE: "· Not here yet",
    cadence.EARLY: "✓ Here already",
}
NAMED = 4


def card(desk: data.Desk) -> None:
    """What is missing or came late, and what is due next with what of it is here already."""
    deadlines = known(desk)
    rows = of_all(deadlines) if desk.role == "operator" else own(deadlines)
    if not rows:
        return
    st.subheader("What is due next" if desk.role == "operator" else "What is due", anchor=False)
    headings = {"when": "Due", "feeds": "Feeds", "standing": "State"}
    frame.html(cards.wrapped(rows, headings))


def known(desk: data.Desk) -> list[Deadline]:
    """The deadlines of the person's partner, or of everybody for the coordinator; never cached, so a sender sees a change at once.

    In a demo or a replay the clock stands at the end of the planning day, and what is sent now counts as sent then.
    """
    identity.require_audience(desk.person, data.people(desk.edition_id))
    end = end_of(desk.planning_date)
    is_standing = register.is_replayed(end)
    now = end if is_standing else dt.datetime.now(dt.UTC)
    if desk.role == "operator":
        return cadence.due_of_all(now, is_standing=is_standing)
    return cadence.due(desk.person.partner_id, now, is_standing=is_standing)


def own(deadlines: Sequence[Deadline]) -> list[dict[str, str]]:
    """A partner's rows: one for each moment and state, what is missing first."""
    order = list(STATES)
    waiting = sorted(
        (one for one in deadlines if one.is_owed and one.state in STATES), key=lambda one: (order.index(one.state), one.due_at, one.feed)
    )
    return [
        {
            "when": local(due_at, zone),
            "feeds": words.sentence(", ".join(contract(one.feed).title.lower() for one in group))[:-1],
            "standing": STATES[state],
        }
        for (state, due_at, zone), members in groupby(waiting, key=lambda one: (one.state, one.due_at, one.time_zone))
        for group in [list(members)]
    ]


def of_all(deadlines: Sequence[Deadline]) -> list[dict[str, str]]:
    """The coordinator's rows: one for each moment that comes, with how much of it is here already."""
    coming = [one for one in deadlines if one.is_owed and one.which == "next"]
    rows = []
    for due_at, members in groupby(coming, key=lambda one: one.due_at):
        group = list(members)
        partners = sorted({words.partner(one.partner_id) for one in group})
        more = f" and {len(partners) - NAMED} more" if len(partners) > NAMED else ""
        here = sum(one.state == cadence.EARLY for one in group)
        feeds = f"{words.count(len(group), 'feed')} of {words.count(len(partners), 'partner')}: {', '.join(partners[:NAMED])}{more}"
        rows.append({"when": words.moment(due_at), "feeds": feeds, "standing": f"{words.count(here, 'feed')} of {len(group)} here already"})
    return rows


def local(moment: dt.datetime, zone: str) -> str:
    """A moment on the partner's own clock: `Tue 17 Nov 2026, 12:00 CET`."""
    at = moment.astimezone(ZoneInfo(zone))
    return f"{at:%a} {at.day} {at:%b %Y, %H:%M %Z}"
