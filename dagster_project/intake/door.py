"""The one way in: `submit` judges a file, keeps what is good and answers with a receipt; `check` only answers."""

from __future__ import annotations

import datetime as dt
import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project import register
from dagster_project.contracts import contract as contract_of
from dagster_project.contracts import feeds
from dagster_project.intake import limits
from dagster_project.intake.engine import cursor
from dagster_project.intake.judging.judgement import Outcome, examine, refused_outcome
from dagster_project.intake.judging.repeating import file_name_shown
from dagster_project.intake.keeping.files import pending
from dagster_project.intake.keeping.landing import submission_path, write_accepted, write_raw, write_refused
from dagster_project.intake.reading.content import open_content, survey
from dagster_project.intake.receipt import FileRefusedError, Receipt, refuse
from dagster_project.register.partners import is_partner_id
from dagster_project.register.tables import utc_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

    from dagster_project.contracts import Contract
    from dagster_project.intake.keeping.files import Pending
    from dagster_project.intake.reading.content import Content

PLAN = "snapshot"
ID_LENGTH = 20


@dataclass(frozen=True)
class _Letter:
    """What is known of a submission before its rows are read."""

    submission_id: str
    partner: str | None
    feed: str
    file_name: str
    received_at: dt.datetime
    as_of: dt.datetime
    is_replay: bool
    sha256: str
    name_kind: str | None


def submit(data: Path | bytes, *, partner: str, feed: str, file_name: str | None = None, as_of: dt.datetime | None = None) -> Receipt:
    """Take in one file of `partner` for `feed`; the same bytes again give the first receipt again.

    `as_of` is set in a replay of history; otherwise the submission stands for the moment of its receipt.
    A file is refused by its receipt, never by an error. OSError when the path cannot be read, ValueError for an `as_of` without its zone
    or in the future.
    """
    content = open_content(data)
    surveyed = survey(content)
    _require_past(as_of)
    letter = _letter(data, surveyed.sha256, partner=partner, feed=feed, file_name=file_name, as_of=as_of)
    stranger = _stranger(partner, feed)
    if stranger is not None:
        # Not recorded: once the partner is let in, the same file must have its chance.
        return _receipt(letter, None, refused_outcome(stranger), None)
    known = register.receipt(letter.submission_id)
    if known is not None:
        return replace(Receipt.from_dict(known), is_repeat=True)
    contract = contract_of(feed)
    with cursor() as connection, pending() as files:
        outcome = examine(connection, content, surveyed, contract, partner=partner, as_of=letter.as_of)
        return _keep(connection, letter, contract, content, outcome, files)


def check(
    data: Path | bytes, *, feed: str, partner: str | None = None, file_name: str | None = None, as_of: dt.datetime | None = None
) -> Receipt:
    """The receipt that `submit` would give for these bytes; nothing is kept, so `as_of` may lie in the future. LookupError for an unknown feed.

    Without `partner` a file is judged by the contract alone, whatever mappings partners have.
    """
    contract = contract_of(feed)
    content = open_content(data)
    surveyed = survey(content)
    letter = _letter(data, surveyed.sha256, partner=partner, feed=feed, file_name=file_name, as_of=as_of)
    with cursor() as connection:
        outcome = examine(connection, content, surveyed, contract, partner=partner, as_of=letter.as_of)
        return _receipt(letter, contract.version, outcome, None)


def _letter(
    data: Path | bytes, sha256: str, *, partner: str | None, feed: str, file_name: str | None, as_of: dt.datetime | None
) -> _Letter:
    received_at = dt.datetime.now(dt.UTC)
    name, name_kind = file_name_shown(Path(file_name or (data.name if isinstance(data, Path) else "unnamed")).name)
    return _Letter(
        submission_id=hashlib.sha256(f"{partner or ''}\n{feed}\n{sha256}".encode()).hexdigest()[:ID_LENGTH],
        partner=partner,
        feed=feed,
        file_name=name,
        received_at=received_at,
        as_of=received_at if as_of is None else as_of,
        is_replay=as_of is not None,
        sha256=sha256,
        name_kind=name_kind,
    )


def _require_past(as_of: dt.datetime | None) -> None:
    if as_of is None:
        return
    if as_of.tzinfo is None:
        raise ValueError("The as-of time does not say its zone.")
    if as_of > dt.datetime.now(dt.UTC) + limits.CLOCK_TOLERANCE:
        raise ValueError(f"The as-of time {utc_text(as_of)} lies in the future: a replay stands for the past.")


