"""Early, on time, late, missing, not due yet: the state of each deadline, from schedules, agreements and what was sent. Pure.

The mart `fct_due` says the same of an edition's planning date; a test holds the two to each other on a grid of cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagster_project.cadence.schedule import around, weekly

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from dagster_project.cadence.days import Day
    from dagster_project.cadence.schedule import Window

EARLY, ON_TIME, LATE, MISSING, NOT_DUE = "early", "on_time", "late", "missing", "not_due"
LAST, NEXT = "last", "next"


@dataclass(frozen=True)
class Party:
    """Who owes: a partner, its role, and the zone in which its deadlines are meant."""

    partner_id: str
    role: str
    time_zone: str


@dataclass(frozen=True)
class Term:
    """An agreement that names the partner: the days it holds (the last one may be open), and since when it is known."""

    valid_from: dt.date
    valid_to: dt.date | None
    known_at: dt.datetime


@dataclass(frozen=True)
class Sent:
    """That a file came. Only one of which rows were accepted answers a deadline."""

    submission_id: str
    feed: str
    sent_at: dt.datetime
    is_accepted: bool


@dataclass(frozen=True)
class Deadline:
    """One feed's last or next deadline. `answered_at` and `submission_id` are of the sending that answers it. Moments are in UTC.

    A deadline that the partner does not owe (it has not joined, or no agreement holds) is `not_due` and `is_owed` is false.
    """

    partner_id: str
    feed: str
    which: str
    due_at: dt.datetime
    time_zone: str
    is_owed: bool
    state: str
    answered_at: dt.datetime | None
    submission_id: str | None


def deadlines(
    party: Party,
    cadences: Mapping[str, str | None],
    *,
    terms: Sequence[Term],
    sent: Iterable[Sent],
    now: dt.datetime,
    days: Mapping[str, Day] | None = None,
) -> list[Deadline]:
    """The last and the next deadline of every feed the party owes, in the order of their moments, then by feed.

    `cadences` are the cron lines of the feeds its role sends; one without any is only due when it is among `days`, those that agreements
    state, which come before the contract's. `sent` is all that is known of the party; what came at or after `now` is ignored.
    """
    agreed = days or {}
    known = sorted((each for each in sent if each.sent_at < now), key=lambda each: (each.sent_at, each.submission_id))
    joined_at = known[0].sent_at if known else None
    found = []
    for feed, cadence in cadences.items():
        day = agreed.get(feed)
        if day is None and cadence is None:
            continue
        schedule, zone = (day.schedule, day.zone or party.time_zone) if day else (weekly(cadence or ""), party.time_zone)
        answers = [each for each in known if each.feed == feed and each.is_accepted]
        for which, window in zip((LAST, NEXT), around(schedule, now, zone), strict=True):
            owed = is_owed(window, terms, joined_at)
            answer = _answer(window, answers) if owed else None
            found.append(
                Deadline(
                    party.partner_id,
                    feed,
                    which,
                    window.due_at,
                    zone,
                    owed,
                    state(window, answer, now) if owed else NOT_DUE,
                    answer.sent_at if answer else None,
                    answer.submission_id if answer else None,
                )
            )
    return sorted(found, key=lambda each: (each.due_at, each.feed))


def is_owed(window: Window, terms: Sequence[Term], joined_at: dt.datetime | None) -> bool:
    """Whether a deadline binds: the partner takes part by then, and one of its agreements, where any names it, holds on that day."""
    began = [term.known_at for term in terms] + ([joined_at] if joined_at else [])
    if not began or min(began) > window.due_at:
        return False
    return not terms or any(term.valid_from <= window.date and (term.valid_to is None or term.valid_to >= window.date) for term in terms)


def state(window: Window, answer: Sent | None, now: dt.datetime) -> str:
    """The state of a deadline that is owed."""
    if window.due_at > now:
        return EARLY if answer else NOT_DUE
    if answer is None:
        return MISSING
    return ON_TIME if answer.sent_at <= window.due_at else LATE


def _answer(window: Window, answers: Sequence[Sent]) -> Sent | None:
    """The first sending since a file counts for the deadline."""
    return next((each for each in answers if each.sent_at > window.opens_at), None)
