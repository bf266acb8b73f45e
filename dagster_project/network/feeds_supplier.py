"""What vector suppliers send: lots, planned runs, and whose doses they are.

Lots and allocations state their whole size, as made; what starts have taken is told by the plants' batches. Lot and run of one production share their number: RUN-CD19A-007 gives CD19A-007.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from dagster_project.network.clock import DAY
from dagster_project.network.columns import day, integer, num, same, text
from dagster_project.network.feeds_plant_plans import raw_materials
from dagster_project.network.identifiers import gtin
from dagster_project.network.publish import WEDNESDAY, Parcel, weekly
from dagster_project.network.streams import stream
from dagster_project.network.vector import SHELF_DAYS, Lot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster_project.network.world import World

TU_PER_DOSE = 1e9


def supplier_feeds(world: World) -> Iterator[Parcel]:
    """All feeds of all suppliers; one supplier site may stand for one vector only."""
    senders = sorted({world.net.sites[site].partner for site in world.net.suppliers.values()})
    for partner in senders:
        vectors = [vector for vector, site in world.net.suppliers.items() if world.net.sites[site].partner == partner]
        lots = [lot for lot in world.lots if lot.vector in vectors]
        for _, as_of in weekly(world, partner, "vector_inventory", WEDNESDAY):
            yield Parcel(partner, "vector_inventory", as_of, _inventory(world, lots, as_of // DAY))
        for monday, as_of in weekly(world, partner, "vector_supply_plan", WEDNESDAY):
            yield Parcel(partner, "vector_supply_plan", as_of, _runs(world, lots, monday))
        for _, as_of in weekly(world, partner, "vector_allocation", WEDNESDAY):
            yield Parcel(partner, "vector_allocation", as_of, _allocations(world, lots, as_of // DAY))
        yield from raw_materials(world, world.net.suppliers[vectors[0]], partner)


def status_of(lot: Lot, today: int) -> str:
    """Status of a lot that has been harvested."""
    if lot.rejected is not None and today >= lot.rejected:
        return "rejected"
    if today > lot.expiry:
        return "expired"
    if lot.released is not None and today >= lot.released:
        return "released"
    return "in_qc" if today >= lot.qc_start else "quarantine"


def _inventory(world: World, lots: list[Lot], today: int) -> pa.Table:
    made = [lot for lot in lots if lot.harvest <= today]
    doses = np.array([lot.doses for lot in made], float)
    released = np.array([lot.released if status_of(lot, today) in {"released", "expired"} else None for lot in made], float)
    titer = np.array([lot.titer for lot in made])
    count = len(made)
    return pa.table(
        {
            "gtin": text([gtin(list(world.net.suppliers).index(lot.vector)) for lot in made]),
            "lot_code": text([lot.code for lot in made]),
            "vector_code": text([lot.vector for lot in made]),
            "site_id": text([world.net.sites[world.net.suppliers[lot.vector]].site_id for lot in made]),
            "titer_tu_per_ml": num(titer),
            "vial_count": integer(doses),
            "vial_ml": num(TU_PER_DOSE / titer, 3),
            "tu_per_dose": num(np.full(count, TU_PER_DOSE)),
            "dose_equivalents": num(doses),
            "storage_celsius": num(-80 + stream(world.seed, "freezer", today).uniform(-1.5, 1.5, count), 1),
            "made_date": day(np.array([lot.harvest for lot in made], float)),
            "expiry_date": day(np.array([lot.harvest + SHELF_DAYS for lot in made], float)),
            "status": text([status_of(lot, today) for lot in made]),
            "release_planned_date": day(np.array([lot.planned for lot in made], float)),
            "release_actual_date": day(released),
        }
    )


def _runs(world: World, lots: list[Lot], monday: int) -> pa.Table:
    """Runs of this year and next. A harvested run expects nothing more (it is a lot in the inventory now)."""
    shown = [lot for lot in lots if lot.start >= world.today - 330]
    made = np.array([lot.harvest <= monday + 2 for lot in shown])
    chance = np.clip([0.95 - 0.0004 * (lot.planned - monday) for lot in shown], 0.5, 0.95)  # surer as release comes near
    return pa.table(
        {
            "run_id": text([f"RUN-{lot.code}" for lot in shown]),
            "vector_code": text([lot.vector for lot in shown]),
            "site_id": text([world.net.sites[world.net.suppliers[lot.vector]].site_id for lot in shown]),
            "start_date": day(np.array([lot.start for lot in shown], float)),
            "harvest_date": day(np.array([lot.harvest for lot in shown], float)),
            "qc_start_date": day(np.array([lot.qc_start for lot in shown], float)),
            "planned_release_date": day(np.array([lot.planned for lot in shown], float)),
            "doses": num(np.where(made, 0, [lot.doses for lot in shown])),
            "probability": num(np.where(made, 0, chance), 3),
        }
    )


def _allocations(world: World, lots: list[Lot], today: int) -> pa.Table:
    """Shares of lots; what a lot will yield is estimated anew each week until it is released."""
    rows, rng = [], stream(world.seed, "yield", today, lots[0].vector)
    for number, pool in enumerate(world.net.pools):
        for lot in lots:
            share = lot.shares.get(number, 0)
            status = status_of(lot, today) if lot.harvest <= today else "planned"
            if share and lot.harvest <= today + 800 and status not in {"rejected", "expired"}:
                firm = "shipped" if status == "released" and lot.usable_from(today) <= today else "firm" if status == "released" else "soft"
                rows.append(
                    (
                        f"ALC-{lot.code}-{number + 1:02d}",
                        lot,
                        pool,
                        share if firm != "soft" else round(share * rng.uniform(0.95, 1), 1),
                        firm,
                    )
                )
    return (
        pa.table(
            {
                "allocation_id": text([row[0] for row in rows]),
                "gtin": text([gtin(list(world.net.suppliers).index(row[1].vector)) for row in rows]),
                "lot_code": text([row[1].code for row in rows]),
                "site_id": text([world.net.sites[row[2].plant].site_id for row in rows]),
                "therapy_code": text([world.net.therapies[row[2].therapy].code for row in rows]),
                "week_start_date": day(np.array([row[1].usable_from(today) for row in rows], float)),
                "doses": num(np.array([row[3] for row in rows], float)),
                "status": text([row[4] for row in rows]),
            }
        )
        if rows
        else pa.table({"allocation_id": same("", 0)})
    )