def _stranger(partner: str, feed: str) -> FileRefusedError | None:
    """Why this partner may not send this feed, or None."""
    role = register.partner_role(partner)
    if role is None:
        return refuse(
            "partner",
            f"the partner {partner!r}",
            "a registered partner",
            f"Ask the operator to run: veinway partner add {partner} --role ROLE"
            if is_partner_id(partner)
            else "A partner's id has 2 to 40 small letters, digits and hyphens: check --partner.",
        )
    if feed not in feeds():
        return refuse("feed", f"the feed {feed!r}", f"one of: {', '.join(feeds())}", "Check the name of the feed.")
    senders = contract_of(feed).senders
    if role not in senders:
        return refuse(
            "sender_role",
            f"{partner}, a partner with the role {role}",
            f"a sender with the role {' or '.join(senders)}",
            f"This feed comes from: {' or '.join(senders)}. Check --partner and --feed.",
        )
    return None


def _keep(
    connection: duckdb.DuckDBPyConnection, letter: _Letter, contract: Contract, content: Content, outcome: Outcome, files: Pending
) -> Receipt:
    """Write the files, then the register; of two equal submissions at once the later gets the receipt of the earlier."""
    written: dict[str, str] = {}
    if outcome.is_clear_of_identifiers:
        chunks, raw_sha256 = _to_keep(content, letter, outcome)
        # The disk takes the raw bytes while the processor packs the rows.
        with ThreadPoolExecutor(1) as beside:
            is_same = beside.submit(write_raw, chunks, raw_sha256, files)
            written = {"raw_sha256": raw_sha256, **_write_rows(connection, letter, contract, outcome, files)}
        if not is_same.result():
            files.drop_all()
            outcome, written = refused_outcome(_changed()), {}
    entry = register.record(
        {**_columns(letter, contract, outcome), **written},
        lambda supersedes: _receipt(letter, contract.version, outcome, supersedes).to_dict(),
        place_files=files.place,
        is_plan=contract.delivery == PLAN,
    )
    return Receipt.from_dict(entry.receipt)


def _to_keep(content: Content, letter: _Letter, outcome: Outcome) -> tuple[Iterable[bytes], str]:
    """The bytes to keep and their SHA-256: those that were sent, or what is left of them without what must not be stored."""
    if outcome.redacted is None:
        return content.chunks(), letter.sha256
    return (outcome.redacted,), hashlib.sha256(outcome.redacted).hexdigest()


def _write_rows(
    connection: duckdb.DuckDBPyConnection,
    letter: _Letter,
    contract: Contract,
    outcome: Outcome,
    files: Pending,
) -> dict[str, str]:
    """Write the accepted and the refused rows; returns the columns of the register that name the files."""
    written: dict[str, str] = {}
    place = (letter.feed, letter.partner or "", letter.submission_id)
    if outcome.rows_accepted:
        path = submission_path("landing", *place)
        written |= {"landing_path": path, "landing_sha256": write_accepted(connection, contract, outcome, path, files)}
    if outcome.rows_refused:
        path = submission_path("refused", *place)
        written |= {"refused_path": path, "refused_sha256": write_refused(connection, path, files)}
    return written


def _changed() -> FileRefusedError:
    return refuse(
        "changed_while_read", "a file that changed while it was read", "a file that is complete", "Send it again once it is written."
    )


def _columns(letter: _Letter, contract: Contract, outcome: Outcome) -> dict[str, Any]:
    nothing_written = dict.fromkeys(("landing_path", "landing_sha256", "refused_path", "refused_sha256", "raw_sha256"))
    return {
        **nothing_written,
        "submission_id": letter.submission_id,
        "partner_id": letter.partner,
        "feed": letter.feed,
        "file_name": letter.file_name,
        "status": outcome.status,
        "rows_sent": outcome.rows_sent,
        "rows_accepted": outcome.rows_accepted,
        "rows_refused": outcome.rows_refused,
        "as_of": letter.as_of,
        "received_at": letter.received_at,
        "is_replay": letter.is_replay,
        "sha256": letter.sha256,
        "contract_version": contract.version,
        "period_from": outcome.period_from,
        "period_to": outcome.period_to,
    }


def _receipt(letter: _Letter, contract_version: str | None, outcome: Outcome, supersedes: str | None) -> Receipt:
    return Receipt(
        submission_id=letter.submission_id,
        partner_id=letter.partner,
        feed=letter.feed,
        file_name=letter.file_name,
        status=outcome.status,
        rows_sent=outcome.rows_sent,
        rows_accepted=outcome.rows_accepted,
        rows_refused=outcome.rows_refused,
        refusals=outcome.refusals,
        received_at=utc_text(letter.received_at),
        as_of=utc_text(letter.as_of),
        is_replay=letter.is_replay,
        sha256=letter.sha256,
        contract_version=contract_version,
        supersedes=supersedes,
        message=outcome.message
        + (f" The file name was not kept: it looks like it holds a {letter.name_kind}." if letter.name_kind else ""),
        format=outcome.format,
        mapping=outcome.mapping,
        looks_like=outcome.looks_like,
        rows_warned=outcome.rows_warned,
        warnings=outcome.warnings,
    )
