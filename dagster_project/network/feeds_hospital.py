"""What hospitals send about cases: orders, appointments, collections, readiness, treatment. Plans are in feeds_hospital_plans.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from dagster_project.network.clock import DAY, day_of, offset_at, utc_by
from dagster_project.network.columns import codes, day, flag, integer, num, pick, same, text, ts
from dagster_project.network.identifiers import FACILITY, din
from dagster_project.network.publish import TUESDAY, Parcel, cut_events
from dagster_project.network.streams import Array, stream
from dagster_project.network.topology import gap_days

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster_project.network.world import World

CATEGORIES = ["commercial", "trial", "expanded_access"]
REASON_CODES = ["progression", "fitness", "oos_declined", "logistics", "payer"]
HOLDS = ["infection", "low_counts", "bridging", "progression", "logistics"]


def hospital_events(world: World) -> Iterator[Parcel]:
    """All case-level feeds of all hospitals."""
    yield from _orders(world)
    yield from _appointments(world)
    yield from _collections(world)
    yield from _readiness(world)
    yield from _treatments(world)


def partner_of(world: World, site: Array) -> Array:
    """Partner index of each site index."""
    return np.array([item.partner for item in world.net.sites])[site]


def site_ids(world: World, site: Array) -> pa.Array:
    """GLN of each site index."""
    return pick([item.site_id for item in world.net.sites], site)


def local_day(world: World, minutes: Array, site: Array) -> Array:
    """Local date (day number) of UTC minutes at each row's site; NaN stays."""
    result = np.full(len(minutes), np.nan)
    for index in np.unique(site):
        rows = (site == index) & np.isfinite(minutes)
        result[rows] = (minutes[rows] + offset_at(minutes[rows], world.net.zone(int(index)))) // DAY
    return result


def _orders(world: World) -> Iterator[Parcel]:
    cases = world.cases
    columns = {
        "coi_issuer_id": same(FACILITY, len(cases)),
        "coi_id": text(cases.coi_id),
        "case_id": text(cases.case_id),
        "therapy_code": pick([t.code for t in world.net.therapies], cases.therapy),
        "hospital_id": site_ids(world, cases.hospital),
        "referred_date": day(cases.referred_day),
        "ordered_at": ts(cases.ordered_at),
        "category": pick(CATEGORIES, cases.category),
    }
    keys = np.arange(len(cases))
    partner = partner_of(world, cases.hospital)
    yield from cut_events(world, "case_order", TUESDAY, pa.table(columns), partner=partner, known=cases.ordered_at + 20, key=keys)


def _appointments(world: World) -> Iterator[Parcel]:
    """Every booking of a slot by a case that must be collected is an appointment: booked, then cancelled, missed or fulfilled."""
    cases, book, times = world.cases, world.bookings, world.times
    net, hospital = world.net, world.cases.hospital[world.bookings.case]
    attempt_of = np.full(len(world.slots), -1)
    attempt_of[world.attempts.slot] = np.arange(len(world.attempts))
    held = np.isinf(book.freed)
    attempt = np.where(held, attempt_of[book.slot], -1)
    keep = ~held | times.collects[attempt]
    gaps = np.array([gap_days(net.lanes[net.lane_of[d.hospital, net.pools[d.pool].plant]]) for d in net.demands])[cases.demand[book.case]]
    rng = stream(world.seed, "appointments")
    planned = utc_by(world.slots.day[book.slot] - gaps, 8.5, [s.place.zone for s in net.sites], hospital)
    planned = np.where(attempt >= 0, times.start_planned[attempt], planned)
    order = np.lexsort((book.booked, book.case))
    previous = np.full(len(order), -1)
    follows = (book.case[order][1:] == book.case[order][:-1]) & np.isin(book.reason[order][:-1], (1, 2))
    previous[order[1:][follows]] = order[:-1][follows]
    reason = np.select([book.reason == 1, book.reason == 2], [rng.integers(0, 2, len(order)), rng.integers(2, 4, len(order))], 4)
    done = np.where(attempt >= 0, times.end[attempt] + 30, np.nan)
    chosen = [np.flatnonzero(keep), np.flatnonzero(keep & ~held), np.flatnonzero(keep & held)]
    rows, kind = np.concatenate(chosen), np.repeat([0, 1, 2], [len(part) for part in chosen])
    known = np.select([kind == 0, kind == 1], [book.booked[rows] * DAY, book.freed[rows] * DAY], done[rows])
    start = np.where(kind == 2, times.start[attempt[rows]], planned[rows])
    end = np.where(kind == 2, times.end[attempt[rows]], planned[rows] + 270)
    status = np.select([kind == 0, kind == 2, book.reason[rows] == 2], [0, 3, 2], 1)
    columns = {
        "appointment_id": codes("APT-%06d", rows + 1),
        "case_id": pick(cases.case_id, book.case[rows]),
        "hospital_id": site_ids(world, hospital[rows]),
        "unit_name": pick(["Apheresis unit 1", "Apheresis unit 2"], book.slot[rows] % 2),
        "status": pick(["booked", "cancelled", "noshow", "fulfilled"], status),
        "start_at": ts(start),
        "end_at": ts(end),
        "sessions": integer(np.ones(len(rows))),
        "material_state": pick([t.material_state for t in net.therapies], cases.therapy[book.case[rows]]),
        "previous_appointment_id": pick([f"APT-{i + 1:06d}" for i in range(len(order))], previous[rows]),
        "status_reason_code": pick(["fever", "low_counts", "patient_choice", "logistics", "other"], np.where(kind == 1, reason[rows], -1)),
    }
    partner = partner_of(world, hospital[rows])
    yield from cut_events(world, "apheresis_schedule", TUESDAY, pa.table(columns), partner=partner, known=known, key=rows)


