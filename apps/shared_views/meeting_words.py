"""The words of the weekly meeting: states, severities, options, reasons and links, as people say them."""

from __future__ import annotations

from typing import Any

from apps.shared_views import words

# state -> (word, symbol, tone). The word and the symbol carry the meaning; colour only helps.
STATES = {
    "open": ("Open", "!", "red"),
    "reopened": ("Open again", "!", "red"),
    "acknowledged": ("Seen", "·", "gray"),
    "proposed": ("Proposed", "→", "orange"),
    "resolved": ("Resolved", "✓", "green"),
    "accepted": ("Accepted", "✓", "gray"),
    "cleared": ("Gone", "✓", "green"),
}
SETTLED = frozenset({"resolved", "accepted", "cleared"})
SEVERITIES = {"critical": ("Critical", "✕", "red"), "major": ("Major", "!", "orange"), "minor": ("Minor", "·", "gray")}
# What can be said of an exception, as a choice: state -> (what the button says, what it means).
CHOICES = {
    "acknowledged": ("Seen", "somebody looks into it"),
    "proposed": ("Propose", "the owner answers by the due date"),
    "resolved": ("Resolve", "the chosen option is done and counts in the next plan"),
    "accepted": ("Accept as it is", "it stays, with a reason"),
    "reopened": ("Open again", "what was decided does not hold"),
}
OPTIONS = {
    "none": "No change of the plan",
    "shift_week": "Another week",
    "other_plant": "Another plant",
    "release_slot": "Use a slot that was given back",
    "expedite_lot": "Bring a lot forward",
    "add_courier_capacity": "More courier places",
    "add_slots": "More slots",
}
REASONS = {
    "capacity_found": "Capacity was found",
    "demand_moved": "Patients can start at another time or place",
    "supply_brought_forward": "Supply comes earlier",
    "transport_arranged": "Transport was arranged",
    "data_corrected": "The data were wrong and are corrected",
    "risk_accepted": "The risk is accepted",
    "no_option": "There is no way out",
    "not_agreed": "A partner does not agree",
    "other": "Something else, see the note",
}
# A reason that goes with an option, so that nobody has to look for it.
REASON_OF = {
    "shift_week": "demand_moved",
    "other_plant": "demand_moved",
    "release_slot": "capacity_found",
    "add_slots": "capacity_found",
    "expedite_lot": "supply_brought_forward",
    "add_courier_capacity": "transport_arranged",
}
# What is said most often where the plan stays as it is; being seen or proposed needs no reason.
REASON_WITHOUT = {"accepted": "risk_accepted", "reopened": "other"}
# The chain from the forecast to the bed, in the order of the journey.
CHAIN = {
    "forecast_state": "Forecast",
    "chair_state": "Chair",
    "courier_state": "Courier",
    "container_state": "Container",
    "slot_state": "Slot",
    "vector_state": "Vector",
    "material_state": "Material",
    "bed_state": "Bed",
}
LINKS = {
    "forecast": "no forecast",
    "authorisation": "the patient is not ready",
    "chair": "apheresis chairs",
    "courier": "courier places",
    "container": "containers",
    "slot": "manufacturing slots",
    "vector": "vector doses",
    "material": "raw material",
    "bed": "infusion beds",
}
PART = "meeting_part"  # which part of the meeting is open
PARTS = {
    "agenda": "Agenda",
    "risk": "Patients at risk",
    "approve": "Approve",
    "since": "Since last time",
    "minutes": "Minutes",
}


def state(code: Any) -> tuple[str, str, str]:
    """A state as word, symbol and tone."""
    return STATES.get(str(code), (str(code).capitalize(), "·", "gray"))


def stake(row: Any) -> str:
    """What is at stake: `5.2 patients, 12 days each`; empty when nobody's treatment is."""
    people = row.get("patients")
    if words.is_missing(people) or float(people) <= 0:
        return ""
    days = row.get("days")
    late = "" if words.is_missing(days) or float(days) <= 0 else f", {words.count(days, 'day')} each"
    return words.patients(people) + late


def owner(row: Any) -> str:
    """Who sees to it: a partner by name, or else a role."""
    if not words.is_missing(row.get("owner_name")):
        return str(row["owner_name"])
    if not words.is_missing(row.get("owner_partner_id")):
        return words.partner(row["owner_partner_id"])
    return words.ROLES.get(str(row.get("owner_role")), "nobody yet")


def decided(row: Any) -> str:
    """A decision in one sentence: what becomes of it, by which way out, who sees to it until when."""
    parts = [state(row["state"])[0]]
    if row.get("option_code") not in {None, "none"}:
        amount = "" if words.is_missing(row.get("quantity")) else f" ({words.number(row['quantity'])})"
        parts.append(OPTIONS[row["option_code"]].lower() + amount)
    if not words.is_missing(row.get("owner_partner_id")):
        parts.append(words.partner(row["owner_partner_id"]))
    if not words.is_missing(row.get("due_date")):
        parts.append(f"until {words.day(row['due_date'])}")
    return ", ".join(parts)


def lacking(standing: Any) -> str:
    """What a role still has to say before the plan can be published."""
    role, missing = words.ROLES[standing.role].lower(), standing.missing
    again = " An approval from before the plan changed must be given again." if standing.outdated else ""
    if standing.role == "operator":
        who = f"The {role}"
    elif standing.approved:
        who = f"{'One' if missing == 1 else missing} more {role}{'' if missing == 1 else 's'}"
    else:
        who = f"A {role}" if missing == 1 else words.count(missing, role)
    return f"{who} {words.verb(missing, 'has', 'have')} to approve.{again}"
