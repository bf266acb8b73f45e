"""What a worker does with one file: read and judge it, and write what is to be kept under temporary names. Nothing is decided here."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dagster_project.contracts import contract as contract_of
from dagster_project.intake.engine import cursor
from dagster_project.intake.judging.judgement import Outcome, examine, refused_outcome
from dagster_project.intake.keeping.files import Pending
from dagster_project.intake.keeping.landing import disk_errors, submission_path, write_accepted, write_raw, write_refused
from dagster_project.intake.reading.content import open_content
from dagster_project.intake.receipt import FileRefusedError, refuse

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable
    from pathlib import Path

    import duckdb

    from dagster_project.intake.adapting.language.model import Mapping
    from dagster_project.intake.keeping.files import Move
    from dagster_project.intake.reading.content import Content, Survey


@dataclass(frozen=True)
class Job:
    """One file to handle: the bytes or where they lie, and what is known of them before they are read. `mapping` is one to try that is not kept."""

    data: Path | bytes
    surveyed: Survey
    submission_id: str
    partner: str | None
    feed: str
    as_of: dt.datetime
    mapping: Mapping | None = None


@dataclass(frozen=True)
class Handled:
    """The verdict, the columns of the register that name the written files, and where those files are to go."""

    outcome: Outcome
    written: dict[str, str]
    moves: tuple[Move, ...]


def handle(job: Job, folder: Path | None) -> Handled:
    """Judge a file; what is to be kept of it is written to `folder`, nothing when there is none. OSError when that cannot be written."""
    content = open_content(job.data)
    with disk_errors(), cursor() as connection:
        outcome = examine(
            connection, content, job.surveyed, contract_of(job.feed), partner=job.partner, as_of=job.as_of, mapping=job.mapping
        )
        if folder is None or not outcome.is_clear_of_identifiers:
            return Handled(replace(outcome, redacted=None), {}, ())
        files = Pending(folder)
        chunks, raw_sha256 = _to_keep(content, job, outcome)
        # The disk takes the raw bytes while the processor packs the rows.
        with ThreadPoolExecutor(1) as beside:
            is_same = beside.submit(write_raw, chunks, raw_sha256, files)
            written = {"raw_sha256": raw_sha256, **_write_rows(connection, job, outcome, files)}
        if not is_same.result():
            return Handled(refused_outcome(_changed()), {}, ())
        return Handled(replace(outcome, redacted=None), written, tuple(files.moves))


def _to_keep(content: Content, job: Job, outcome: Outcome) -> tuple[Iterable[bytes], str]:
    """The bytes to keep and their SHA-256: those that were sent, or what is left of them without what must not be stored."""
    if outcome.redacted is None:
        return content.chunks(), job.surveyed.sha256
    return (outcome.redacted,), hashlib.sha256(outcome.redacted).hexdigest()


def _write_rows(connection: duckdb.DuckDBPyConnection, job: Job, outcome: Outcome, files: Pending) -> dict[str, str]:
    """Write the accepted and the refused rows; returns the columns of the register that name the files."""
    written: dict[str, str] = {}
    place = (job.feed, job.partner or "", job.submission_id)
    if outcome.rows_accepted:
        path = submission_path("landing", *place)
        written |= {"landing_path": path, "landing_sha256": write_accepted(connection, contract_of(job.feed), outcome, path, files)}
    if outcome.rows_refused:
        path = submission_path("refused", *place)
        written |= {"refused_path": path, "refused_sha256": write_refused(connection, path, files)}
    return written


def _changed() -> FileRefusedError:
    return refuse(
        "changed_while_read", "a file that changed while it was read", "a file that is complete", "Send it again once it is written."
    )
