"""What waits for a person: overdue first, and nothing left out unsaid. No app, no disk."""

from __future__ import annotations

import pandas as pd
import pytest

from apps.shared_views import overdue, today
from dagster_project.contracts import feeds

DUE = pd.Timestamp("2026-11-10 11:00", tz="UTC")


def status(late: int) -> pd.DataFrame:
    return pd.DataFrame(
        [{"partner_id": f"partner-{place}", "feed": feeds()[place], "state": "late", "due_at": DUE} for place in range(late)]
    )


def test_sixteen_late_feeds_are_six_and_the_way_to_ten_more():
    notes = today.behind(status(16), name_partner=True)
    assert len(notes) == 7
    assert notes[-1] == ("gray", "and 10 more feeds", "partner_desk")
    assert not [note for note in notes[:-1] if note.page]


@pytest.mark.parametrize(("late", "last"), [(6, "it was due"), (7, "and 1 more feed")])
def test_the_rest_is_named_only_when_there_is_one(late, last):
    text = today.behind(status(late))[-1].text
    assert last in text
    assert not text.endswith("feeds")


@pytest.mark.parametrize(("days", "said"), [(3.9, "! 3 days overdue"), (1.0, "! 1 day overdue"), (0.4, "! overdue"), (None, "! overdue")])
def test_mark_of_an_overdue_case_says_for_how_long(days, said):
    assert overdue.mark(days) == said


def test_overdue_ones_come_first_and_the_longest_overdue_on_top():
    rows = pd.DataFrame(
        {
            "name": ["next", "two days", "later", "nine days"],
            "is_overdue": [False, True, None, True],
            "overdue_days": [None, 2.0, None, 9.0],
            "due": pd.to_datetime(["2026-11-17", "2026-11-14", "2026-11-20", "2026-11-07"]),
        }
    )
    ordered = overdue.first(rows, "due")
    assert list(ordered["name"]) == ["nine days", "two days", "next", "later"]
    assert list(ordered["overdue"]) == ["! 9 days overdue", "! 2 days overdue", None, None]
