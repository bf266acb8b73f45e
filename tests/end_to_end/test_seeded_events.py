"""The demo's seeded events: each is the first exception of the week in which it is news, and few others stand beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from compiled import Compiled, open_memory
from lived import Row, landing_of, live

from dagster_project.contracts.model import contract
from dagster_project.home import home
from dagster_project.intake import submit
from dagster_project.intake.deliveries import Delivery, deliveries, let_partners_in
from dagster_project.landing import load_landing, load_sendings, open_warehouse
from dagster_project.network.small_networks import demo
from dagster_project.register import sendings, submissions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("seeded events")]
NET = demo()
LEIDEN, LONGLEAF, KEYSTONE = (NET.sites[plant].site_id for plant in NET.plants)
# Monday of the plan: what comes first, of what, and what it says of the event.
NEWS = {
    "2026-09-21": ("forecast_against_baseline", NET.sites[NET.biased_hospital].site_id, "more patients than come"),
    "2026-10-05": ("bottleneck_red", f"CART-101:{LEIDEN}", "the plant is shut from 2026-12-14 to 2027-01-03"),
    "2026-10-26": (
        "bottleneck_red",
        f"CART-101:{LONGLEAF}",
        "the airport of Longleaf Cell Foundry is closed from 2027-02-08 to 2027-02-21",
    ),
    "2026-11-16": ("bottleneck_red", f"CART-201:{KEYSTONE}", "vector lot BCMA-004 was rejected"),
}
# Exceptions ask of these whether they have come, not what they say.
MERELY_DUE = {"temperature_reading", "delivery_history", "deviation", "inspection"}


@pytest.fixture(scope="module")
def lived(
    compiled: Compiled, network_files: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, list[Row]]]:
    """The open exceptions of each plan, in the order of their place: one demo, sent once, planned four times."""
    with pytest.MonkeyPatch.context() as patch, open_memory() as con:
        patch.setenv("VEINWAY_HOME", str(tmp_path_factory.mktemp("demo")))
        files = network_files("demo")
        let_partners_in(files)
        for one in _that_matter(deliveries(files)):
            submit(one.path, partner=one.partner, feed=one.feed, as_of=one.as_of)
        with open_warehouse(home()) as kept:
            load_landing(kept, submissions(), home())
            load_sendings(kept, sendings())
        landing_of(con, str(home().warehouse))
        yield {day: [row for row in live(con, compiled, day) if row["place"]] for day in NEWS}


def _that_matter(sent: list[Delivery]) -> list[Delivery]:
    """Without the files of the summer on which no exception of the autumn rests: of those the last one before the first news will do."""
    last = {(one.partner, one.feed): one.as_of for one in sent if f"{one.as_of:%Y-%m-%d}" < min(NEWS)}
    return [one for one in sent if _is_history(one.feed) or one.as_of >= last.get((one.partner, one.feed), one.as_of)]


def _is_history(feed: str) -> bool:
    """Whether old files count: what happened, and what was forecast. A plan takes the place of the one before."""
    return feed == "demand_forecast" or (contract(feed).delivery == "events" and feed not in MERELY_DUE)


@pytest.mark.parametrize("day", NEWS)
def test_an_event_is_the_first_exception_of_the_week_in_which_it_is_news(lived: dict[str, list[Row]], day: str) -> None:
    criterion, code, words = NEWS[day]
    first = lived[day][0]
    assert (first["place"], first["criterion_code"], first["object_code"]) == (1, criterion, code), first["title"]
    assert words in f"{first['title']} {first['reason']}"


@pytest.mark.parametrize("day", NEWS)
def test_few_exceptions_are_open_and_none_is_told_twice(lived: dict[str, list[Row]], day: str) -> None:
    found = lived[day]
    assert len(found) < 25
    assert [row["place"] for row in found] == list(range(1, len(found) + 1))
    assert len({row["exception_key"] for row in found}) == len(found)
    assert len({(row["object_code"], row["title"]) for row in found}) == len(found)
