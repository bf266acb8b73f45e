"""The one way in: `submit` judges a file, keeps what is good and answers with a receipt; `check` only answers."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project import register
from dagster_project.contracts import contract as contract_of
from dagster_project.contracts import feeds
from dagster_project.home import home
from dagster_project.intake import limits
from dagster_project.intake.adapting.sheets.mapping import mapping_title
from dagster_project.intake.handling import Handled, Job, handle
from dagster_project.intake.judging.judgement import Outcome, refused_outcome
from dagster_project.intake.judging.repeating import file_name_shown
from dagster_project.intake.keeping.files import NotKeptError, pending
from dagster_project.intake.reading.content import open_content, survey
from dagster_project.intake.receipt import FileRefusedError, Receipt, refuse
from dagster_project.intake.worker import MEMORY
from dagster_project.intake.workshop import TIME, UnfinishedError, run
from dagster_project.register.partners import is_partner_id
from dagster_project.register.tables import utc_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster_project.contracts import Contract
    from dagster_project.intake.adapting.language.model import Mapping
    from dagster_project.intake.keeping.files import Pending
    from dagster_project.intake.reading.content import Content, Survey

LOG = logging.getLogger(__name__)
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
    way_in: str = ""
    sent_at: dt.datetime | None = None


def submit(  # noqa: PLR0913 - what a sender can say about a file, each by its name
    data: Path | bytes,
    *,
    partner: str,
    feed: str,
    file_name: str | None = None,
    as_of: dt.datetime | None = None,
    way_in: str = "command",
    sent_at: dt.datetime | None = None,
) -> Receipt:
    """Take in one file of `partner` for `feed`; the same bytes again give the first receipt again, and count as sent again.

    `as_of` is set in a replay of history; otherwise the submission stands for the moment of its receipt. `way_in` is how it came
    (web, api, drop, command); `sent_at` is when, where that is known to be earlier than now: a file may have waited in a folder.
    A file is refused by its receipt, never by an error. OSError when the path cannot be read, ValueError for an `as_of` without its zone
    or in the future.
    """
    content = open_content(data)
    surveyed = survey(content)
    _require_past(as_of)
    letter = _letter(data, surveyed.sha256, partner=partner, feed=feed, file_name=file_name, as_of=as_of)
    letter = replace(letter, way_in=way_in, sent_at=sent_at)
    stranger = _stranger(partner, feed)
    if stranger is not None:
        # Not recorded: once the partner is let in, the same file must have its chance.
        return _receipt(letter, None, refused_outcome(stranger), None)
    known = register.receipt(letter.submission_id)
    if known is not None:
        register.record_sending(_sending(letter))
        return replace(Receipt.from_dict(known), is_repeat=True)
    with _not_kept_in_words(), pending() as files:
        try:
            handled = _handled(letter, content, surveyed, files.folder)
        except UnfinishedError as error:
            # Not recorded either: the reader may be at fault, and a machine less busy may read it.
            return _receipt(letter, contract_of(feed).version, _unfinished(letter, content, error), None)
        files.moves.extend(handled.moves)
        return _record(letter, handled, files)


def check(
    data: Path | bytes,
    *,
    feed: str,
    partner: str | None = None,
    file_name: str | None = None,
    as_of: dt.datetime | None = None,
    mapping: Mapping | None = None,
) -> Receipt:
    """The receipt that `submit` would give for these bytes; nothing is kept, so `as_of` may lie in the future. LookupError for an unknown feed.

    Without `partner` a file is judged by the contract alone, whatever mappings partners have; `mapping` is one to try before it is kept.
    """
    contract = contract_of(feed)
    content = open_content(data)
    surveyed = survey(content)
    letter = _letter(data, surveyed.sha256, partner=partner, feed=feed, file_name=file_name, as_of=as_of)
    try:
        outcome = _handled(letter, content, surveyed, None, mapping).outcome
    except UnfinishedError as error:
        outcome = _unfinished(letter, content, error)
    return _receipt(letter, contract.version, outcome, None)


def _letter(
    data: Path | bytes, sha256: str, *, partner: str | None, feed: str, file_name: str | None, as_of: dt.datetime | None
) -> _Letter:
    received_at = dt.datetime.now(dt.UTC)
    # The same bytes read by another mapping say something else.
    read_by = mapping_title(partner, feed)
    name, name_kind = file_name_shown(Path(file_name or (data.name if isinstance(data, Path) else "unnamed")).name)
    return _Letter(
        submission_id=hashlib.sha256("\n".join([partner or "", feed, sha256, *filter(None, [read_by])]).encode()).hexdigest()[:ID_LENGTH],
        partner=partner,
        feed=feed,
        file_name=name,
        received_at=received_at,
        as_of=received_at if as_of is None else as_of,
        is_replay=as_of is not None,
        sha256=sha256,
        name_kind=name_kind,
    )


def _sending(letter: _Letter) -> dict[str, Any]:
    """That this file came, as the register writes it down. A replay came when it stands for; nothing came later than now."""
    came_at = letter.as_of if letter.is_replay or letter.sent_at is None else min(letter.sent_at, letter.received_at)
    return {
        "submission_id": letter.submission_id,
        "sent_at": came_at,
        "received_at": letter.received_at,
        "file_name": letter.file_name,
        "way_in": letter.way_in,
    }


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


def _handled(letter: _Letter, content: Content, surveyed: Survey, folder: Path | None, mapping: Mapping | None = None) -> Handled:
    """Read and judge in a worker, within the limits. UnfinishedError when it goes beyond them or crashes."""
    data = content.held if content.held is not None else content.located()
    job = Job(data, surveyed, letter.submission_id, letter.partner, letter.feed, letter.as_of, mapping)
    return run(handle, job, folder, seconds=_seconds(content))


def _seconds(content: Content) -> float:
    return limits.READ_SECONDS + limits.READ_SECONDS_PER_MEGABYTE * content.size / limits.MEGABYTE


def _unfinished(letter: _Letter, content: Content, error: UnfinishedError) -> Outcome:
    """The answer when a worker had to be stopped, or stopped by itself. The operator finds the place in the log, the sender what to do."""
    LOG.error("submission %s (%s, %s) was not read: %s %s", letter.submission_id, letter.partner, letter.feed, error.why, error.where)
    if error.why == TIME:
        found, expected = "a file that is still not read", f"one that is read within {_seconds(content):,.0f} seconds"
        refused = refuse("too_complex", found, expected, "Split it, for instance by month, or send it as CSV or Parquet.")
    elif error.why == MEMORY:
        found, expected = "a file that takes more memory than there is for one", "a smaller one, or one in a simpler format"
        refused = refuse("too_complex", found, expected, "Split it, for instance by month, or send it as CSV or Parquet.")
    else:
        found, expected = "a file that our reader cannot get through", "one that it can"
        refused = refuse(
            "reader_failed",
            found,
            expected,
            "Save it anew, if possible as CSV (UTF-8), and send that; our operator finds the fault in the log.",
        )
    return refused_outcome(refused)


@contextmanager
def _not_kept_in_words() -> Iterator[None]:
    """A disk that cannot take the file, or a register that does not answer, in a sentence that tells the sender it is safe to try again."""
    try:
        yield
    except register.RegisterUnavailableError:
        raise
    except OSError as error:
        raise NotKeptError(
            f"The file could not be kept: {error.strerror or error} (state folder {home().root}). Nothing of it was registered: send the same file again once there is room."
        ) from error


def _record(letter: _Letter, handled: Handled, files: Pending) -> Receipt:
    """Place the files and write the register; of two equal submissions at once the later gets the receipt of the earlier."""
    contract = contract_of(letter.feed)
    entry = register.record(
        {**_columns(letter, contract, handled.outcome), **handled.written},
        lambda supersedes: _receipt(letter, contract.version, handled.outcome, supersedes).to_dict(),
        place_files=files.place,
        is_plan=contract.delivery == PLAN,
        sending=_sending(letter),
    )
    return replace(Receipt.from_dict(entry.receipt), is_repeat=not entry.is_new)


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
