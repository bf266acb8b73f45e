"""What has been said since an edition: the accepted rows of a feed that it does not rest on, straight from landing."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from dagster_project.home import home
from dagster_project.register import submissions

if TYPE_CHECKING:
    from collections.abc import Collection

Row = dict[str, Any]
ACCEPTED = ("accepted", "partly_accepted")


def taken(feed: str, *, known: Collection[str] = (), only: Collection[str] | None = None) -> list[Row]:
    """Rows of the feed with `submission_id`, `partner_id` and `as_of`, oldest first; of a row sent again, the newest alone.

    `known` are submissions to leave out; `only`, when given, are those to look at.
    """
    key = f"{feed}_id"
    newest: dict[tuple[str, str], Row] = {}
    for receipt in submissions(feed=feed, statuses=ACCEPTED):
        if receipt["submission_id"] in known or (only is not None and receipt["submission_id"] not in only):
            continue
        about = {name: receipt[name] for name in ("submission_id", "partner_id", "as_of")}
        for row in _rows(str(home().root / receipt["landing_path"])):
            # Taken out first, so that a row sent again stands where it was sent last.
            newest.pop((receipt["partner_id"], row[key]), None)
            newest[receipt["partner_id"], row[key]] = row | about
    return list(newest.values())


@lru_cache(maxsize=4096)
def _rows(path: str) -> tuple[Row, ...]:
    """Landed files never change, so each is read once."""
    return tuple(pq.read_table(path).to_pylist())
