"""What was known on a past day: the edition in force then, and, of views that keep versions, the rows in force then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_project.editions.store import edition_ids, read_manifest

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    import pyarrow as pa

    from dagster_project.editions.reader import Edition

# A view with these two columns keeps every version: in force from the one day to before the other.
VERSIONED = frozenset({"stated_date", "replaced_date"})


def edition_as_of(folder: Path, day: date) -> str:
    """Id of the edition in force on a day: of those that plan the day or an earlier one, the latest; the one published last where several do.

    LookupError, saying what to do, when none is kept.
    """
    planned = [
        (read_manifest(folder / one)["planning_date"], read_manifest(folder / one)["created_at"], one) for one in edition_ids(folder)
    ]
    known = [each for each in planned if each[0] <= day.isoformat()]
    if not known:
        oldest = f"the oldest one plans {min(planned)[0]}" if planned else "there is none at all"
        raise LookupError(
            f"No edition of {day.isoformat()} or an earlier day is kept ({oldest}). `veinway plan --planning-date {day.isoformat()}` makes it."
        )
    return max(known)[2]


def keeps_versions(edition: Edition, view: str, day: date) -> bool:
    """Whether this view has its past in it, back to the day. LookupError for a view that the audience does not have."""
    return set(edition.known(view)) >= VERSIONED and day >= _kept_from(edition)


def _kept_from(edition: Edition) -> date:
    """The first day of which an edition knows the versions: that of its plan's waterfall."""
    (kept_from,) = edition.query("about", columns=["versions_kept_from"])["versions_kept_from"].to_pylist()
    first: date = kept_from
    return first


def rows_as_of(edition: Edition, view: str, day: date, *, limit: int | None = None) -> pa.Table:
    """The rows of a view with versions that were in force at the end of a day (UTC)."""
    if not keeps_versions(edition, view, day):
        raise LookupError(f"The view {view!r} keeps no versions of {day.isoformat()}.")
    quoted = '"' + view.replace('"', '""') + '"'
    sql = f"SELECT * FROM main.{quoted} WHERE stated_date <= $day AND (replaced_date IS NULL OR replaced_date > $day)"
    with edition.connection.cursor() as cursor:
        return cursor.execute(sql + (f" LIMIT {int(limit)}" if limit is not None else ""), {"day": day}).to_arrow_table()
