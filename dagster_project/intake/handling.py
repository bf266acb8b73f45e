"""What a worker does with one file: read and judge it, and write what is to be kept under temporary names. Nothing is decided here."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dagster_project.contracts import contract as contract_of
from dagster_project.intake.engine import cursor
from dagster_project.intake.judging.judgement import Outcome, examine, reads_ahead, refused_outcome, stage_ahead
from dagster_project.intake.keeping.files import Pending, sha256_of
from dagster_project.intake.keeping.landing import disk_errors, submission_path, write_accepted, write_raw, write_refused
from dagster_project.intake.reading.content import open_content
from dagster_project.intake.receipt import FileRefusedError, refuse

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable
    from pathlib import Path

    import duckdb

    from dagster_project.intake.adapting.language.model import Mapping
    from dagster_project.intake.judging.judgement import Ahead
    from dagster_project.intake.keeping.files import Move
    from dagster_project.intake.reading.content import Content, Look, Survey


@dataclass(frozen=True)
class Job:
    """One file to handle: the bytes or where they lie. `mapping` is one to try that is not kept; `is_copied` says that the raw bytes are kept already."""

    data: Path | bytes
    partner: str | None
    feed: str
    as_of: dt.datetime
    mapping: Mapping | None = None
    is_copied: bool = False
    role: str | None = None


@dataclass(frozen=True)
class Told:
    """What the pass over the bytes told; for a large table it comes while that is being read. `seen` is how a large file looked before."""

    surveyed: Survey
    submission_id: str
    seen: Look | None


@dataclass(frozen=True)
class Handled:
    """The verdict, the columns of the register that name the written files, and where those files are to go."""

    outcome: Outcome
    written: dict[str, str]
    moves: tuple[Move, ...]


def handle(job: Job, folder: Path | None, told: Callable[[], Told]) -> Handled:
    """Judge a file; what is to be kept of it is written to `folder`, nothing when there is none. OSError when that cannot be written.

    `told` waits for what the pass over the bytes tells; a large table of text is staged before.
    """
    content, contract = open_content(job.data), contract_of(job.feed)
    with disk_errors():
        if reads_ahead(content):
            with cursor() as connection:
                ahead = stage_ahead(connection, content, contract, partner=job.partner, mapping=job.mapping, survey=lambda: told().surveyed)
                if ahead is not None:
                    return _handle(connection, content, job, folder, told(), ahead)
        with cursor() as connection:
            return _handle(connection, content, job, folder, told(), None)


def _handle(
    connection: duckdb.DuckDBPyConnection, content: Content, job: Job, folder: Path | None, told: Told, ahead: Ahead | None
) -> Handled:
    contract = contract_of(job.feed)
    outcome = examine(
        connection, content, told.surveyed, contract, partner=job.partner, as_of=job.as_of, role=job.role, mapping=job.mapping, ahead=ahead
    )
    if folder is None or not outcome.is_clear_of_identifiers:
        return Handled(replace(outcome, redacted=None), {}, ())
    files = Pending(folder)
    # The disk takes the raw bytes while the processor packs the rows.
    with ThreadPoolExecutor(1) as beside:
        raw = beside.submit(_kept_raw, content, job, told, outcome, files)
        written = _write_rows(connection, job, told.submission_id, outcome, files)
    raw_sha256 = raw.result()
    if raw_sha256 is None:
        return Handled(refused_outcome(_changed()), {}, ())
    return Handled(replace(outcome, redacted=None), {"raw_sha256": raw_sha256, **written}, tuple(files.moves))


def _kept_raw(content: Content, job: Job, told: Told, outcome: Outcome, files: Pending) -> str | None:
    """The SHA-256 of the bytes that are kept: those that were sent, or what is left of them without what must not be stored.

    None when the file is not the one any more that was read.
    """
    if outcome.redacted is not None:
        sha256 = hashlib.sha256(outcome.redacted).hexdigest()
        return sha256 if write_raw((outcome.redacted,), sha256, files) else None
    sha256 = told.surveyed.sha256
    if job.is_copied:
        return sha256 if (told.seen and told.seen.is_still(content.located())) or sha256_of(content.located()) == sha256 else None
    return sha256 if write_raw(content.chunks(), sha256, files) else None


def _write_rows(connection: duckdb.DuckDBPyConnection, job: Job, submission_id: str, outcome: Outcome, files: Pending) -> dict[str, str]:
    """Write the accepted and the refused rows; returns the columns of the register that name the files."""
    written: dict[str, str] = {}
    place = (job.feed, job.partner or "", submission_id)
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
