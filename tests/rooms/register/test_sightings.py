"""Sightings: what each published edition held open, and what was gone since the one before."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from dagster_project.register import record_sightings, sightings

MORNING = dt.datetime(2026, 11, 16, 8, tzinfo=dt.UTC)


def exception(key: str, **more: Any) -> dict[str, Any]:
    return {
        "exception_key": key, "criterion_code": "bottleneck_red", "object_kind": "plant", "object_code": "T:P", "title": "Short", "severity": "major",
        "owner_role": "plant", "owner_partner_id": "p", "patients": 3.0, "days": 9.0, "figure": 27.0, "place": 1,
    } | more  # fmt: skip


def publish(number: int, day: int, *keys: str) -> int:
    return record_sightings(
        [exception(key) for key in keys],
        planning_date=dt.date(2026, 11, day),
        edition_id=f"edition-{number}",
        recorded_at=MORNING + dt.timedelta(hours=number),
    )


def story() -> list[tuple[str, int, str]]:
    return [(row["exception_key"], row["planning_date"].day, row["sighted"]) for row in sightings()]


@pytest.mark.usefixtures("state")
def test_opened_seen_cleared_and_opened_again() -> None:
    publish(1, 2, "a", "b")
    publish(2, 9, "a")
    publish(3, 16)
    publish(4, 23, "b")
    assert story() == [
        ("a", 2, "opened"), ("b", 2, "opened"), ("a", 9, "seen"), ("b", 9, "cleared"), ("a", 16, "cleared"), ("b", 23, "opened"),
    ]  # fmt: skip
    assert sightings()[0]["figure"] == 27.0


@pytest.mark.usefixtures("state")
def test_an_edition_is_remembered_once() -> None:
    assert publish(1, 2, "a") == 1
    assert publish(1, 2, "a") == 0
    assert story() == [("a", 2, "opened")]


@pytest.mark.usefixtures("state")
def test_a_second_edition_of_a_day_corrects_the_first() -> None:
    """The last word of the day is that b is gone and c has come: whoever reads the day reads that."""
    publish(1, 2, "a", "b")
    publish(2, 2, "a", "c")
    assert story()[2:] == [("a", 2, "seen"), ("b", 2, "cleared"), ("c", 2, "opened")]


@pytest.mark.usefixtures("state")
def test_a_sighting_without_a_fact_is_refused_whole() -> None:
    whole, broken = exception("a"), exception("b")
    del broken["title"]
    with pytest.raises(KeyError):
        record_sightings([whole, broken], planning_date=dt.date(2026, 11, 2), edition_id="e", recorded_at=MORNING)
    assert sightings() == []
