"""The sentences of the planning room: a decision as a proposal, and what else it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dagster_project.planning.marginals import Marginal
    from dagster_project.planning.options import Outcome
    from dagster_project.planning.tables import PlanTables

RESALE = {
    "return_to_pool": "By the agreements a freed slot is open to everybody.",
    "own_patients_first": "By the agreements the patients of the hospital that gave it back come first.",
    "holder_decides": "By the agreements the hospital that gave it back has to agree.",
}
UNITS = {
    "slot": "one more slot",
    "vector": "vector for one more start",
    "courier": "one more courier place",
    "chair": "one more apheresis chair",
    "bed": "one more infusion bed",
    "container": "one more container journey",
    "material": "raw material for one more start",
}
NAMED = 4
WORTH_SAYING = 0.05


def number(value: float) -> str:
    """3, 2.5; never 3.0."""
    return f"{round(value):,}" if abs(value - round(value)) < WORTH_SAYING else f"{value:,.1f}"


def count(value: float, one: str, many: str | None = None) -> str:
    """`1 slot`, `2.5 slots`."""
    return f"{number(value)} {one if number(value) == '1' else many or one + 's'}"


def proposal(decision: Mapping[str, Any], tables: PlanTables) -> str:
    """What would be done, in one sentence."""
    line = tables.lines[tables.places[decision["therapy_code"], decision["site_id"]]]
    week = _iso(tables, decision["week_start_date"])
    to_week = _iso(tables, decision.get("to_week_start_date") or decision["week_start_date"])
    match decision["option_code"]:
        case "add_slots":
            return f"Add {count(decision['quantity'], 'slot')} for {line.name} in {week}."
        case "release_slot":
            return f"Offer {count(decision['quantity'], 'slot')} that {_was(decision)} given back for {line.name} in {week} again."
        case "add_courier_capacity":
            return f"Add {count(decision['quantity'], 'courier place')} for {line.name} in {week}."
        case "expedite_lot":
            return f"Have {decision['lot_id']} ready for {line.name} by {to_week}, {_weeks_earlier(decision, tables)} earlier than planned."
        case "other_plant":
            other = tables.lines[tables.places[decision["therapy_code"], decision["to_site_id"]]]
            return (
                f"Let {count(decision['quantity'], 'patient')} of {week} start {line.therapy_name} at {other.plant_name} in {to_week}"
                f" instead of {line.plant_name}."
            )
    weeks = (decision["to_week_start_date"] - decision["week_start_date"]).days // 7
    when = f"{count(abs(weeks), 'week')} {'later' if weeks > 0 else 'earlier'}"
    return f"Let {count(decision['quantity'], 'patient')} of {week} start {line.name} in {to_week}, {when}."


def one_more(marginal: Marginal, tables: PlanTables) -> str:
    """What one more of what is scarcest would bring, and what stands behind it: one sentence, or two."""
    week = tables.iso_weeks[marginal.week]
    first = f"{UNITS[marginal.resource].capitalize()} in {week} {_brings(marginal.starts, marginal.patient_weeks)}."
    if marginal.next_resource is None or marginal.next_patient_weeks < WORTH_SAYING:
        return first
    return f"{first} On top of it, {UNITS[marginal.next_resource]} {_brings(marginal.next_starts, marginal.next_patient_weeks)}."


def _brings(starts: float, patient_weeks: float) -> str:
    saved = f"saves {count(patient_weeks, 'patient-week')} of waiting"
    if starts < WORTH_SAYING and patient_weeks < WORTH_SAYING:
        return "lets nobody start sooner"
    return f"lets {count(starts, 'waiting patient')} start in that week and {saved}" if starts >= WORTH_SAYING else saved


def side_effects(decision: Mapping[str, Any], outcome: Outcome, spot: tuple[int, int], tables: PlanTables) -> tuple[str, ...]:
    """What else would happen: whose patients move, which agreement it touches, and which other lines wait more or less."""
    found = []
    if decision["option_code"] in {"shift_week", "other_plant"}:
        found.append(_whose(decision, tables))
        found += _frozen(decision, tables)
    if decision["option_code"] == "release_slot":
        found.append(RESALE[tables.resale.get(spot[0]) or "return_to_pool"])
    lines, after = outcome
    for place, line in enumerate(lines):
        weeks = float((after.waiting[place] - tables.plan.waiting[line]).sum())
        if line != spot[0] and abs(weeks) > WORTH_SAYING:
            change = "more" if weeks > 0 else "less"
            found.append(f"{tables.lines[line].name}: {count(abs(weeks), 'patient-week')} of waiting {change}.")
    return tuple(found)


def _whose(decision: Mapping[str, Any], tables: PlanTables) -> str:
    """Hospitals share a move in proportion to what they ask."""
    rows = tables.demand
    if not rows.num_rows:
        return "The hospitals share the move in proportion to what they ask."
    for column in ("therapy_code", "site_id", "week_start_date"):
        rows = rows.filter(pc.equal(rows[column], decision[column]))
    asked = {row["hospital_name"] or row["hospital_id"]: row["demand"] for row in rows.to_pylist() if row["demand"] > 0}
    total = sum(asked.values())
    if not total:
        return "No hospital asks in that week."
    parts = [
        f"{name} {_part(decision['quantity'] * share / total)}"
        for name, share in sorted(asked.items(), key=lambda item: (-item[1], item[0]))
    ]
    rest = f" and {count(len(parts) - NAMED, 'more hospital')}" if len(parts) > NAMED else ""
    return f"Whose patients move, in proportion to what they ask: {', '.join(parts[:NAMED])}{rest}."


def _part(patients: float) -> str:
    return number(patients) if patients >= WORTH_SAYING else "less than 0.1"


def _frozen(decision: Mapping[str, Any], tables: PlanTables) -> list[str]:
    line = tables.places[decision["therapy_code"], decision["site_id"]]
    weeks = {decision["week_start_date"], decision.get("to_week_start_date") or decision["week_start_date"]}
    inside = [tables.iso_weeks[week] for week, monday in enumerate(tables.weeks) if monday in weeks and tables.frozen[line, week]]
    return [f"Inside the frozen weeks of the agreements: {' and '.join(inside)}."] if inside else []


def _weeks_earlier(decision: Mapping[str, Any], tables: PlanTables) -> str:
    to = tables.week_no(decision.get("to_week_start_date") or decision["week_start_date"]) or 0
    coming = [lot.first for lot in tables.lots if decision["lot_id"] in {lot.source_id, lot.lot_code}]
    return count(max(max(coming, default=to) - to, 0), "week")


def _was(decision: Mapping[str, Any]) -> str:
    return "was" if number(decision["quantity"]) == "1" else "were"


def _iso(tables: PlanTables, monday: Any) -> str:
    week = tables.week_no(monday)
    return tables.iso_weeks[week] if week is not None else str(monday)