def _collections(world: World) -> Iterator[Parcel]:
    times, rows = world.times, np.flatnonzero(world.times.collects)
    rng, case = stream(world.seed, "collections"), world.attempts.case[rows]
    count, end = len(rows), times.end[rows]
    nucleated = np.clip(rng.lognormal(np.log(12), 0.35, count), 2, 60)
    columns = {
        "din": text([din(day_of(at // DAY).year, number + 1) for number, at in enumerate(end)]),
        "coi_issuer_id": same(FACILITY, count),
        "coi_id": pick(world.cases.coi_id, case),
        "hospital_id": site_ids(world, times.hospital[rows]),
        "start_at": ts(times.start[rows]),
        "end_at": ts(end),
        "total_nucleated_cells_1e9": num(nucleated),
        "cd3_cells_1e9": num(nucleated * rng.uniform(0.15, 0.5, count)),
        "viability_pct": num(np.clip(rng.normal(96.5, 1.6, count), 85, 99.9), 1),
        "volume_ml": num(rng.normal(210, 30, count).clip(90, 400), 0),
        "bags": integer(rng.integers(1, 4, count)),
    }
    partner = partner_of(world, times.hospital[rows])
    yield from cut_events(world, "collection", TUESDAY, pa.table(columns), partner=partner, known=end + 60, key=rows)


def _readiness(world: World) -> Iterator[Parcel]:
    """Up to four statements per case: payer asked, payer decided, on hold before treatment, fit for treatment."""
    cases, times, rng = world.cases, world.times, stream(world.seed, "readiness")
    count = len(cases)
    asked = np.floor(cases.ordered_at / DAY)
    decided = asked + rng.integers(2, 6, count)
    ready = times.case_lymphodepletion_day - 1
    hold = np.where((cases.hold_days > 0) & np.isfinite(ready), ready - cases.hold_days, np.nan)
    hold[hold <= decided] = np.nan
    ready[ready <= decided] = np.nan
    denied = cases.is_cancelled & (times.case_reason == REASON_CODES.index("payer"))
    when = np.concatenate([asked, decided, hold, ready])
    kind = np.repeat(np.arange(4), count)
    case = np.tile(np.arange(count), 4)
    rows = np.flatnonzero(np.isfinite(when))
    when, kind, case = when[rows], kind[rows], case[rows]
    status = np.where(kind == 0, 0, np.where(denied[case], 2, 1))
    fit = np.select([kind == 2, kind == 3], [0, 1], -1)
    columns = {
        "case_id": pick(cases.case_id, case),
        "as_of_date": day(when),
        "is_eligible": flag(np.ones(len(rows))),
        "authorisation_status": pick(["submitted", "approved", "denied"], status),
        "authorisation_date": day(np.where(kind == 0, when, decided[case])),
        "authorisation_expires_date": day(np.where(status == 1, decided[case] + 150, np.nan)),
        "is_fit_for_apheresis": flag(kind > 0, kind == 0),
        "is_fit_for_lymphodepletion": flag(fit > 0, fit < 0),
        "is_fit_for_infusion": flag(fit > 0, fit < 0),
        "hold_reason_code": pick(HOLDS, np.where(kind == 2, rng.integers(0, len(HOLDS), len(rows)), -1)),
    }
    partner = partner_of(world, cases.hospital[case])
    key = case * 4 + kind
    yield from cut_events(world, "patient_readiness", TUESDAY, pa.table(columns), partner=partner, known=when * DAY + 900, key=key)


def _treatments(world: World) -> Iterator[Parcel]:
    """One row when lymphodepletion begins, replaced by one when the case has ended."""
    cases, times = world.cases, world.times
    count = len(cases)
    begun = times.case_lymphodepletion_day * DAY + 900
    case, ended = np.tile(np.arange(count), 2), np.repeat([False, True], count)
    known = np.concatenate([begun, times.case_outcome_at + 120])
    known[:count][begun >= times.case_outcome_at] = np.nan
    rows = np.flatnonzero(np.isfinite(known))
    case, ended, known = case[rows], ended[rows], known[rows]
    infused = ended & (times.case_reason[case] < 0)
    treated = np.where(ended, times.case_outcome_at[case], np.nan)
    columns = {
        "case_id": pick(cases.case_id, case),
        "hospital_id": site_ids(world, cases.hospital[case]),
        "lymphodepletion_start_date": day(np.where(known >= begun[case], times.case_lymphodepletion_day[case], np.nan)),
        "infusion_at": ts(np.where(infused, times.case_infusion[case], np.nan)),
        "outcome": pick(["not_infused", "infused"], np.where(ended, infused, -1)),
        "outcome_date": day(local_day(world, treated, cases.hospital[case])),
        "reason_code": pick(REASON_CODES, np.where(ended & ~infused, times.case_reason[case], -1)),
    }
    partner = partner_of(world, cases.hospital[case])
    yield from cut_events(world, "treatment_event", TUESDAY, pa.table(columns), partner=partner, known=known, key=case)
