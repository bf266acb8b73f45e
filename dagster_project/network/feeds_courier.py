"""What couriers send: bookings, custody, containers, temperature readings and a history of past deliveries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from dagster_project.network.clock import DAY
from dagster_project.network.columns import codes, day, flag, integer, num, pick, same, ts
from dagster_project.network.feeds_hospital import site_ids
from dagster_project.network.identifiers import sscc
from dagster_project.network.places import COUNTRY_NAMES
from dagster_project.network.publish import WEDNESDAY, Parcel, cut_events, event_moments, slow
from dagster_project.network.shipments import BANDS, CHILLED, CRYO, MODELS, Shipments, container_traits, draw_shipments
from dagster_project.network.streams import Array, stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster_project.network.world import World

LEGS = ["apheresis_in", "product_out", "vector"]
STATES = ["booked", "in_transit", "delivered", "cancelled"]
STEPS = ["packing", "departing", "transporting", "arriving", "receiving", "accepting"]
CELSIUS = {CHILLED: (5.0, 0.7), 1: (-78.0, 1.2), CRYO: (-183.0, 2.5)}


def courier_feeds(world: World) -> Iterator[Parcel]:
    """All feeds of all couriers."""
    ships = draw_shipments(world)
    names = booking_ids(world, ships)
    yield from _bookings(world, ships, names)
    yield from _custody(world, ships, names)
    for courier in world.net.couriers:
        yield from _containers(world, ships, courier)
        yield from _readings(world, ships, courier)
        yield _history(world, courier)


def booking_ids(world: World, ships: Shipments) -> Array:
    """Booking numbers: the courier's initials and a number that runs through the network."""
    initials = {courier: world.net.partners[courier].partner_id[:2].upper() for courier in world.net.couriers}
    return np.array([f"BK-{initials[c]}-{n + 1:07d}" for n, c in enumerate(ships.courier.tolist())], dtype=object)


def container_ids(count: int) -> list[str]:
    """Container numbers."""
    return [f"DS-{number + 1:05d}" for number in range(count)]


def _bookings(world: World, ships: Shipments, names: Array) -> Iterator[Parcel]:
    """Booked, on the way (with a new promise when it will be late), delivered or cancelled."""
    count = len(ships)
    late = ships.delivered > ships.promised
    told = late & (stream(world.seed, "promises").random(count) < 0.6)
    renewed = np.where(told, np.ceil(ships.delivered / 60) * 60 + 60, ships.promised)
    warned = np.where(told, ships.picked + 0.6 * (ships.promised - ships.picked), np.nan)
    known = np.concatenate([ships.requested, ships.picked + 20, warned, ships.delivered + 20, ships.cancelled])
    row, kind = np.tile(np.arange(count), 5), np.repeat(np.arange(5), count)
    chosen = np.flatnonzero(np.isfinite(known))
    row, kind, known = row[chosen], kind[chosen], known[chosen]
    lanes = world.net.lanes
    origin, destination = np.array([lane.origin for lane in lanes]), np.array([lane.destination for lane in lanes])
    opens = ships.pickup_open[row]
    columns = {
        "booking_id": pick(names, row),
        "sscc": pick([sscc(number + 1) for number in range(count)], row),
        "case_id": pick(world.cases.case_id, ships.case[row]),
        "lot_code": pick([lot.code for lot in world.lots], ships.lot[row]),
        "leg": pick(LEGS, ships.leg[row]),
        "from_site_id": site_ids(world, origin[ships.lane[row]]),
        "to_site_id": site_ids(world, destination[ships.lane[row]]),
        "lane_id": pick([lane.lane_id for lane in lanes], ships.lane[row]),
        "container_id": pick(container_ids(int(ships.container.max()) + 1), np.where((kind == 0) | (kind == 4), -1, ships.container[row])),
        "temperature_band": pick(BANDS, ships.band[row]),
        "pickup_open_at": ts(opens),
        "pickup_close_at": ts(opens + 120),
        "planned_delivery_at": ts(ships.planned[row]),
        "first_promised_delivery_at": ts(ships.promised[row]),
        "promised_delivery_at": ts(np.where(kind >= 2, renewed[row], ships.promised[row])),
        "status": pick(STATES, np.array([0, 1, 1, 2, 3])[kind]),
    }
    yield from cut_events(world, "shipment_booking", WEDNESDAY, pa.table(columns), partner=ships.courier[row], known=known, key=row)


