"""What it means that bytes come again that were here before: for a plan, that it is in force again; for anything else, nothing new."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project import register
from dagster_project.contracts import contract as contract_of
from dagster_project.intake.answering.landed import landed, scopes
from dagster_project.intake.engine import cursor
from dagster_project.register.submissions import REFUSED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dagster_project.contracts import Contract

PLAN = "snapshot"
Version = dict[str, Any]


@dataclass(frozen=True)
class Again:
    """`sentence` is for the sender; `set_aside` are the later submissions that this one takes the place of now."""

    sentence: str
    set_aside: tuple[str, ...] = ()


def said_again(submission_id: str, sent_at: dt.datetime | None = None) -> Again:
    """What to say of a known submission that came again at `sent_at` (default: the last time it did). LookupError for an unknown one."""
    row = register.submission(submission_id)
    if row is None:
        raise LookupError(f"There is no submission {submission_id}.")
    before = f"These bytes were here before ({_moment(row['as_of'])})"
    if row["status"] == REFUSED:
        return Again(f"{before} and were refused: nothing was added. Correct the file and send it again.")
    stated_at = max(row["as_of"], sent_at or register.statements([submission_id])[submission_id][-1])
    later = _later(row) if contract_of(row["feed"]).delivery == PLAN else []
    if not later:
        return Again(f"{before}: nothing was added, and the file counts as sent again.")
    if later[0]["stated_at"] > stated_at:
        way = "to go back to this one, send it again now"
        return Again(f"{before}: nothing was added. Your {_files(later)} {_stay(later)} in force; {way}.")
    words = f"{before}. Your {_files(later)} {'has' if len(later) == 1 else 'have'} been set aside: this plan is in force again from now"
    return Again(f"{words}{_limits(row, later)}.", tuple(version["submission_id"] for version in later))


def _later(row: Version) -> list[Version]:
    """The versions stated after a plan first was that speak of the same things, the newest first."""
    now = dt.datetime.max.replace(tzinfo=dt.UTC)
    found = register.versions(partner=row["partner_id"], feed=row["feed"], as_of=now)
    others = [version for version in found if version["submission_id"] != row["submission_id"] and version["stated_at"] > row["as_of"]]
    contract = contract_of(row["feed"])
    own = _scopes(contract, row)
    return [version for version in others if _overlap(version, row) and not own.isdisjoint(_scopes(contract, version))]


def _overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    if one["period_from"] is None or other["period_from"] is None:
        return True
    return bool(one["period_from"] <= other["period_to"] and one["period_to"] >= other["period_from"])


def _scopes(contract: Contract, version: Mapping[str, Any]) -> set[str]:
    """What a version restates; nothing when its rows cannot be read."""
    with suppress(duckdb.Error), cursor() as connection:
        return scopes(connection, contract, landed(version["landing_path"]))
    return set()


def _limits(row: Version, later: Sequence[Version]) -> str:
    """What of the later files stays all the same."""
    theirs = "that file" if len(later) == 1 else "those files"
    if row["rows_refused"]:
        return f", but for what {theirs} alone {'states' if len(later) == 1 else 'state'}, because rows of it were refused"
    if row["period_from"] and any(
        version["period_from"] < row["period_from"] or version["period_to"] > row["period_to"] for version in later
    ):
        return (
            f", for {row['period_from']} to {row['period_to']}; what {theirs} {'states' if len(later) == 1 else 'state'} beyond that stays"
        )
    return ""


def _files(later: Sequence[Version]) -> str:
    newest = _moment(later[0]["stated_at"])
    return f"later file of {newest}" if len(later) == 1 else f"{len(later):,} later files (the last one of {newest})"


def _stay(later: Sequence[Version]) -> str:
    return "stays" if len(later) == 1 else "stay"


def _moment(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
