"""When everybody whose word is needed has approved: what the manifest of the consensus edition says about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from dagster_project.meeting.quorum import standings
from dagster_project.meeting.taken import taken
from dagster_project.register import partners
from dagster_project.register.tables import utc_text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from dagster_project.meeting.quorum import Row, Standing


class NotAgreedError(RuntimeError):
    """The quorum is not met, or a rejection stands without an answer. The message says what is missing."""


@dataclass(frozen=True)
class Consensus:
    """Which draft was agreed on, why it is published, who approved and who rejected, and the submissions that hold the decisions."""

    draft: str
    reason: str
    approvals: tuple[Mapping[str, str], ...]
    rejections: tuple[Mapping[str, str], ...]
    decisions: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As it stands in the manifest."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


def consensus_of(draft: str, needed: Mapping[str, int], *, known: Collection[str], reason: str) -> Consensus:
    """The consensus on a draft whose inputs are `known`, as the register holds it now. NotAgreedError, in words, when there is none.

    `needed` is role -> how many of its partners must approve.
    """
    decisions = taken("decision", known=known)
    found = standings(needed, taken("approval", known=known), decisions, edition_id=draft, roles=partners())
    if lacking := missing(found):
        raise NotAgreedError("This plan cannot be published as consensus yet. " + " ".join(lacking))
    if not reason.strip() and any(standing.rejected for standing in found):
        raise NotAgreedError("A partner rejected this plan. Say why it is published all the same.")
    return Consensus(
        draft=draft,
        reason=" ".join(reason.split()),
        approvals=tuple(_said(row) for standing in found for row in standing.approved),
        rejections=tuple(_said(row) for standing in found for row in standing.rejected),
        decisions=tuple(sorted({row["submission_id"] for row in decisions})),
    )


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
