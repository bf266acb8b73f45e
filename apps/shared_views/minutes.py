"""What the minutes of a meeting say: who took part, the agenda, decisions, approvals, the plan before and after. As tables of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.shared_views import data, identity, meeting_data, meeting_since, meeting_words, words
from dagster_project import editions
from dagster_project.home import home
from dagster_project.meeting import taken

if TYPE_CHECKING:
    from apps.shared_views.meeting_data import Row

Table = tuple[tuple[str, ...], Sequence[tuple[str, ...]]]


@dataclass(frozen=True)
class Minutes:
    """Title, the lines below it, and named tables (headings, rows). Everything is text that a person reads."""

    title: str
    facts: list[str]
    tables: dict[str, Table]
    file_name: str


def minutes(of: data.Desk) -> Minutes:
    """The minutes of the meeting that this edition came from, or, while it is only a draft, of the meeting that goes on about it."""
    identity.require_audience(of.person, data.people(of.edition_id))
    agreed = data.manifest(of.edition_id).get("consensus")
    held = agreed is not None and agreed["draft"] in editions.edition_ids(home().editions) and not meeting_data.said(of).decisions
    looked_at = data.desk(of.person, agreed["draft"]) if held and agreed else of
    decisions, approvals = told(looked_at, of if held else None)
    return Minutes(
        title=f"Minutes of the planning meeting, {words.week(of.planning_date)}",
        facts=facts(of, looked_at, is_published=held, reason=agreed["reason"] if held and agreed else ""),
        tables={
            "Who took part": people(decisions, approvals, of),
            "Agenda": agenda(looked_at, decisions),
            "Decisions": decided(looked_at, decisions),
            "Approvals": said(approvals, of),
            "The plan before and after": figures(looked_at, of if held else None),
        },
        file_name=f"minutes-{words.week(of.planning_date)}-{of.edition_id[:8]}",
    )


def told(draft: data.Desk, published: data.Desk | None) -> tuple[list[Row], list[Row]]:
    """Decisions and approvals about the draft, as far as the person may see them: all since it, or those that the published plan rests on."""
    found = meeting_data.said(draft)
    if published is None:
        return found.decisions, [row for row in found.approvals if row["edition_id"] == draft.edition_id]
    inside = meeting_data.inputs(published.edition_id)
    decisions = [row for row in found.decisions if row["submission_id"] in inside]
    return decisions, [row for row in taken("approval", only=inside) if row["edition_id"] == draft.edition_id]


def facts(of: data.Desk, looked_at: data.Desk, *, is_published: bool, reason: str) -> list[str]:
    """Which editions, of which day, and why it was published."""
    lines = [f"Looked at: edition {looked_at.edition_id}, plan of {words.day(looked_at.planning_date)}."]
    if is_published:
        lines.append(f"Agreed: edition {of.edition_id}, plan of {words.day(of.planning_date)}, published as consensus.")
        if reason:
            lines.append(f"Why it was published: {words.sentence(reason)}")
    else:
        lines.append("Not agreed yet: these minutes are of a meeting that goes on.")
    return [*lines, f"Written for {of.person.name}: it holds what is due to this role."]


def people(decisions: Sequence[Row], approvals: Sequence[Row], of: data.Desk) -> Table:
    """Everybody who said something, with its role; a partner's name is told to the coordinator and to itself."""
    rows = {(row["partner_id"], row["decided_by_role"]) for row in decisions} | {(row["partner_id"], row["role"]) for row in approvals}
    named = {(words.ROLES.get(str(role), str(role)), name(of, partner_id)) for partner_id, role in rows}
    return ("Role", "Partner"), sorted(named)


def name(of: data.Desk, partner_id: str) -> str:
    """A partner's name as far as the reader may know it."""
    return words.partner(partner_id) if of.role == "operator" or partner_id == of.person.partner_id else "a partner"


def agenda(of: data.Desk, decisions: Sequence[Row]) -> Table:
    """The exceptions in their order and how they stood at the end."""
    last = {row["exception_key"]: row["state"] for row in decisions}
    rows = [
        (
            str(place),
            str(row["title"]),
            meeting_words.stake(row),
            meeting_words.owner(row),
            meeting_words.state(last.get(row["exception_key"], row["state"]))[0],
        )
        for place, row in enumerate(meeting_data.agenda(of).to_dict("records"), start=1)
    ]
    return ("No", "Exception", "At stake", "Owner", "State"), rows


def decided(of: data.Desk, decisions: Sequence[Row]) -> Table:
    """Every decision with what, who, until when, and why."""
    titles = {row["exception_key"]: str(row["title"]) for row in meeting_data.agenda(of).to_dict("records")}
    rows = [
        (
            words.moment(row["decided_at"]),
            titles.get(row["exception_key"], row["exception_key"] or "The plan"),
            meeting_words.decided({**row, "owner_partner_id": None, "due_date": None}),
            words.partner(row["owner_partner_id"]) if row["owner_partner_id"] else words.DASH,
            words.day(row["due_date"]),
            meeting_words.REASONS.get(str(row["reason_code"]), words.DASH),
            row["note"] or "",
            words.ROLES[row["decided_by_role"]],
        )
        for row in sorted(decisions, key=lambda row: row["decided_at"])
    ]
    return ("When", "About", "Decision", "Owner", "Due", "Reason", "Note", "Decided by"), rows


def said(approvals: Sequence[Row], of: data.Desk) -> Table:
    """Every approval and rejection."""
    verdicts = {"approved": "Approved", "rejected": "Rejected"}
    rows = [
        (
            words.moment(row["approved_at"]),
            words.ROLES[row["role"]],
            name(of, row["partner_id"]),
            verdicts[row["verdict"]],
            row["reason"] or "",
        )
        for row in sorted(approvals, key=lambda row: row["approved_at"])
    ]
    return ("When", "Role", "Partner", "Verdict", "Reason"), rows


def figures(draft: data.Desk, published: data.Desk | None) -> Table:
    """The draft's totals, and beside them those of the plan that was agreed on."""
    sides = [meeting_since.totals(one) for one in (draft, published) if one is not None]
    if not all(len(side.weeks) for side in sides):
        return ("Figure", "Draft"), []
    rows = [
        ("Patients to start", *(f"{words.number(side.wanted)} ({side.made_of})" for side in sides)),
        ("Can start", *(words.number(side.served) for side in sides)),
        ("Patient-weeks of waiting", *(words.number(side.waiting) for side in sides)),
        ("Weeks short", *(words.number(side.short) for side in sides)),
        ("Exceptions on the agenda", *(words.number(len(side.exceptions)) for side in sides)),
    ]
    return ("Figure", "Draft", "Consensus")[: len(sides) + 1], rows
