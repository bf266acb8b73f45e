"""A network of the size that the plan is measured at, written straight to landing and register: the door is measured by `intake`."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import insert

from dagster_project.contracts import contract
from dagster_project.contracts.arrow import arrow_schema
from dagster_project.network.identifiers import FACILITY, case_id, coi, din, gln
from dagster_project.register import open_register, writing
from dagster_project.register.tables import PARTNER, SENDING, SUBMISSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster_project.home import Home

PLANNING_DATE = dt.date(2026, 11, 16)
HOSPITALS_PER_PARTNER = 4
# Of the network's answers to forecast versions only the last half year counts, as in `accuracy_weeks`.
ANSWERED_VERSIONS = 26
Columns = dict[str, Any]
Parcel = tuple[str, str, dt.datetime, Columns]


@dataclass(frozen=True)
class Shape:
    """How many of each. `rows`: forecast rows, one per hospital, therapy, week and weekly version."""

    hospitals: int
    therapies: int = 12
    plants: int = 8
    weeks: int = 104
    versions: int = 52
    cases_per_week: int = field(default=0)

    @property
    def rows(self) -> int:
        """Forecast rows in all."""
        return self.hospitals * self.therapies * self.weeks * self.versions

    @property
    def rate(self) -> float:
        """Patients per hospital, therapy and week: 400 hospitals with 12 therapies have about 15,000 a year."""
        return 0.06


def write(home: Home, shape: Shape) -> int:
    """Write the landing files of a network and enter them in the register, without receipts or ledger; how many files there are."""
    entries = [_land(home, *parcel) for parcel in _parcels(shape)]
    _register(entries)
    return len(entries)


def one_more_forecast(home: Home, shape: Shape) -> None:
    """The newest forecast of the first partner again, a day later, with other figures."""
    _register([_land(home, *_forecast(shape, 0, shape.versions, PLANNING_DATE - dt.timedelta(days=7)))])


def _register(entries: list[dict[str, Any]]) -> None:
    with writing(open_register()) as connection:
        known = {row[0] for row in connection.execute(PARTNER.select())}
        new = sorted({entry["partner_id"] for entry in entries} - known)
        if new:
            connection.execute(insert(PARTNER), [{"partner_id": one, "role": _role(one)} for one in new])
        connection.execute(insert(SUBMISSION), entries)
        came = [{"submission_id": e["submission_id"], "sent_at": e["as_of"], "file_name": e["file_name"], "way_in": "web"} for e in entries]
        connection.execute(insert(SENDING), [each | {"received_at": each["sent_at"]} for each in came])


def _role(partner_id: str) -> str:
    return {"care": "hospital"}.get(word := partner_id.split("-", maxsplit=1)[0], word)


def _land(home: Home, partner: str, feed: str, as_of: dt.datetime, columns: Columns) -> dict[str, Any]:
    terms = contract(feed)
    rows = max(len(values) for values in columns.values() if isinstance(values, np.ndarray | list | pa.Array))
    arrays = [_array(columns.get(each.name), each.type, rows) for each in arrow_schema(terms)]
    table = pa.table(arrays, schema=arrow_schema(terms)).append_column("row_number", pa.array(np.arange(2, rows + 2)))
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    data = sink.getvalue().to_pybytes()
    sha256 = hashlib.sha256(data).hexdigest()
    name = hashlib.sha256(f"{partner}{feed}{as_of}{sha256}".encode()).hexdigest()[:20]
    path = home.landing / f"feed={feed}" / f"partner={partner}" / f"submission={name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return {
        "submission_id": name, "partner_id": partner, "feed": feed, "file_name": f"{feed}.parquet", "status": "accepted", "rows_sent": rows,
        "rows_accepted": rows, "rows_refused": 0, "as_of": as_of, "received_at": as_of, "is_replay": False, "sha256": sha256,
        "contract_version": terms.version, "landing_path": str(path.relative_to(home.root)), "landing_sha256": sha256, "receipt_json": "{}",
    }  # fmt: skip


def _array(values: Any, kind: pa.DataType, rows: int) -> pa.Array:
    if isinstance(values, np.ndarray | list | pa.Array):
        return pa.array(values).cast(kind)
    return pa.repeat(pa.scalar(values, kind), rows)


def _parcels(shape: Shape) -> Iterator[Parcel]:
    first = PLANNING_DATE - dt.timedelta(weeks=shape.versions)
    yield from _references(shape, first)
    groups = -(-shape.hospitals // HOSPITALS_PER_PARTNER)
    for version in range(shape.versions):
        monday = first + dt.timedelta(weeks=version)
        for group in range(groups):
            yield _forecast(shape, group, version, monday)
    yield from _plants(shape)
    yield from _cases(shape, first)


def _at(monday: dt.date, day: int = 1, hour: int = 10) -> dt.datetime:
    return dt.datetime.combine(monday + dt.timedelta(days=day), dt.time(hour), dt.UTC)


def _codes(prefix: str, count: int) -> list[str]:
    return [f"{prefix}-{number + 101}" for number in range(count)]


def _hospital(number: int) -> str:
    return gln(number + 1)


def _plant(number: int) -> str:
    return gln(90_001 + number)


def _pairs(shape: Shape) -> tuple[np.ndarray, np.ndarray]:
    return np.divmod(np.arange(shape.hospitals * shape.therapies), shape.therapies)


def _forecast(shape: Shape, group: int, version: int, monday: dt.date) -> Parcel:
    """One partner's file: its hospitals, therapies and weeks from the Monday; figures drift from version to version."""
    ids = range(group * HOSPITALS_PER_PARTNER, min((group + 1) * HOSPITALS_PER_PARTNER, shape.hospitals))
    count = shape.therapies * shape.weeks
    weeks = np.arange(np.datetime64(monday), np.datetime64(monday) + 7 * shape.weeks, 7)
    target = (weeks.astype("datetime64[D]").astype(int) // 7) % 997
    rng = np.random.default_rng([group, version])
    base = shape.rate * (1 + 0.3 * np.sin(np.arange(len(ids) * shape.therapies)[:, None] + target[None, :]))
    patients = np.round(base * rng.uniform(0.85, 1.15, base.shape), 2).ravel()
    columns = {
        "hospital_id": np.repeat([_hospital(number) for number in ids], count),
        "therapy_code": np.tile(np.repeat(_codes("CART", shape.therapies), shape.weeks), len(ids)),
        "week_start_date": np.tile(weeks, len(ids) * shape.therapies),
        "category": "commercial",
        "patients": patients,
        "patients_p10": np.floor(patients * 5) / 10,
        "patients_p90": np.ceil(patients * 20 + 1) / 10,
        "basis": "statistical",
    }
    return f"care-{group + 1:04d}", "demand_forecast", _at(monday) + dt.timedelta(minutes=group), columns


def _references(shape: Shape, first: dt.date) -> Iterator[Parcel]:
    """What the operator and couriers state once: partners, sites, therapies, agreements, lanes."""
    hospitals = [_hospital(number) for number in range(shape.hospitals)]
    plants = [_plant(number) for number in range(shape.plants)]
    owners = [f"care-{number // HOSPITALS_PER_PARTNER + 1:04d}" for number in range(shape.hospitals)]
    makers = [f"plant-{number + 1:03d}" for number in range(shape.plants)]
    partners = [*sorted(set(owners)), *makers, "supplier-1", "courier-1", "operator"]
    at = _at(first - dt.timedelta(weeks=1))
    yield "operator", "partner", at, {
        "partner_id": partners, "partner_name": [name.title() for name in partners], "role": [_role(name) for name in partners],
        "country_code": "NL", "time_zone": "UTC",
    }  # fmt: skip
    sites = [*hospitals, *plants, gln(95_001)]
    yield "operator", "site", at, {
        "site_id": sites, "partner_id": [*owners, *makers, "supplier-1"], "site_name": [f"Site {site}" for site in sites],
        "site_kind": ["hospital"] * len(hospitals) + ["plant"] * len(plants) + ["vector_plant"],
        "time_zone": "UTC", "country_code": "NL", "city_name": "Leiden", "latitude": 52.0, "longitude": 4.5,
    }  # fmt: skip
    codes = _codes("CART", shape.therapies)
    yield "operator", "therapy", at, {
        "therapy_code": codes, "therapy_name": codes, "indication_code": "lbcl", "vector_code": "LV-1", "material_state": "cryo",
        "fresh_hold_warn_hours": 24.0, "fresh_hold_limit_hours": 48.0, "cryo_hold_limit_days": 90, "manufacture_days": 9, "qc_days": 8,
        "return_days": 2, "lymphodepletion_days": 5, "doses_per_batch": 1.0, "first_pass_failure_pct": 6.0, "viability_min_pct": 70.0,
    }  # fmt: skip
    hospital, therapy = _pairs(shape)
    maker = (hospital + therapy) % shape.plants
    yield "operator", "agreement", at, {
        "agreement_id": [f"AG-{h:04d}-{t:02d}" for h, t in zip(hospital, therapy, strict=True)],
        "hospital_id": np.array(hospitals)[hospital], "therapy_code": np.array(codes)[therapy], "site_id": np.array(plants)[maker],
        "courier_partner_id": "courier-1", "valid_from_date": first - dt.timedelta(weeks=60), "horizon_weeks": shape.weeks,
        "frozen_weeks": 2, "binding_weeks": 4, "response_days": 3, "allocation_rule": "fifo",
    }  # fmt: skip
    travelled = sorted({(h, m) for h, m in zip(hospital.tolist(), maker.tolist(), strict=True)})
    yield "courier-1", "lane", at, {
        "lane_id": [f"LANE-{h:04d}-{m}" for h, m in travelled], "from_site_id": [hospitals[h] for h, _ in travelled],
        "to_site_id": [plants[m] for _, m in travelled], "courier_partner_id": "courier-1", "mode": "road", "transit_hours_p50": 20.0,
        "transit_hours_p90": 30.0, "customs_hours": 0.0, "weekly_capacity_shipments": 20,
    }  # fmt: skip


def _plants(shape: Shape) -> Iterator[Parcel]:
    """Slots of the coming weeks, weekly answers to the forecasts, and vector enough."""
    codes = _codes("CART", shape.therapies)
    lines = max(1, round(shape.hospitals * shape.rate / shape.plants * 1.05))
    weeks = np.arange(np.datetime64(PLANNING_DATE), np.datetime64(PLANNING_DATE) + 7 * shape.weeks, 7)
    last = PLANNING_DATE - dt.timedelta(weeks=1)
    for plant in range(shape.plants):
        maker, count = f"plant-{plant + 1:03d}", shape.therapies * lines * shape.weeks
        opens = np.tile(weeks, shape.therapies * lines)
        yield maker, "slot_plan", _at(last, 2), {
            "slot_id": [f"SL-{plant}-{number:06d}" for number in range(count)], "site_id": _plant(plant),
            "therapy_code": np.repeat(codes, lines * shape.weeks),
            "line_code": np.repeat([f"L{number:04d}" for number in range(shape.therapies * lines)], shape.weeks),
            "start_window_open_date": opens, "start_window_close_date": opens + 4, "status": "free",
        }  # fmt: skip
        for back in range(ANSWERED_VERSIONS, 0, -1):
            monday = PLANNING_DATE - dt.timedelta(weeks=back)
            ahead = np.arange(np.datetime64(monday), np.datetime64(monday) + 7 * shape.weeks, 7)
            yield maker, "capacity_commit", _at(monday, 4), {
                "site_id": _plant(plant), "therapy_code": np.repeat(codes, shape.weeks), "week_start_date": np.tile(ahead, shape.therapies),
                "forecast_version_date": monday + dt.timedelta(days=2), "actual_starts": float(lines), "maximum_starts": float(lines + 1),
            }  # fmt: skip
    months = np.arange(0, shape.weeks * 7, 28)
    starts = np.datetime64(PLANNING_DATE) + months
    yield "supplier-1", "vector_supply_plan", _at(last, 3), {
        "run_id": [f"RUN-{number:04d}" for number in range(len(months))], "vector_code": "LV-1", "site_id": gln(95_001),
        "start_date": starts - 60, "harvest_date": starts - 40, "qc_start_date": starts - 38, "planned_release_date": starts + 1,
        "doses": 4.4 * shape.hospitals * shape.therapies * shape.rate, "probability": 1.0,
    }  # fmt: skip


def _cases(shape: Shape, first: dt.date) -> Iterator[Parcel]:
    """What became of the forecasts: orders and collections of the year, one file per partner."""
    rng = np.random.default_rng(7)
    for group in range(-(-shape.hospitals // HOSPITALS_PER_PARTNER)):
        ids = np.arange(group * HOSPITALS_PER_PARTNER, min((group + 1) * HOSPITALS_PER_PARTNER, shape.hospitals))
        count = int(len(ids) * shape.therapies * shape.rate * shape.versions)
        minutes = rng.integers(0, (shape.versions * 7 - 7) * 24 * 60, count)
        at = np.datetime64(first, "us") + minutes * np.timedelta64(60_000_000, "us")
        hospital = np.array([_hospital(number) for number in ids])[rng.integers(0, len(ids), count)]
        chain = [coi(first.year, group * 10_000 + number) for number in range(count)]
        partner, last = f"care-{group + 1:04d}", _at(PLANNING_DATE - dt.timedelta(weeks=1), 3)
        yield partner, "case_order", last, {
            "coi_issuer_id": FACILITY, "coi_id": chain, "case_id": [case_id(7, partner, number) for number in range(count)],
            "therapy_code": np.array(_codes("CART", shape.therapies))[rng.integers(0, shape.therapies, count)], "hospital_id": hospital,
            "ordered_at": _moments(at - np.timedelta64(14, "D")), "category": "commercial",
        }  # fmt: skip
        yield partner, "collection", last, {
            "din": [din(first.year, group * 5_000 + number) for number in range(count)], "coi_issuer_id": FACILITY, "coi_id": chain,
            "hospital_id": hospital, "start_at": _moments(at), "end_at": _moments(at + np.timedelta64(4, "h")),
            "total_nucleated_cells_1e9": 10.0, "cd3_cells_1e9": 4.0, "viability_pct": 95.0, "volume_ml": 200.0, "bags": 1,
        }  # fmt: skip


def _moments(values: np.ndarray) -> pa.Array:
    return pa.array(values).cast(pa.timestamp("us", "UTC"))
