"""What an edition is made from: submissions, planning date and the code that planned. Pure, apart from reading the code."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from dagster_project.home import PROJECT_ROOT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

# The rooms whose code decides what an edition says. Screens, the door and the demo network do not.
PLANNING_ROOMS = (
    "dagster_project/contracts",
    "dagster_project/landing",
    "dagster_project/planning",
    "dagster_project/defs",
    "dagster_project/editions",
    "dagster_project/sharing",
    "dbt",
    "partner_feeds/contracts",
)
PLANNING_FILES = frozenset({".py", ".sql", ".yml", ".yaml", ".csv"})
GENERATED = frozenset({"target", "logs", "__pycache__", "dbt_packages"})


@dataclass(frozen=True)
class Inputs:
    """The submissions a plan rests on: their ids in order, and when the last of them came. `sent_again`: which of them came when once more."""

    submission_ids: tuple[str, ...]
    data_as_of: datetime | None
    sent_again: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """One hash for the whole list."""
        return hashlib.sha256("\n".join([*self.submission_ids, *self.sent_again]).encode()).hexdigest()


def end_of(planning_date: date) -> datetime:
    """The first moment that a plan of this date does not see: midnight UTC after it."""
    return datetime.combine(planning_date + timedelta(days=1), time(), UTC)


def inputs_of(
    receipts: Iterable[Mapping[str, Any]],
    planning_date: date,
    *,
    sendings: Iterable[Mapping[str, Any]] = (),
    counted: Collection[str] = (),
) -> Inputs:
    """The submissions that a plan of this date sees: those received up to its end, refused ones too, and those that are `counted` all the same.

    `sendings` are all that came; those of bytes that were here before answer a deadline, so they are a part of what the plan rests on.
    """
    end = end_of(planning_date)
    seen = {
        receipt["submission_id"]: receipt["as_of"] for receipt in receipts if receipt["as_of"] < end or receipt["submission_id"] in counted
    }
    again = [each for each in sendings if each["sent_at"] < end and seen.get(each["submission_id"]) not in {None, each["sent_at"]}]
    newest = max([*seen.values(), *(each["sent_at"] for each in again)], default=None)
    sent_again = sorted(f"{each['submission_id']} {each['sent_at'].astimezone(UTC).isoformat()}" for each in again)
    return Inputs(tuple(sorted(seen)), newest, tuple(sent_again))


def default_planning_date(receipts: Iterable[Mapping[str, Any]]) -> date:
    """Date (UTC) of the newest submission. LookupError, saying what to do, when there is none."""
    newest: datetime | None = max((receipt["as_of"] for receipt in receipts), default=None)
    if newest is None:
        raise LookupError("Nothing has been submitted yet, so there is nothing to plan. `veinway submit PATH` takes the first file.")
    return newest.astimezone(UTC).date()


def code_version(root: Path = PROJECT_ROOT, *, rooms: Iterable[str] = PLANNING_ROOMS) -> str:
    """A hash of the contracts, models and code that decide what an edition says."""
    digest = hashlib.sha256()
    for room in rooms:
        for path in sorted((root / room).rglob("*")):
            if path.suffix in PLANNING_FILES and GENERATED.isdisjoint(path.parts):
                digest.update(path.relative_to(root).as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:20]
