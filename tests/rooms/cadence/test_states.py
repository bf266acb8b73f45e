"""Deadlines and their states, worked out by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from dagster_project.cadence.schedule import around, moment, weekly
from dagster_project.cadence.states import Party, Sent, Term, deadlines

PARIS = Party("northgate", "hospital", "Europe/Paris")
TUESDAY_NOON = {"forecast": "0 12 * * TUE"}
MONDAY = dt.datetime(2026, 11, 16, 8, tzinfo=dt.UTC)
JOINED = Sent("s0", "other", dt.datetime(2026, 1, 5, tzinfo=dt.UTC), is_accepted=True)


def states(*times: str, now: dt.datetime = MONDAY, terms: tuple[Term, ...] = (), is_accepted: bool = True) -> list[str]:
    sent = [Sent(f"s{number}", "forecast", dt.datetime.fromisoformat(time), is_accepted) for number, time in enumerate(times, start=1)]
    return [one.state for one in deadlines(PARIS, TUESDAY_NOON, terms=terms, sent=[JOINED, *sent], now=now)]


# The last one was due on Tuesday the 10th at 11:00 UTC, the next is on the 17th.
@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ([], ["missing", "not_due"]),
        (["2026-11-09T08:00Z"], ["on_time", "not_due"]),
        (["2026-11-10T11:00Z"], ["on_time", "not_due"]),
        (["2026-11-10T11:00:01Z"], ["late", "not_due"]),
        (["2026-11-05T11:00Z"], ["missing", "not_due"]),  # two days after the deadline before: it was late for that one
        (["2026-11-05T11:00:01Z"], ["on_time", "not_due"]),
        (["2026-11-09T08:00Z", "2026-11-11T08:00Z"], ["on_time", "not_due"]),  # a correction is not next week's file
        (["2026-11-09T08:00Z", "2026-11-14T08:00Z"], ["on_time", "early"]),
        (["2026-11-14T08:00Z"], ["late", "early"]),
        (["2026-11-17T08:00Z"], ["missing", "not_due"]),  # not yet sent at that moment
    ],
)
def test_what_came_when_decides(sent: list[str], expected: list[str]) -> None:
    assert states(*sent) == expected


def test_a_refused_file_answers_nothing() -> None:
    assert states("2026-11-09T08:00Z", is_accepted=False) == ["missing", "not_due"]


def test_who_is_always_a_day_late_is_late_every_week() -> None:
    first = dt.datetime(2026, 10, 7, 11, tzinfo=dt.UTC)
    sent = [(first + dt.timedelta(weeks=week)).isoformat() for week in range(6)]
    seen = {states(*sent, now=dt.datetime(2026, 10, 14, 12, tzinfo=dt.UTC) + dt.timedelta(weeks=week))[0] for week in range(5)}
    assert seen == {"late"}


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ([("2026-01-01", None, "2026-01-01")], ["missing", "not_due"]),
        ([("2026-01-01", "2026-11-09", "2026-01-01")], ["not_due", "not_due"]),
        ([("2026-01-01", "2026-11-10", "2026-01-01")], ["missing", "not_due"]),
        ([("2026-11-11", None, "2026-01-01")], ["not_due", "not_due"]),
        ([("2026-01-01", "2026-11-09", "2026-01-01"), ("2026-11-10", None, "2026-01-01")], ["missing", "not_due"]),
    ],
)
def test_an_agreement_that_does_not_hold_asks_for_nothing(terms: list[tuple[str, str | None, str]], expected: list[str]) -> None:
    held = tuple(
        Term(
            dt.date.fromisoformat(first),
            dt.date.fromisoformat(last) if last else None,
            dt.datetime.fromisoformat(known).replace(tzinfo=dt.UTC),
        )
        for first, last, known in terms
    )
    found = deadlines(PARIS, TUESDAY_NOON, terms=held, sent=[JOINED], now=MONDAY)
    assert [one.state for one in found] == expected
    assert found[0].is_owed is (expected[0] == "missing")


def test_who_has_neither_sent_nor_agreed_owes_nothing() -> None:
    assert [(one.state, one.is_owed) for one in deadlines(PARIS, TUESDAY_NOON, terms=[], sent=[], now=MONDAY)] == [("not_due", False)] * 2


def test_noon_stays_noon_when_the_clocks_change() -> None:
    before, after = around(weekly("0 12 * * TUE"), dt.datetime(2026, 10, 24, tzinfo=dt.UTC), "Europe/Paris")
    assert (before.due_at.hour, after.due_at.hour) == (10, 11)
    assert (after.due_at - before.due_at) == dt.timedelta(weeks=1, hours=1)


def test_a_time_that_the_clock_skips_or_shows_twice_is_read_in_favour_of_the_sender() -> None:
    assert moment(dt.date(2026, 3, 29), dt.time(2, 30), "Europe/Paris") == dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC)
    assert moment(dt.date(2026, 10, 25), dt.time(2, 30), "Europe/Paris") == dt.datetime(2026, 10, 25, 1, 30, tzinfo=dt.UTC)


def test_a_deadline_across_the_date_line_has_passed_where_it_has_passed() -> None:
    last, following = around(weekly("0 12 * * TUE"), dt.datetime(2026, 11, 17, tzinfo=dt.UTC), "Pacific/Auckland")
    assert (last.date, following.date) == (dt.date(2026, 11, 17), dt.date(2026, 11, 24))


@pytest.mark.parametrize("cadence", ["0 12 1 * *", "0 12 * * *", "0 25 * * TUE", "daily"])
def test_a_schedule_that_is_not_weekly_is_named(cadence: str) -> None:
    with pytest.raises(ValueError, match=r"schedule|hour"):
        weekly(cadence)
