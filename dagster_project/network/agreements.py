"""The agreements of a network as the documents that the operator sends: each says what differs from the standard terms, nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from dagster_project.home import PROJECT_ROOT
from dagster_project.network.publish import Parcel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster_project.network.world import World

Terms = dict[str, Any]
STANDARD = PROJECT_ROOT / "partner_feeds" / "agreements" / "standard.json"
TOP = "veinway_agreement"
VALID_FROM, VALID_TO = "2025-01-01", "2027-12-31"
# Each feed that is read from the documents, with the list of the terms that its rows are.
LISTS = {
    "agreement": None, "agreement_fence": "fences", "agreement_criterion": "criteria", "agreement_calendar": "calendar",
    "agreement_cancellation": "cancellation", "agreement_sharing": "sharing", "agreement_approval": "approvals",
}  # fmt: skip
# Customs take their time: who makes on another continent binds for longer.
FENCES_ABROAD = [
    {"fence_no": 1, "from_week": 1, "to_week": 2, "kind": "frozen", "increase_pct": 0, "decrease_pct": 0, "change_absolute": 0,
     "tolerance_pct": 0, "tolerance_absolute": 0},
    {"fence_no": 2, "from_week": 3, "to_week": 6, "kind": "binding", "increase_pct": 10, "decrease_pct": 10, "change_absolute": 1,
     "tolerance_pct": 5, "tolerance_absolute": 1},
    {"fence_no": 3, "from_week": 7, "to_week": 13, "kind": "flex", "increase_pct": 20, "decrease_pct": 20, "change_absolute": 2,
     "tolerance_pct": 10, "tolerance_absolute": 2},
    {"fence_no": 4, "from_week": 14, "kind": "open", "tolerance_pct": 20, "tolerance_absolute": 3},
]  # fmt: skip
# A hospital that always asks for more than it treats is looked at sooner.
CLOSER_LOOK = [
    {"criterion_code": "forecast_against_baseline", "severity": "major", "threshold": 20, "threshold_unit": "percent", "owner_role": "hospital",
     "due_days": 3, "escalate_to_role": "operator", "escalate_after_days": 2}
]  # fmt: skip
# Slots held by quota are dear to give back late.
CANCELLATION_OF_QUOTA = [{"notice_days": days, "charge_pct": charge} for days, charge in ((0, 100), (7, 100), (14, 75), (28, 50), (42, 0))]


def agreement_parcels(world: World, as_of: int) -> Iterator[Parcel]:
    """The same bytes once for each feed that they speak of."""
    stated = [standard(), *agreements(world)]
    text = as_text({TOP: stated})
    for feed, part in LISTS.items():
        of = [one["agreement_id"] for one in stated for _ in (one["terms"].get(part, []) if part else [one])]
        yield Parcel(world.net.operator, feed, as_of, pa.table({"agreement_id": pa.array(of, pa.string())}), document=text)


def standard() -> Terms:
    """The terms that hold where an agreement says nothing."""
    found: Terms = json.loads(STANDARD.read_text(encoding="utf-8"))[TOP]
    return found


def agreements(world: World) -> list[Terms]:
    """One agreement for each demand, in order."""
    return [_agreement(world, number) for number in range(len(world.net.demands))]


def file_name(world: World, number: int) -> str:
    """What a person calls the document of an agreement: the hospital and the therapy."""
    item = world.net.demands[number]
    words = "".join(sign if sign.isalnum() else " " for sign in world.net.sites[item.hospital].name.lower().replace("'", "")).split()
    return f"{'-'.join(words)}_{world.net.therapies[item.therapy].code.lower()}.json"


def _agreement(world: World, number: int) -> Terms:
    net, item = world.net, world.net.demands[number]
    plant, therapy = net.pools[item.pool].plant, net.therapies[item.therapy]
    lane = net.lanes[net.lane_of[item.hospital, plant]]
    return {
        "agreement_id": f"AGR-{number + 1:04d}",
        "version": "1.0.0",
        "about": f"{net.sites[plant].name} makes {therapy.name} for {net.sites[item.hospital].name}",
        "parties": {
            "hospital_id": net.sites[item.hospital].site_id,
            "plant_id": net.sites[plant].site_id,
            "courier_partner_id": net.partners[lane.courier].partner_id,
        },
        "therapy_code": therapy.code,
        "valid_from_date": VALID_FROM,
        "valid_to_date": VALID_TO,
        "terms": _terms(world, number, is_abroad=lane.customs_hours > 0),
    }


def _terms(world: World, number: int, *, is_abroad: bool) -> Terms:
    """What differs from the standard terms."""
    item = world.net.demands[number]
    terms: Terms = {"horizon_weeks": world.size.horizon_weeks}
    if is_abroad:
        terms |= {"binding_weeks": 6, "fences": FENCES_ABROAD}
    if world.net.therapies[item.therapy].indication == "myeloma":
        terms |= {"allocation_rule": "quota", "quota_pct": _quota_pct(world, number), "resale_rule": "own_patients_first"}
        terms["cancellation"] = CANCELLATION_OF_QUOTA
    if item.hospital == world.net.biased_hospital:
        terms["criteria"] = CLOSER_LOOK
    return terms


def _quota_pct(world: World, number: int) -> float:
    """The hospital's part of its pool's orders, rounded down so that all of them never make more than 100."""
    item = world.net.demands[number]
    whole = sum(other.weekly_rate for other in world.net.demands if other.pool == item.pool)
    return int(10_000 * item.weekly_rate / whole + 1e-9) / 100


def as_text(document: Any, level: int = 0) -> str:
    """JSON as a planner would lay it out: one line for each item that holds plain values only."""
    indent = "  " * level
    if isinstance(document, list):
        return "[\n" + ",\n".join(f"{indent}  {as_text(item, level + 1)}" for item in document) + f"\n{indent}]" + _end(level)
    if not isinstance(document, dict) or (level > 1 and not any(isinstance(value, dict | list) for value in document.values())):
        return json.dumps(document, ensure_ascii=False)
    items = ",\n".join(f"{indent}  {json.dumps(name)}: {as_text(value, level + 1)}" for name, value in document.items())
    return f"{{\n{items}\n{indent}}}" + _end(level)


def _end(level: int) -> str:
    return "" if level else "\n"