def _custody(world: World, ships: Shipments, names: Array) -> Iterator[Parcel]:
    """Six steps from sender to receiver; the giver of each step is the taker of the step before."""
    moved = np.flatnonzero(np.isfinite(ships.picked) & np.isfinite(ships.delivered) & np.isnan(ships.cancelled))
    net, rng = world.net, stream(world.seed, "custody")
    partners = [item.partner_id for item in net.partners]
    home = np.array([site.partner for site in net.sites])
    lane = ships.lane[moved]
    origin = np.array([item.origin for item in net.lanes])[lane]
    destination = np.array([item.destination for item in net.lanes])[lane]
    giver, taker, courier = home[origin], home[destination], ships.courier[moved]
    picked, delivered = ships.picked[moved], ships.delivered[moved]
    at = [picked - 40, picked, picked + 0.5 * (delivered - picked), delivered - 15, delivered, delivered + 40]
    by = [giver, giver, courier, courier, courier, taker]
    to = [giver, courier, courier, courier, taker, taker]
    where = [origin, origin, origin, destination, destination, destination]
    row, step = np.tile(np.arange(len(moved)), len(STEPS)), np.repeat(np.arange(len(STEPS)), len(moved))
    at_all = np.floor(np.concatenate(at))
    columns = {
        "booking_id": pick(names, moved[row]),
        "seq": integer(step + 1),
        "biz_step": pick(STEPS, step),
        "occurred_at": ts(at_all),
        "from_partner_id": pick(partners, np.concatenate(by)),
        "to_partner_id": pick(partners, np.concatenate(to)),
        "site_id": site_ids(world, np.concatenate(where)),
        "is_identity_checked": flag(rng.random(len(row)) < 0.998),
        "is_condition_ok": flag(rng.random(len(row)) < 0.995),
    }
    partner, key = courier[row], row * 8 + step
    yield from cut_events(world, "custody_event", WEDNESDAY, pa.table(columns), partner=partner, known=at_all + 10, key=key, chain=row)


def _containers(world: World, ships: Shipments, courier: int) -> Iterator[Parcel]:
    owner, band, hold = container_traits(world, ships)
    mine = np.flatnonzero(owner == courier)
    names, rng = container_ids(len(owner)), stream(world.seed, "containers", courier)
    age, uses = rng.integers(5, 170, len(mine)), rng.integers(0, 12, len(mine))
    used = np.flatnonzero(ships.container >= 0)
    for _, as_of in slow(world, courier, "container", WEDNESDAY):
        before = used[ships.picked[used] <= as_of]
        charged, trips, out = np.full(len(owner), -np.inf), np.zeros(len(owner), int), np.zeros(len(owner), bool)
        np.maximum.at(charged, ships.container[before], ships.picked[before] - 600)
        np.add.at(trips, ships.container[before[ships.picked[before] > as_of - 180 * DAY]], 1)
        out[ships.container[before[ships.delivered[before] > as_of]]] = True
        nominal = np.array([hours for _, hours in MODELS])[band[mine]]
        table = pa.table(
            {
                "container_id": pick(names, mine),
                "model_name": pick([name for name, _ in MODELS], band[mine]),
                "temperature_band": pick(BANDS, band[mine]),
                "nominal_hold_hours": num(nominal),
                "qualified_hold_hours": num(hold[mine], 1),
                "qualified_date": day(world.today - 200.0 - age),
                "charged_at": ts(charged[mine]),
                "uses_since_requalification": integer(uses + trips[mine]),
                "status": pick(["available", "in_use"], out[mine].astype(int)),
            }
        )
        yield Parcel(courier, "container", as_of, table)


