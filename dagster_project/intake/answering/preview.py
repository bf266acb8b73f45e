"""What a file would do if it were sent now: its receipt, what it changes, and which references nothing answers to yet. Nothing is kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dagster_project import register
from dagster_project.contracts import contract as contract_of
from dagster_project.intake import limits
from dagster_project.intake.answering.changes import Changes, changes_of
from dagster_project.intake.answering.references import open_references_of
from dagster_project.intake.answering.suggestions import publishers_for
from dagster_project.intake.door import check
from dagster_project.intake.engine import cursor
from dagster_project.intake.judging.judgement import examine
from dagster_project.intake.reading.content import open_content, survey
from dagster_project.intake.receipt import REFUSED, Receipt, Refusal
from dagster_project.intake.workshop import UnfinishedError, run

if TYPE_CHECKING:
    from pathlib import Path

    from dagster_project.intake.adapting.language.model import Mapping

# Above this a file is no plan that somebody looks at before it is sent, and reading it twice would keep a person waiting.
MOST_BYTES = 32 * limits.MEGABYTE
SECONDS = 60.0


@dataclass(frozen=True)
class Preview:
    """`changes` is None for a first version, for feeds of events and for files that are refused."""

    receipt: Receipt
    changes: Changes | None
    references: tuple[Refusal, ...]


@dataclass(frozen=True)
class _Around:
    """What a worker, which has no register, must know of it."""

    as_of: dt.datetime
    versions: list[dict[str, Any]]
    publishers: list[str]


def preview(
    data: Path | bytes,
    *,
    feed: str,
    partner: str,
    file_name: str | None = None,
    as_of: dt.datetime | None = None,
    mapping: Mapping | None = None,
) -> Preview:
    """What `submit` would answer, and what would come of it; `mapping` is one to try that is not kept. LookupError for an unknown feed."""
    receipt = check(data, feed=feed, partner=partner, file_name=file_name, as_of=as_of, mapping=mapping)
    size = len(data) if isinstance(data, bytes) else data.stat().st_size
    if receipt.status == REFUSED or size > MOST_BYTES:
        return Preview(receipt, None, ())
    moment = dt.datetime.fromisoformat(receipt.as_of)
    around = _Around(moment, register.versions(partner=partner, feed=feed, as_of=moment), publishers_for(partner))
    try:
        found, references = run(_look, data, feed, partner, around, mapping, seconds=SECONDS)
    except UnfinishedError:
        return Preview(receipt, None, ())
    return Preview(receipt, found, tuple(references))


def _look(data: Path | bytes, feed: str, partner: str, around: _Around, mapping: Mapping | None) -> tuple[Changes | None, list[Refusal]]:
    """What the worker does: the accepted rows against what is there already."""
    contract, content = contract_of(feed), open_content(data)
    with cursor() as connection:
        outcome = examine(connection, content, survey(content), contract, partner=partner, as_of=around.as_of, mapping=mapping)
        if not outcome.rows_accepted:
            return None, []
        refused = " WHERE row_number NOT IN (SELECT row_number FROM refusal)" if outcome.rows_refused else ""
        accepted = f"(SELECT * FROM staged{refused})"
        found = changes_of(connection, contract, accepted, around.versions, is_whole=not outcome.rows_refused)
        return found, open_references_of(connection, contract, accepted, publishers=around.publishers)
