"""Whose approval a plan still needs: pure counting over what the agreements ask and what was said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

Row = dict[str, Any]
# States in which a decision changes the plan, when it has an option.
IN_FORCE = frozenset({"resolved", "accepted"})
NO_OPTION = frozenset({None, "none"})


@dataclass(frozen=True)
class Standing:
    """One role: how many of its partners must approve, who did, who rejected, and who approved before the plan changed once more."""

    role: str
    needed: int
    approved: tuple[Row, ...]
    rejected: tuple[Row, ...]
    outdated: tuple[Row, ...]

    @property
    def missing(self) -> int:
        """How many approvals are still needed."""
        return max(self.needed - len(self.approved), 0)


def changes_the_plan(decision: Mapping[str, Any]) -> bool:
    """Whether the next plan is another one because of this decision."""
    return decision["state"] in IN_FORCE and decision["option_code"] not in NO_OPTION


def standings(
    needed: Mapping[str, int],
    approvals: Sequence[Row],
    decisions: Iterable[Row],
    *,
    edition_id: str,
    roles: Mapping[str, str],
) -> list[Standing]:
    """How each role stands to the draft `edition_id`, in the order of `needed` (role -> how many).

    A partner speaks for its own role (`roles`: partner -> role), and its newest word counts. What it approved before a later
    decision changed the plan is outdated: it approved another plan.
    """
    changed_at = max((row["decided_at"] for row in decisions if changes_the_plan(row)), default=None)
    newest: dict[str, Row] = {}
    for row in sorted(approvals, key=lambda row: (row["approved_at"], row["as_of"])):
        if row["edition_id"] == edition_id and roles.get(row["partner_id"]) == row["role"]:
            newest[row["partner_id"]] = row
    return [_standing(role, count, list(newest.values()), changed_at) for role, count in needed.items()]


def _standing(role: str, needed: int, said: list[Row], changed_at: dt.datetime | None) -> Standing:
    own = [row for row in said if row["role"] == role]
    yes = [row for row in own if row["verdict"] == "approved"]
    current = tuple(row for row in yes if changed_at is None or row["approved_at"] >= changed_at)
    return Standing(
        role=role,
        needed=needed,
        approved=current,
        rejected=tuple(row for row in own if row["verdict"] == "rejected"),
        outdated=tuple(row for row in yes if row not in current),
    )
