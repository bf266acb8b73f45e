"""What plants report of batches: milestones, dispositions, deviations, inspections. Plans are in feeds_plant_plans.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from dagster_project.network.clock import DAY, day_of, utc_by
from dagster_project.network.columns import flag, integer, num, pick, same, text, ts
from dagster_project.network.feeds_hospital import partner_of, site_ids
from dagster_project.network.identifiers import FACILITY
from dagster_project.network.publish import WEDNESDAY, Parcel, cut_events
from dagster_project.network.streams import Array, stream
from dagster_project.network.timeline import CONDITIONAL, EXPANDED, REJECTED, RELEASED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster_project.network.world import World

DECISIONS = ["", "released", "released_conditionally", "oos_expanded_access", "rejected", "terminated", "withdrawn"]
TESTS = ["viability", "potency", "vector_copy_number", "viability;potency", "sterility", "cd3_purity"]
# Planned hours after the planned activation, by milestone in the order of the contract.
PLANNED_HOURS = {
    "material_received": -3.5, "accepted": -2.0, "thaw": -0.8, "activation": 0.0, "transduction": 25.0, "harvest": 161.0, "formulation": 164.0,
    "cryopreserved": 168.0, "qc_submitted": 171.0, "qc_complete": 292.0, "batch_review_start": 299.0, "disposition": 339.0, "shipped": 360.0,
}  # fmt: skip
CLASSES, AREAS = (
    ["minor", "major", "critical"],
    ["environment", "equipment", "material", "process", "documentation", "personnel", "testing"],
)


def plant_events(world: World) -> Iterator[Parcel]:
    """All batch-level feeds of all plants."""
    batches = batch_ids(world)
    yield from _milestones(world, batches)
    yield from _dispositions(world, batches)
    yield from _deviations(world, batches)
    yield from _inspections(world, batches)


def batch_ids(world: World) -> Array:
    """Batch number of every attempt: plant, year of booking, running number within the plant."""
    result = np.empty(len(world.attempts), dtype=object)
    for number, plant in enumerate(world.net.plants):
        rows = np.flatnonzero(world.times.plant == plant)
        for running, row in enumerate(rows.tolist()):
            result[row] = f"B-K{number + 1}-{day_of(world.attempts.first_booked[row]).year % 100:02d}-{running + 1:05d}"
    return result


def _milestones(world: World, batches: Array) -> Iterator[Parcel]:
    """A row as planned when the slot is booked, again when it is moved, and again when it has happened."""
    attempts, times, count = world.attempts, world.times, len(world.attempts)
    zones, case = [site.place.zone for site in world.net.sites], world.attempts.case
    first_plan = utc_by(world.slots.day[attempts.first_slot], 10.0, zones, times.plant)
    moved = attempts.first_slot != attempts.slot
    versions = [
        (np.arange(count), first_plan, attempts.first_booked * DAY, False),
        (np.flatnonzero(moved), times.activation_planned, attempts.booked * DAY, False),
        (np.arange(count), times.activation_planned, None, True),
    ]
    rows, steps, planned, actual, known = [], [], [], [], []
    for number, (name, hours) in enumerate(PLANNED_HOURS.items()):
        happened = times.steps[name]
        applies = np.isfinite(happened) | (name not in {"thaw", "material_received", "accepted"})
        for chosen, base, told, done in versions:
            picked = chosen[applies[chosen] & (np.isfinite(happened[chosen]) | (not done))]
            rows.append(picked)
            steps.append(np.full(len(picked), number))
            planned.append(base[picked] + hours * 60)
            actual.append(happened[picked] if done else np.full(len(picked), np.nan))
            known.append(happened[picked] + 45 if told is None else told[picked] + 60)
    row, step = np.concatenate(rows), np.concatenate(steps)
    columns = {
        "batch_id": pick(batches, row),
        "milestone": pick(list(PLANNED_HOURS), step),
        "attempt": integer(attempts.number[row] + 1),
        "site_id": site_ids(world, times.plant[row]),
        "coi_issuer_id": same(FACILITY, len(row)),
        "coi_id": pick(world.cases.coi_id, case[row]),
        "planned_at": ts(np.concatenate(planned)),
        "actual_at": ts(np.concatenate(actual)),
    }
    partner, key = partner_of(world, times.plant[row]), row * 16 + step
    yield from cut_events(world, "batch_milestone", WEDNESDAY, pa.table(columns), partner=partner, known=np.concatenate(known), key=key)


def _dispositions(world: World, batches: Array) -> Iterator[Parcel]:
    """The decision; a conditional release is followed two days later by the final one."""
    times, count = world.times, len(world.attempts)
    rng = stream(world.seed, "dispositions")
    rework, special, test = rng.random(count) < 0.03, rng.random(count) < 0.025, rng.integers(0, len(TESTS), count)
    later = np.flatnonzero(times.decision == CONDITIONAL)
    row = np.concatenate([np.arange(count), later])
    number = np.repeat([1, 2], [count, len(later)])
    decision = np.where(number == 1, times.decision[row], RELEASED)
    decided = times.decided[row] + (number - 1) * 2 * DAY
    good = decision <= CONDITIONAL
    columns = {
        "batch_id": pick(batches, row),
        "decision_no": integer(number),
        "site_id": site_ids(world, times.plant[row]),
        "decision": pick(DECISIONS, decision),
        "decided_at": ts(decided),
        "is_first_pass": flag(world.attempts.number[row] == 0),
        "failed_tests": pick(TESTS, np.where((decision == EXPANDED) | (decision == REJECTED), test[row], -1)),
        "is_rework": flag(good & rework[row]),
        "is_exception_handling": flag(good & (special[row] | (decision == CONDITIONAL))),
        "supersedes_decision_no": integer(np.where(number == 2, 1, np.nan)),
    }
    partner, key = partner_of(world, times.plant[row]), row * 4 + number
    yield from cut_events(world, "batch_disposition", WEDNESDAY, pa.table(columns), partner=partner, known=decided + 45, key=key)


def _deviations(world: World, batches: Array) -> Iterator[Parcel]:
    """One batch in eight has a deviation; it is reported, and sent again when it is closed."""
    times, rng = world.times, stream(world.seed, "deviations")
    row = np.flatnonzero(rng.random(len(world.attempts)) < 0.12)
    count = len(row)
    span = times.steps["disposition"][row] - times.activation[row]
    detected = np.floor(times.activation[row] + rng.uniform(0.05, 0.85, count) * span)
    reported = np.floor(detected + rng.gamma(2, 6, count) * 60)
    closed = np.floor(reported + rng.uniform(2, 18, count) * DAY)
    grade = rng.choice(3, count, p=[0.72, 0.24, 0.04])
    area, capa = rng.integers(0, len(AREAS), count), rng.random(count) < 0.3
    twice, done = np.tile(np.arange(count), 2), np.repeat([False, True], count)
    batch = row[twice]
    names = [f"DEV-{batches[r][2:7]}{number + 1:05d}" for number, r in enumerate(row.tolist())]
    columns = {
        "deviation_id": pick(names, twice),
        "batch_id": pick(batches, batch),
        "site_id": site_ids(world, times.plant[batch]),
        "deviation_class": pick(CLASSES, grade[twice]),
        "detected_at": ts(detected[twice]),
        "reported_at": ts(reported[twice]),
        "closed_at": ts(np.where(done, closed[twice], np.nan)),
        "area_code": pick(AREAS, area[twice]),
        "capa_id": pick([f"CAPA-{number + 1:05d}" for number in range(count)], np.where(capa[twice] & done, twice, -1)),
        "is_regulator_reportable": flag(grade[twice] == 2),
    }
    known = np.where(done, closed[twice], reported[twice]) + 30
    partner = partner_of(world, times.plant[batch])
    yield from cut_events(world, "deviation", WEDNESDAY, pa.table(columns), partner=partner, known=known, key=twice)


def _inspections(world: World, batches: Array) -> Iterator[Parcel]:
    """Every filled batch is looked at by a person and by machine vision."""
    times, rng = world.times, stream(world.seed, "inspections")
    filled = np.flatnonzero(np.isfinite(times.steps["formulation"]))
    count = len(filled)
    defect = rng.random(count) < 0.05
    twice, machine = np.tile(np.arange(count), 2), np.repeat([False, True], count)
    caught = np.where(defect[twice], rng.random(2 * count) < np.where(machine, 0.97, 0.8), rng.random(2 * count) < 0.01)
    row = filled[twice]
    at = times.steps["formulation"][row] + np.where(machine, 40, 70)
    columns = {
        "inspection_id": text([f"INS-{batches[r][2:]}-{'M' if m else 'H'}" for r, m in zip(row.tolist(), machine.tolist(), strict=True)]),
        "batch_id": pick(batches, row),
        "site_id": site_ids(world, times.plant[row]),
        "inspected_at": ts(at),
        "method": pick(["human", "machine_vision"], machine.astype(int)),
        "model_version": pick(["mv-3.2"], np.where(machine, 0, -1)),
        "is_defect_present": flag(defect[twice]),
        "is_defect_found": flag(caught),
        "confidence": num(np.where(machine, rng.uniform(0.86, 0.999, 2 * count), np.nan), 3),
        "is_overridden": flag(machine & ~defect[twice] & caught),
    }
    partner, key = partner_of(world, times.plant[row]), row * 2 + machine
    yield from cut_events(world, "inspection", WEDNESDAY, pa.table(columns), partner=partner, known=at + 30, key=key)
