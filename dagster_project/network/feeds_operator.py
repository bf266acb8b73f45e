"""Reference data, which the operator sends once before everything else; the calendar of events has a second version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from dagster_project.contracts.model import contract
from dagster_project.network.agreements import VALID_FROM, agreement_parcels
from dagster_project.network.clock import DAY
from dagster_project.network.feeds_hospital_plans import date_number, is_known
from dagster_project.network.publish import Parcel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster_project.network.topology import Closing, Lane, Topology
    from dagster_project.network.world import World

STEP_ITEMS = [
    ("apheresis", "BAG-APHERESIS", 1, "each", True), ("activation", "BEADS-CD3CD28", 1, "each", False), ("expansion", "MEDIA-TCELL", 2000, "mL", False),
    ("expansion", "CYTOKINE-IL2", 2, "each", False), ("formulation", "BAG-CRYO", 3, "each", True), ("formulation", "DMSO", 20, "mL", False),
    ("transport", "LABEL-COI", 4, "each", True),
]  # fmt: skip
COSTS = [
    ("transport", 1500, "shipment"), ("container", 240, "day"), ("slot", 42000, "batch"), ("vector_dose", 18000, "dose"), ("materials", 9500, "batch"),
    ("qc", 11000, "batch"), ("failure", 65000, "batch"),
]  # fmt: skip
DOCUMENTS = [
    ("FDA", "COA", "Certificate of analysis", True), ("FDA", "BATCH-RECORD", "Reviewed batch record", True), ("FDA", "COI-REPORT", "Chain of identity report", True),
    ("EMA", "QP-CERT", "Batch certificate by the qualified person", True), ("EMA", "COA", "Certificate of analysis", True),
    ("EMA", "SEC-LABEL", "Single European Code on the label", True), ("EMA", "IMPORT-TEST", "Import testing record", False),
    ("PMDA", "COA", "Certificate of analysis", True), ("PMDA", "IMPORT-LICENCE", "Licence of import", True),
]  # fmt: skip


def operator_feeds(world: World) -> Iterator[Parcel]:
    """The reference feeds and the agreements at the start, and a calendar on the planning morning."""
    begin = (world.today - 7 * world.size.history_weeks) * DAY
    builders = [_partners, _sites, _therapies, _materials, _lanes, _costs, _documents]
    for number, build in enumerate(builders):
        feed, rows = build(world)
        yield _parcel(world, feed, begin + 300 + 7 * (number + (number > 4)), rows)
    yield from agreement_parcels(world, begin + 335)
    for as_of in _calendar_moments(world, begin + 380):
        yield _parcel(world, "calendar", as_of, _events(world, as_of) + _holidays())


def _calendar_moments(world: World, begin: int) -> list[int]:
    """At the start, when the new line is decided, and in the morning of each announcement and of the planning date."""
    told = {date_number(item.announced) for item in _closings(world) if item.announced} | {world.today}
    return [begin, _launch_known(world), *(day * DAY + 450 for day in sorted(told))]


def _launch_known(world: World) -> int:
    return (world.today - 7 * world.size.version_weeks // 2) * DAY + 500


def _closings(world: World) -> list[Closing]:
    return world.net.shutdowns + ([world.net.closure] if world.net.closure else [])


def _parcel(world: World, feed: str, as_of: int, rows: list[dict[str, Any]]) -> Parcel:
    fields = {"string": pa.string(), "number": pa.float64(), "integer": pa.int64(), "boolean": pa.bool_(), "date": pa.date32()}
    columns = {}
    for column in contract(feed).columns:
        values = [row.get(column.name) for row in rows]
        if column.type == "date":
            values = [None if value is None else date_number(value) for value in values]
            columns[column.name] = pa.array(values, pa.int32()).cast(pa.date32())
        else:
            columns[column.name] = pa.array(values, fields[column.type])
    return Parcel(world.net.operator, feed, as_of, pa.table(columns))


def _partners(world: World) -> tuple[str, list[dict[str, Any]]]:
    return "partner", [
        {"partner_id": p.partner_id, "partner_name": p.name, "role": p.role, "country_code": p.place.country, "time_zone": p.place.zone}
        for p in world.net.partners
        if p.role != "courier" or world.net.partners.index(p) in world.net.couriers
    ]


def _sites(world: World) -> tuple[str, list[dict[str, Any]]]:
    return "site", [
        {"site_id": s.site_id, "partner_id": world.net.partners[s.partner].partner_id, "site_name": s.name, "site_kind": s.kind,
         "time_zone": s.place.zone, "country_code": s.place.country, "city_name": s.place.city, "latitude": s.place.latitude,
         "longitude": s.place.longitude, "holiday_calendar_code": s.place.country}
        for s in world.net.sites
    ]  # fmt: skip


def _therapies(world: World) -> tuple[str, list[dict[str, Any]]]:
    return "therapy", [
        {"therapy_code": t.code, "therapy_name": t.name, "indication_code": t.indication, "vector_code": t.vector, "material_state": t.material_state,
         "fresh_hold_warn_hours": 48.0, "fresh_hold_limit_hours": 72.0, "cryo_hold_limit_days": 913, "manufacture_days": 7, "qc_days": 7,
         "return_days": 1, "lymphodepletion_days": 5, "doses_per_batch": 1.0, "first_pass_failure_pct": t.failure_pct, "viability_min_pct": 80.0}
        for t in world.net.therapies
    ]  # fmt: skip


def _materials(world: World) -> tuple[str, list[dict[str, Any]]]:
    rows = []
    for therapy in world.net.therapies:
        items = [*STEP_ITEMS, ("activation", therapy.vector, 1, "each", False)]
        rows += [
            {"therapy_code": therapy.code, "step_code": step, "item_code": item, "quantity": float(quantity), "unit_code": unit, "scrap_pct": 2.0,
             "is_patient_specific": own}
            for step, item, quantity, unit, own in items
        ]  # fmt: skip
    return "bill_of_materials", rows


def _lanes(world: World) -> tuple[str, list[dict[str, Any]]]:
    return "lane", [_lane_row(world, lane) for lane in world.net.lanes]


def _lane_row(world: World, lane: Lane) -> dict[str, Any]:
    net = world.net
    return {
        "lane_id": lane.lane_id, "from_site_id": net.sites[lane.origin].site_id, "to_site_id": net.sites[lane.destination].site_id,
        "courier_partner_id": net.partners[lane.courier].partner_id, "mode": lane.mode, "transit_hours_p50": round(lane.p50_hours, 1),
        "transit_hours_p90": round(lane.p50_hours * 1.25, 1), "customs_hours": lane.customs_hours, "cut_off_time": "16:30",
        "cost_usd": float(round(280 + lane.distance_km * 0.35)), "loss_risk_pct": 0.02, "delay_risk_pct": 5.0,
        "weekly_capacity_shipments": weekly_capacity(net, lane),
    }  # fmt: skip


def weekly_capacity(net: Topology, lane: Lane) -> float:
    """Shipments that a lane carries a week: twice what its hospital brings, and two."""
    load = sum(d.weekly_rate for d in net.demands if {d.hospital, net.pools[d.pool].plant} == {lane.origin, lane.destination})
    return float(np.ceil(load * 2) + 2)


def _costs(world: World) -> tuple[str, list[dict[str, Any]]]:
    del world
    return "cost_rate", [{"cost_item_code": i, "valid_from_date": VALID_FROM, "amount_usd": float(a), "per_unit": u} for i, a, u in COSTS]


def _documents(world: World) -> tuple[str, list[dict[str, Any]]]:
    del world
    names = ("jurisdiction", "document_code", "document_name", "is_required")
    return "document_rule", [dict(zip(names, row, strict=True)) for row in DOCUMENTS]


def _events(world: World, as_of: int) -> list[dict[str, Any]]:
    """What is known of shutdowns, the new line and the airport closure at a moment."""
    net = world.net
    rows = [_closing_row(world, number, item) for number, item in enumerate(_closings(world), start=1) if is_known(item, as_of)]
    if net.extra_line and as_of >= _launch_known(world):
        pool, day = net.pools[net.extra_line[0]], net.extra_line[1]
        therapy, note = net.therapies[pool.therapy].code, "One more line starts"
        rows.append({"event_id": "EVT-0100", "event_kind": "launch", "site_id": net.sites[pool.plant].site_id, "therapy_code": therapy,
                     "start_date": day, "end_date": day, "note": note})  # fmt: skip
    return rows


def _closing_row(world: World, number: int, item: Closing) -> dict[str, Any]:
    kind = "airport_closure" if item is world.net.closure else "shutdown"
    return {"event_id": f"EVT-{number:04d}", "event_kind": kind, "site_id": world.net.sites[item.site].site_id, "start_date": item.start,
            "end_date": item.end, "note": item.note}  # fmt: skip


def _holidays() -> list[dict[str, Any]]:
    days = [("2025-12-25", "Christmas Day"), ("2026-01-01", "New Year"), ("2026-12-25", "Christmas Day"), ("2027-01-01", "New Year")]
    return [{"event_id": f"HOL-{day}", "event_kind": "holiday", "start_date": day, "end_date": day, "note": note} for day, note in days]
