"""Looking back: the edition that was in force on a day, and the versions that were."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from dagster_project.commands.plan import show
from dagster_project.editions import open_edition
from dagster_project.editions.as_of import edition_as_of, rows_as_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from dagster_project.home import Home


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("day", "figures"),
    [
        (date(2026, 11, 2), []),
        (date(2026, 11, 3), [2.0]),
        (date(2026, 11, 9), [2.0]),
        (date(2026, 11, 10), [2.5]),
        (date(2027, 1, 1), [2.5]),
    ],
)
def test_a_version_is_in_force_from_its_day_to_before_the_next(day: date, figures: list[float]) -> None:
    assert rows_as_of(open_edition("operator"), "forecast_versions", day)["patients"].to_pylist() == figures


@pytest.mark.usefixtures("published")
def test_a_view_without_versions_says_so() -> None:
    with pytest.raises(LookupError, match="keeps no versions"):
        rows_as_of(open_edition("operator"), "demand", date(2026, 11, 10))


def test_an_edition_keeps_the_versions_of_its_waterfall_and_an_older_one_is_asked_for_those_before(
    publish_on: Callable[[date], str],
) -> None:
    publish_on(date(2026, 11, 23))
    with pytest.raises(LookupError, match="keeps no versions of 2026-08-16"):
        rows_as_of(open_edition("operator"), "forecast_versions", date(2026, 8, 16))
    told = CliRunner().invoke(show, ["forecast_versions", "--as-of", "2026-08-16"])
    assert told.exit_code != 0
    assert "veinway plan --planning-date 2026-08-16" in str(told.exception or told.output)


def test_the_edition_in_force_is_the_latest_that_plans_no_later_day(published: Home, publish_on: Callable[[date], str]) -> None:
    later = publish_on(date(2026, 11, 23))
    first = edition_as_of(published.editions, date(2026, 11, 22))
    assert first != later
    assert edition_as_of(published.editions, date(2026, 11, 23)) == later
    with pytest.raises(LookupError, match=r"the oldest one plans 2026-11-16.*veinway plan --planning-date 2026-11-15"):
        edition_as_of(published.editions, date(2026, 11, 15))


def test_show_as_of_a_day(publish_on: Callable[[date], str]) -> None:
    publish_on(date(2026, 11, 23))
    run = CliRunner().invoke
    told = run(show, ["forecast_versions", "--as-of", "2026-11-05", "--format", "csv"])
    assert [row["patients"] for row in csv.DictReader(io.StringIO(told.output))] == ["2.0"]
    told = run(show, ["demand", "--as-of", "2026-11-20"])
    assert "in force on 2026-11-20, plans 2026-11-16" in " ".join(told.output.split())
    told = run(show, ["demand", "--as-of", "2026-11-20", "--edition", "abc"])
    assert told.exit_code == 2
