"""When everybody whose word is needed has approved: what the manifest of the consensus edition says about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from dagster_project.editions.inputs import end_of
from dagster_project.meeting.quorum import standings
from dagster_project.meeting.saying import APPROVAL, DECISION
from dagster_project.meeting.taken import taken
from dagster_project.register import partners, submissions
from dagster_project.register.tables import utc_text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping, Sequence

    from dagster_project.meeting.quorum import Row, Standing

SAID = frozenset({DECISION, APPROVAL})


class NotAgreedError(RuntimeError):
    """The quorum is not met, a rejection stands without an answer, or the plan is not the one that was approved. The message says which."""


@dataclass(frozen=True)
class Consensus:
    """Which draft was agreed on, why it is published, who approved and who rejected, and the submissions that hold the decisions.

    The consensus is a plan of the draft's own date (`planning_date`) from the draft's own submissions. `counted` are those that came after
    that date and count all the same: what was said in the meeting.
    """

    draft: str
    planning_date: str
    reason: str
    approvals: tuple[Mapping[str, str], ...]
    rejections: tuple[Mapping[str, str], ...]
    decisions: tuple[str, ...]
    counted: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As it stands in the manifest."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


def consensus_of(draft: str, planning_date: dt.date, needed: Mapping[str, int], *, known: Collection[str], reason: str) -> Consensus:
    """The consensus on a draft of a date whose inputs are `known`, as the register holds it now. NotAgreedError, in words, when there is none.

    `needed` is role -> how many of its partners must approve.
    """
    if late := came_since(planning_date, known):
        raise NotAgreedError(outdated(late))
    decisions, approvals = taken("decision", known=known), taken("approval", known=known)
    found = standings(needed, approvals, decisions, edition_id=draft, roles=partners())
    if lacking := missing(found):
        raise NotAgreedError("This plan cannot be published as consensus yet. " + " ".join(lacking))
    if not reason.strip() and any(standing.rejected for standing in found):
        raise NotAgreedError("A partner rejected this plan. Say why it is published all the same.")
    return Consensus(
        draft=draft,
        planning_date=planning_date.isoformat(),
        reason=" ".join(reason.split()),
        approvals=tuple(_said(row) for standing in found for row in standing.approved),
        rejections=tuple(_said(row) for standing in found for row in standing.rejected),
        decisions=tuple(sorted({row["submission_id"] for row in decisions})),
        counted=tuple(_late({*known, *(row["submission_id"] for row in (*decisions, *approvals))}, planning_date)),
    )


def came_since(planning_date: dt.date, known: Collection[str]) -> list[Row]:
    """Submissions that belong to a plan of this date and that the draft, whose inputs are `known`, does not rest on: it came before them.

    What is said in the meeting is not among them: it is what the consensus adds to the draft.
    """
    end = end_of(planning_date)
    return [row for row in submissions() if row["as_of"] < end and row["submission_id"] not in known and row["feed"] not in SAID]


def outdated(late: Sequence[Row]) -> str:
    """Why a draft that files came after cannot be agreed on, and what to do."""
    one = len(late) == 1
    return (
        f"{len(late)} {'file' if one else 'files'} that {'belongs' if one else 'belong'} to this plan came after it was built, so what was approved"
        " is not what would be published. Build the plan again, then approve that one."
    )


def _late(submission_ids: Collection[str], planning_date: dt.date) -> list[str]:
    end = end_of(planning_date)
    return sorted(row["submission_id"] for row in submissions() if row["as_of"] >= end and row["submission_id"] in submission_ids)


def missing(found: Collection[Standing]) -> list[str]:
    """What is still needed, a sentence per role."""
    return [_lacks(standing) for standing in found if standing.missing]


def _lacks(standing: Standing) -> str:
    one = standing.missing == 1
    again = " An earlier approval was given before the plan changed and must be given again." if standing.outdated else ""
    return f"{standing.missing} more {standing.role}{' has' if one else 's have'} to approve.{again}"


def _said(row: Row) -> dict[str, str]:
    found = {"approval_id": row["approval_id"], "partner_id": row["partner_id"], "role": row["role"], "at": utc_text(row["approved_at"])}
    return found | ({"reason": row["reason"]} if row["reason"] else {})
