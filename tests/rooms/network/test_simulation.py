"""The parts of the simulation that other parts lean on: identifiers, clocks, streams, the race for slots."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import numpy as np
import pytest
from click.testing import CliRunner

from dagster_project.commands.network import network
from dagster_project.contracts.identifiers import is_valid
from dagster_project.network import identifiers
from dagster_project.network.clock import DAY, day_number, local_text, monday_of, utc
from dagster_project.network.journeys import lay_out_slots
from dagster_project.network.sizes import PLANNING_DATE, SIZES
from dagster_project.network.small_networks import tiny
from dagster_project.network.streams import spread, stream
from dagster_project.network.world import simulate

TINY = SIZES["tiny"]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("gln", identifiers.gln(17)),
        ("gtin", identifiers.gtin(1)),
        ("sscc", identifiers.sscc(4711)),
        ("din", identifiers.din(2026, 123)),
        ("coi", identifiers.coi(2026, 999)),
    ],
)
def test_identifiers_pass_their_own_checks(kind: str, value: str) -> None:
    assert is_valid(kind, value)


def test_coi_ids_of_neighbours_differ() -> None:
    assert len({identifiers.coi(2026, number) for number in range(5000)}) == 5000


def test_local_noon_is_right_on_both_sides_of_a_clock_change() -> None:
    before, after = (datetime(2026, 10, day, tzinfo=UTC) for day in (24, 26))
    days = np.array([before.timestamp() // 86400, after.timestamp() // 86400])
    minutes = utc(days, 12.0, "Europe/Paris")
    assert (minutes % DAY).tolist() == [600, 660]
    assert local_text(minutes, "Europe/Paris").tolist() == ["2026-10-24T12:00:00+02:00", "2026-10-26T12:00:00+01:00"]


def test_monday_of_the_planning_date_is_itself() -> None:
    assert int(monday_of(day_number(PLANNING_DATE))) == day_number(PLANNING_DATE)


def test_spread_keeps_its_share_in_every_stretch() -> None:
    flags = spread(stream(1, "x"), 1000, 0.09, block=20)
    assert all(abs(flags[start : start + 200].sum() - 18) <= 2 for start in range(0, 1000, 200))


def test_topics_draw_independently_of_each_other() -> None:
    alone = stream(7, "one").random(3)
    stream(7, "two").random(100)
    assert (stream(7, "one").random(3) == alone).all()
    assert (stream(7, "two").random(3) != alone).any()


def test_demand_is_the_same_whatever_the_capacity() -> None:
    """Common random numbers: two topologies are compared on the same patients."""
    wider = dataclasses.replace(TINY, horizon_weeks=20)
    one, other = simulate(TINY, 7), simulate(wider, 7)
    assert (one.cases.ordered_at == other.cases.ordered_at).all()
    assert (one.cases.make_days == other.cases.make_days).all()


def test_no_slot_lies_in_a_shutdown() -> None:
    slots = lay_out_slots(tiny(), TINY)
    first, last = day_number(datetime(2026, 8, 10, tzinfo=UTC).date()), day_number(datetime(2026, 8, 16, tzinfo=UTC).date())
    assert not ((slots.day >= first) & (slots.day <= last)).any()


def test_every_attempt_has_a_slot_of_its_own_and_starts_after_its_order() -> None:
    world = simulate(TINY, 7)
    assert len(np.unique(world.attempts.slot)) == len(world.attempts)
    assert (world.times.activation > world.cases.ordered_at[world.attempts.case]).all()


def test_steps_of_a_case_follow_each_other() -> None:
    world = simulate(TINY, 7)
    times, infusion = world.times, world.times.case_infusion[world.attempts.case]
    for earlier, later in [
        (times.start, times.end),
        (times.end, times.activation),
        (times.activation, times.decided),
        (times.decided, infusion),
    ]:
        both = np.isfinite(earlier) & np.isfinite(later)
        assert both.any()
        assert (earlier[both] < later[both]).all()


def test_command_writes_a_network_and_says_so(tmp_path) -> None:
    result = CliRunner().invoke(network, ["write", "--size", "tiny", "--out", str(tmp_path / "net")])
    assert result.exit_code == 0
    assert "files of 9 partners" in result.output
    assert (tmp_path / "net" / "network.json").exists()


def test_command_explains_a_folder_in_use(tmp_path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    result = CliRunner().invoke(network, ["write", "--size", "tiny", "--out", str(tmp_path)])
    assert result.exit_code == 1
    assert "is not empty" in result.output
