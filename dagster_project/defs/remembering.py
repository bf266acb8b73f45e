"""After publication: the register remembers which exceptions the current edition holds open."""

from __future__ import annotations

from datetime import UTC, date, datetime

from dagster_project.editions import open_edition
from dagster_project.editions.store import current_edition
from dagster_project.home import home
from dagster_project.register import record_sightings

VIEW = "exceptions"


def remember_exceptions(edition_id: str) -> int:
    """Write down the exceptions of an edition; returns the rows added, 0 when it is known already.

    An edition that is not the current one plans a past date, for looking back: what it would have seen is not part of the history.
    """
    if edition_id != current_edition(home().editions):
        return 0
    edition = open_edition("operator", edition_id)
    if VIEW not in edition.views:
        return 0
    rows = [row for row in edition.query(VIEW).to_pylist() if row["state"] != "cleared"]
    planning_date = date.fromisoformat(str(edition.manifest["planning_date"]))
    return record_sightings(rows, planning_date=planning_date, edition_id=edition_id, recorded_at=datetime.now(UTC))