def _readings(world: World, ships: Shipments, courier: int) -> Iterator[Parcel]:
    """One reading every 15 minutes of transit, file by file, so that no more than one file's readings are in memory."""
    rows = np.flatnonzero((ships.courier == courier) & (ships.container >= 0))
    first, last = np.ceil(ships.picked[rows] / 15), np.floor(ships.delivered[rows] / 15)
    before = -np.inf
    for moment in event_moments(world, courier, "temperature_reading", WEDNESDAY).tolist():
        low = np.maximum(first, np.floor(before / 15) + 1 if np.isfinite(before) else first)
        high = np.minimum(last, np.floor(moment / 15))
        chosen = np.flatnonzero(high >= low)
        if len(chosen):
            yield Parcel(
                courier, "temperature_reading", moment, _reading_rows(world, ships, rows[chosen], low[chosen], high[chosen], moment)
            )
        before = moment


def _reading_rows(world: World, ships: Shipments, rows: Array, low: Array, high: Array, moment: int) -> pa.Table:
    counts = (high - low + 1).astype(int)
    row = np.repeat(rows, counts)
    step = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    at = (np.repeat(low, counts) + step) * 15
    rng = stream(world.seed, "readings", int(ships.courier[rows[0]]), moment)
    middle = np.array([CELSIUS[band][0] for band in range(3)])[ships.band[row]]
    spread = np.array([CELSIUS[band][1] for band in range(3)])[ships.band[row]]
    share = np.clip((at - ships.picked[row]) / (ships.delivered[row] - ships.picked[row]), 0, 1)
    warm = np.isin(row, rows[rng.random(len(rows)) < 0.012]) & (np.abs(share - 0.6) < 0.08)
    lanes = world.net.lanes
    ends = np.array([[world.net.sites[s].place[4:6] for s in (lane.origin, lane.destination)] for lane in lanes])[ships.lane[row]]
    place = ends[:, 0] + (ends[:, 1] - ends[:, 0]) * share[:, None]
    return pa.table(
        {
            "container_id": pick(container_ids(int(ships.container.max()) + 1), ships.container[row]),
            "read_at": ts(at),
            "probe_id": same("P1", len(row)),
            "celsius": num(middle + spread * 0.4 * rng.standard_normal(len(row)) + np.where(warm, np.where(middle < 0, 45.0, 6.0), 0), 1),
            "battery_pct": num(98 - 20 * share, 0),
            "latitude": num(place[:, 0], 3),
            "longitude": num(place[:, 1], 3),
            "tilt_degrees": num(rng.gamma(1.5, 2.0, len(row)).clip(0, 90), 1),
            "shock_g": num(rng.gamma(1.2, 0.2, len(row)).clip(0, 20), 2),
        }
    )


def _history(world: World, courier: int) -> Parcel:
    """Deliveries of the year before the network began."""
    net, rng = world.net, stream(world.seed, "deliveries", courier)
    lanes = [lane for lane in net.lanes if lane.courier == courier]
    count = 40 * min(len(lanes), 40)
    chosen = rng.integers(0, len(lanes), count)
    begin = world.today - 7 * world.size.history_weeks
    promised = begin - rng.integers(10, 365, count)
    delivered = promised + rng.choice([-1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2], count)
    places = [(net.sites[lane.origin].place, net.sites[lane.destination].place) for lane in lanes]
    km = np.array([lane.distance_km for lane in lanes])[chosen]
    name = net.partners[courier].partner_id[:2].upper()
    table = pa.table(
        {
            "shipment_id": codes(f"{name}-H%05d", np.arange(count) + 1),
            "origin_name": pick([one.city for one, _ in places], chosen),
            "destination_name": pick([other.city for _, other in places], chosen),
            "country_name": pick([COUNTRY_NAMES[other.country] for _, other in places], chosen),
            "mode": pick([lane.mode for lane in lanes], chosen),
            "promised_date": day(promised),
            "delivered_date": day(delivered),
            "weight_kg": num(rng.normal(14, 3, count).clip(5, 40), 1),
            "freight_cost_usd": num(280 + km * 0.35 * rng.uniform(0.8, 1.2, count), 0),
        }
    )
    return Parcel(courier, "delivery_history", begin * DAY + 10 * 60 + courier % 60, table)
