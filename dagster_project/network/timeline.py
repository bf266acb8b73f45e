"""From a booked slot to the time of every step: collection, transport, manufacture, release, return, infusion. Minutes since 1970, UTC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dagster_project.network.clock import DAY, utc_by
from dagster_project.network.journeys import ACCEPT_SHARE, REMAKE_SHARE, Attempts, Bookings, Slots
from dagster_project.network.streams import Array, lognormal, spread, stream
from dagster_project.network.topology import Topology, gap_days

if TYPE_CHECKING:
    from dagster_project.network.cases import Cases

HOUR = 60.0
SPREAD = 0.174
"""Log-normal spread of transit: the ninth decile is 25 % above the median."""
PROMISE = 1.36
"""A promise that 95 % of undisturbed transits keep to the hour, and nearly all to the day."""
MISSED_SHARE = 0.045
"""Transports that miss their departure and arrive a day later: these are what is late to the promised date."""
REMADE, RELEASED, CONDITIONAL, EXPANDED, REJECTED, TERMINATED, WITHDRAWN = range(7)


@dataclass
class Transport:
    """One transport per attempt and direction; NaN where there is none."""

    lane: Array
    pickup_open: Array
    picked_up: Array
    planned: Array
    promised: Array
    delivered: Array


@dataclass
class Timeline:
    """Arrays over attempts, then (`case_…`) over cases. NaN: does not happen."""

    collects: Array
    start_planned: Array
    start: Array
    end: Array
    inbound: Transport
    activation_planned: Array
    activation: Array
    steps: dict[str, Array]
    decided: Array
    decision: Array
    outbound: Transport
    case_lymphodepletion_day: Array
    case_infusion: Array
    case_outcome_at: Array
    case_reason: Array
    hospital: Array
    plant: Array


def build_timeline(net: Topology, cases: Cases, slots: Slots, bookings: Bookings, attempts: Attempts, seed: int) -> Timeline:
    """Times of all attempts, as they will be if nobody looks before the end of the simulation."""
    rng, zones = stream(seed, "timeline"), [site.place.zone for site in net.sites]
    hospital, plant = cases.hospital[attempts.case], slots.plant[attempts.slot]
    count, day = len(attempts), slots.day[attempts.slot].astype(float)
    fresh = np.array([t.material_state == "fresh" for t in net.therapies])[cases.therapy[attempts.case]]
    collects = (attempts.number == 0) | fresh
    lane_in = np.array([net.lane_of[h, p] for h, p in zip(hospital, plant, strict=True)], dtype=np.int64)
    gaps = np.array([gap_days(lane) for lane in net.lanes])[lane_in]
    start_planned = np.where(collects, utc_by(day - gaps, rng.choice([8.0, 8.5, 9.0], count), zones, hospital), np.nan)
    start = start_planned + np.floor(rng.uniform(0, 40, count))
    end = start + np.floor(rng.uniform(225, 320, count))
    inbound = _transport(net, rng, lane_in, start_planned + 6.5 * HOUR, end + 50)
    activation_planned = utc_by(day, 10.0, zones, plant)
    ready = np.where(collects, inbound.delivered + 3.6 * HOUR, activation_planned)
    activation = np.maximum(activation_planned + np.floor(rng.uniform(0, 90, count)), np.floor(ready))
    rows = (attempts.case, attempts.number)
    make, qc = cases.make_days[rows] * DAY, cases.qc_days[rows] * DAY
    steps = _steps(rng, inbound, activation, make, qc, collects=collects, fresh=fresh)
    decision, decided = _decide(cases, attempts, activation, make, steps["disposition"])
    ships = (decision >= RELEASED) & (decision <= EXPANDED) & ~(cases.drops_out[attempts.case] & (cases.drop_place[attempts.case] < 0.5))
    lane_out = np.array([net.lane_of[p, h] for h, p in zip(hospital, plant, strict=True)], dtype=np.int64)
    pickup = np.where(ships, utc_by(np.floor(decided / DAY) + 1, 9.0, zones, plant), np.nan)
    outbound = _transport(net, rng, lane_out, pickup, pickup + 20)
    steps["shipped"] = outbound.picked_up
    _stop(steps, decided, decision)
    return Timeline(
        collects, start_planned, start, end, inbound, activation_planned, activation, steps, decided, decision, outbound,
        *_outcomes(net, cases, bookings, attempts, outbound, decided, decision, rng), hospital, plant,
    )  # fmt: skip


def _transport(net: Topology, rng: np.random.Generator, lane: Array, opens: Array, ready: Array) -> Transport:
    hours = np.array([item.p50_hours + item.customs_hours for item in net.lanes])[lane]
    count = len(lane)
    picked = np.floor(np.maximum(opens + rng.uniform(10, 70, count), ready))
    missed = spread(rng, count, MISSED_SHARE)
    transit = hours * HOUR * np.exp(SPREAD * rng.standard_normal(count)) + np.where(missed, 22 * HOUR, 0)
    planned = opens + 45 + np.ceil(hours * 1.05) * HOUR
    promised = opens + 60 + np.ceil(hours * PROMISE) * HOUR
    return Transport(lane, opens, picked, planned, promised, np.floor(picked + transit))


def _steps(  # noqa: PLR0913 - two flags beside the times
    rng: np.random.Generator, inbound: Transport, activation: Array, make: Array, qc: Array, *, collects: Array, fresh: Array,
) -> dict[str, Array]:  # fmt: skip
    """Milestones in the order of the contract; a retained material is not received twice, fresh material is not thawed."""
    count = len(activation)
    received = np.where(collects, inbound.delivered + np.floor(rng.uniform(12, 30, count)), np.nan)
    end = activation + make
    steps = {
        "material_received": received,
        "accepted": received + np.floor(rng.uniform(60, 120, count)),
        "thaw": np.where(fresh, np.nan, activation - 50),
        "activation": activation,
        "transduction": activation + DAY + np.floor(rng.uniform(0, 180, count)),
        "harvest": end - 10 * HOUR,
        "formulation": end - 7 * HOUR,
        "cryopreserved": end - 3 * HOUR,
        "qc_submitted": end,
        "qc_complete": end + 0.72 * qc,
        "batch_review_start": end + 0.76 * qc,
        "disposition": end + qc,
    }
    return {name: np.floor(values) for name, values in steps.items()}


def _decide(cases: Cases, attempts: Attempts, activation: Array, make: Array, disposition: Array) -> tuple[Array, Array]:
    case, number = attempts.case, attempts.number
    fails, fate = cases.fails[case, number], cases.after_failure[case, number]
    tested = cases.is_tested_failure[case] | (number > 0)
    drops = cases.drops_out[case]
    last = number == cases.fails.shape[1] - 1
    accepted = fails & tested & ~drops & (fate < ACCEPT_SHARE) & ((fate >= REMAKE_SHARE) | last)
    withdrawn = ~fails & drops & (cases.drop_place[case] < 0.3)
    conditional = ~fails & (fate > 0.98)
    decision = np.select(
        [withdrawn, accepted, fails & tested, fails, conditional], [WITHDRAWN, EXPANDED, REJECTED, TERMINATED, CONDITIONAL], RELEASED
    )
    decided = np.where(decision == TERMINATED, activation + 0.8 * make, disposition)
    gone = activation + cases.drop_place[case] / 0.3 * (disposition - activation)
    return decision, np.floor(np.where(withdrawn, gone, decided))


def _stop(steps: dict[str, Array], decided: Array, decision: Array) -> None:
    """A terminated or withdrawn batch takes no further step; its disposition is the decision."""
    early = (decision == TERMINATED) | (decision == WITHDRAWN)
    for name, values in steps.items():
        if name not in {"disposition", "shipped"}:
            values[early & (values > decided)] = np.nan
    steps["disposition"] = np.where(early, decided, steps["disposition"])


def _outcomes(  # noqa: PLR0913, PLR0917 - the end of a case rests on all before it
    net: Topology, cases: Cases, bookings: Bookings, attempts: Attempts, outbound: Transport, decided: Array, decision: Array,
    rng: np.random.Generator,
) -> tuple[Array, Array, Array, Array]:  # fmt: skip
    """Per case: first day of lymphodepletion, infusion, time the outcome is known, reason (index into REASON_CODES, -1 when infused)."""
    zones, count = [site.place.zone for site in net.sites], len(cases)
    wait = np.clip(lognormal(rng, count, median=4.6, p75=6.4), 2, 20) + cases.hold_days
    prepare = rng.choice([5, 5, 5, 4, 3], count)
    hour, choice = rng.choice([10.0, 11.0, 13.0], count), rng.random(count)
    delivered, lymphodepletion, infusion, outcome = (np.full(count, np.nan) for _ in range(4))
    reason = np.full(count, -1)
    delivered[attempts.case] = np.where(np.isnan(outbound.delivered), delivered[attempts.case], outbound.delivered)
    begins = np.ceil(delivered / DAY + wait)
    lost = cases.drops_out & ~np.isnan(delivered)
    lymphodepletion[:] = np.where(lost & (cases.drop_place < 0.85), np.nan, begins)
    infusion[:] = np.where(lost, np.nan, utc_by(begins + prepare, hour, zones, cases.hospital))
    outcome[:] = np.where(lost, np.floor((begins + np.where(cases.drop_place < 0.85, -1, prepare - 1)) * DAY + 15 * HOUR), infusion)
    reason[lost] = np.select([choice < 0.55, choice < 0.85, choice < 0.93], [0, 1, 3], 4)[lost]
    refused = np.isin(decision, (REJECTED, TERMINATED)) & ~_wants_remake(cases, attempts)
    outcome[attempts.case[refused]] = decided[refused] + 2 * DAY
    reason[attempts.case[refused]] = np.where(cases.drops_out[attempts.case[refused]], 0, 2)
    gone = (decision == WITHDRAWN) | ((decision <= CONDITIONAL) & np.isnan(outbound.picked_up))
    outcome[attempts.case[gone]] = decided[gone] + 0.8 * DAY
    reason[attempts.case[gone]] = np.where(choice < 0.6, 0, 1)[attempts.case[gone]]
    dropped = bookings.reason == 5
    outcome[bookings.case[dropped]] = bookings.freed[dropped] * DAY
    reason[bookings.case[dropped]] = np.select([choice < 0.5, choice < 0.75], [0, 1], 4)[bookings.case[dropped]]
    return lymphodepletion, infusion, np.floor(outcome), reason


def _wants_remake(cases: Cases, attempts: Attempts) -> Array:
    remade = (cases.after_failure[attempts.case, attempts.number] < REMAKE_SHARE) & ~cases.drops_out[attempts.case]
    return np.asarray(remade & (attempts.number < cases.fails.shape[1] - 1))
