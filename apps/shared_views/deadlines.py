"""What is due, as the partner desk shows it: it knows what was sent a minute ago, which the edition cannot."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
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

NAMED = 4


@dataclass(frozen=True)
class Owed:
    """One feed that a partner owes: its last deadline and its next, either of which may not be owed."""

    feed: str
    last: Deadline | None
    next: Deadline | None

    @property
    def state(self) -> str:
        """How the last deadline was met; nothing was due where there was none."""
        return self.last.state if self.last is not None else cadence.NOT_DUE

    def lines(self) -> list[str]:
        """When it was due, came and is due next, on the partner's own clock."""
        told = []
        if self.last is not None:
            told.append(f"Was due {local(self.last.due_at, self.last.time_zone)}")
            if self.last.answered_at is not None:
                told.append(f"Came {local(self.last.answered_at, self.last.time_zone)}")
        if self.next is not None:
            here = " · here already" if self.next.state == cadence.EARLY else ""
            told.append(f"Next due {local(self.next.due_at, self.next.time_zone)}{here}")
        return told


def everyones(desk: data.Desk) -> None:
    """For the coordinator: what comes next, and how much of it is here already."""
    rows = of_all(known(desk))
    if not rows:
        return
    st.subheader("What is due next", anchor=False)
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


def own(deadlines: Sequence[Deadline]) -> list[Owed]:
    """What a partner owes, feed by feed: what is missing first, then what came late."""
    by_feed: dict[str, dict[str, Deadline]] = {}
    for one in deadlines:
        if one.is_owed:
            by_feed.setdefault(one.feed, {})[one.which] = one
    owed = [Owed(feed, both.get("last"), both.get("next")) for feed, both in by_feed.items()]
    order = list(words.FEED_STATES)
    return sorted(owed, key=lambda one: (order.index(one.state), contract(one.feed).title))


def standing(here: int, owed: int) -> str:
    """How much of what is due together has come."""
    return f"{words.count(here, 'feed')} of {owed} here already" if here else "none here yet"


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
        rows.append({"when": words.moment(due_at), "feeds": feeds, "standing": standing(here, len(group))})
    return rows


def local(moment: dt.datetime, zone: str) -> str:
    """A moment on the partner's own clock: `Tue 17 Nov 2026, 12:00 CET`."""
    at = moment.astimezone(ZoneInfo(zone))
    return f"{at:%a} {at.day} {at:%b %Y, %H:%M %Z}"
