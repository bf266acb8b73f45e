"""The mistakes that real partners make, in known shares: wrong identifiers, swapped figures, and files with a patient's name in them.

A row of an event feed that was sent wrong is sent again, right, in the partner's next file of the feed; a plan's next version does that anyway.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute

from dagster_project.contracts.model import Contract, contract
from dagster_project.network.agreements import LISTS
from dagster_project.network.clock import DAY
from dagster_project.network.identifiers import FACILITY
from dagster_project.network.publish import Parcel
from dagster_project.network.streams import Array, stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster_project.network.world import World

BAD_ID_SHARE, MISTAKE_SHARE, IDENTIFIER_SHARE = 0.01, 0.002, 0.005
CHECKED = {"gln", "gtin", "sscc", "din", "coi"}
# Reference data come first and must stand; a broken link would tear its whole chain; readings are sent by machines.
REFERENCE = {
    "partner", "site", "therapy", "lane", "calendar", "bill_of_materials", "cost_rate", "document_rule", "site_qualification",
} | set(LISTS)  # fmt: skip
SPARED = REFERENCE | {
    "delivery_history", "custody_event", "temperature_reading", "container", "raw_material_inventory", "line_calendar", "capacity_commit",
    "infusion_capacity", "vector_inventory", "vector_supply_plan", "vector_allocation", "supply_commit",
}  # fmt: skip
SWAPS = {
    "demand_forecast": ("patients_p10", "patients_p90"),
    "apheresis_schedule": ("start_at", "end_at"),
    "collection": ("start_at", "end_at"),
}
NAMES = ["Ada Example", "Jan Muster", "Maria Specimen", "John Placeholder", "Erika Beispiel"]
REMARKS = ["MRN 0048291{}", "DOB 1961-03-0{}", "MRN: 77120{}4"]


def blemished(world: World, parcels: Iterator[Parcel]) -> Iterator[Parcel]:
    """The parcels with their blemishes; a file refused for an identifier comes before its clean twin."""
    owed: dict[tuple[int, str], pa.Table] = {}
    for parcel in parcels:
        rng = stream(world.seed, "blemish", parcel.partner, parcel.feed, parcel.as_of)
        terms = contract(parcel.feed)
        yield from _leak(world, parcel, terms, rng)
        if parcel.feed in SPARED:
            yield parcel
            continue
        key = (parcel.partner, parcel.feed)
        table = _with_owed(parcel.table, owed.pop(key, None), terms)
        table, wrong = _spoil(table, terms, rng)
        if terms.delivery == "events" and wrong is not None:
            owed[key] = wrong
        yield Parcel(parcel.partner, parcel.feed, parcel.as_of, table)


def _leak(world: World, parcel: Parcel, terms: Contract, rng: np.random.Generator) -> Iterator[Parcel]:
    """One file in 200 first goes out with a made-up person in it, and is replaced within hours."""
    if (
        rng.random() >= IDENTIFIER_SHARE
        or parcel.feed in REFERENCE
        or parcel.as_of // DAY < world.today - 7 * world.size.history_weeks + 30
    ):
        return
    count, draw = parcel.table.num_rows, int(rng.integers(0, 9))
    remark = next((name for name in ("comment", "note") if name in parcel.table.column_names), None)
    if remark and terms.feed == "demand_forecast":
        texts: list[str | None] = [None] * count
        texts[int(rng.integers(0, count))] = REMARKS[draw % len(REMARKS)].format(draw)
        table = parcel.table.set_column(parcel.table.column_names.index(remark), remark, pa.array(texts, pa.string()))
    else:
        table = parcel.table.append_column("patient_name", pa.array([NAMES[(draw + i) % len(NAMES)] for i in range(count)]))
    yield Parcel(parcel.partner, parcel.feed, parcel.as_of - int(rng.integers(40, 200)), table)


def _with_owed(table: pa.Table, owed: pa.Table | None, terms: Contract) -> pa.Table:
    """Add the rows that went wrong last time, unless this file already has a newer row of the same key."""
    if owed is None:
        return table
    sent = set(zip(*(table.column(name).to_pylist() for name in terms.key), strict=True))
    keys = list(zip(*(owed.column(name).to_pylist() for name in terms.key), strict=True))
    again = [number for number, key in enumerate(keys) if key not in sent]
    return pa.concat_tables([owed.take(pa.array(again, pa.int64())), table])


def _spoil(table: pa.Table, terms: Contract, rng: np.random.Generator) -> tuple[pa.Table, pa.Table | None]:
    """Break identifiers and swap figures in a few rows; also give the rows as they should have been."""
    count = table.num_rows
    snapshot = terms.delivery == "snapshot"
    broken = np.flatnonzero(rng.random(count) < (MISTAKE_SHARE if snapshot else BAD_ID_SHARE))
    swapped = np.flatnonzero(rng.random(count) < MISTAKE_SHARE) if terms.feed in SWAPS else np.array([], int)
    wrong = np.union1d(broken, swapped)
    if not len(wrong):
        return table, None
    right = table.take(pa.array(wrong))
    tied = {rule.arguments["column"] for rule in terms.rules if rule.form == "same_within"}  # one slip there would refuse the whole group
    names = [
        c.name for c in terms.columns if c.name not in tied and (c.identifier in CHECKED or (c.pattern == "^[0-9a-f]{32}$" and c.required))
    ]
    if names and len(broken):
        name = names[zlib.crc32(bytes(rng.integers(0, 256, 4, dtype=np.uint8))) % len(names)]
        table = _replace(table, name, broken)
    if len(swapped):
        table = _swap(table, *SWAPS[terms.feed], rows=swapped)
    return table, right


def _replace(table: pa.Table, name: str, rows: Array) -> pa.Table:
    values = table.column(name).to_pylist()
    for row in rows.tolist():
        if values[row]:
            values[row] = broken_id(values[row])
    return table.set_column(table.column_names.index(name), name, pa.array(values, pa.string()))


def broken_id(value: str) -> str:
    """An identifier with a typical slip: the check digit off by one, a separator typed into a DIN, or the last sign of a code lost."""
    if value.isdigit():
        return value[:-1] + str((int(value[-1]) + 1) % 10)
    return f"{value[:5]}-{value[5:]}" if value.startswith(FACILITY) else value[:-1]


def _swap(table: pa.Table, low: str, high: str, *, rows: Array) -> pa.Table:
    mask = np.zeros(table.num_rows, bool)
    mask[rows] = True
    columns = {name: table.column(name).combine_chunks() for name in (low, high)}
    for name, other in ((low, high), (high, low)):
        mixed = pa.compute.if_else(pa.array(mask), columns[other], columns[name])
        table = table.set_column(table.column_names.index(name), name, mixed)
    return table
