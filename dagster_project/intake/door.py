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
from dagster_project.home import home
from dagster_project.intake import limits
from dagster_project.intake.adapting.sheets.mapping import mapping_title
from dagster_project.intake.admission import require_past, sender_role, stranger
from dagster_project.intake.answering.again import said_again
from dagster_project.intake.first_pass import FirstPass
from dagster_project.intake.handling import Handled, Job, Told, handle
from dagster_project.intake.judging.judgement import Outcome, refused_outcome
from dagster_project.intake.judging.repeating import file_name_shown
from dagster_project.intake.keeping.files import NotKeptError, pending
from dagster_project.intake.reading.content import open_content
from dagster_project.intake.receipt import Receipt, refuse
from dagster_project.intake.worker import MEMORY
from dagster_project.intake.workshop import TIME, UnfinishedError, run
from dagster_project.register.tables import utc_text
from dagster_project.wording import one

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster_project.contracts import Contract
    from dagster_project.intake.adapting.language.model import Mapping
    from dagster_project.intake.keeping.files import Pending
    from dagster_project.intake.reading.content import Content

LOG = logging.getLogger(__name__)
PLAN = "snapshot"
ID_LENGTH = 20


@dataclass(frozen=True)
class _Letter:
    """What is known of a submission before its rows are read."""

    partner: str | None
    feed: str
    file_name: str
    received_at: dt.datetime
    as_of: dt.datetime
    is_replay: bool
    name_kind: str | None
    way_in: str = ""
    sent_at: dt.datetime | None = None
    # Known once the bytes were read.
    submission_id: str = ""
    sha256: str = ""


class _SentBeforeError(Exception):
    """These bytes have their receipt already."""

    def __init__(self, letter: _Letter, receipt: dict[str, Any]) -> None:
        super().__init__(letter.submission_id)
        self.letter, self.receipt = letter, receipt


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

    A plan that comes again is in force again. `as_of` is set in a replay of history; otherwise the submission stands for the moment of its receipt. `way_in` is how it came
    (web, api, drop, command); `sent_at` is when, where that is known to be earlier than now: a file may have waited in a folder.
    A file is refused by its receipt, never by an error. OSError when the path cannot be read, ValueError for an `as_of` without its zone
    or in the future.
    """
    first = FirstPass(open_content(data))
    require_past(as_of)
    letter = _letter(data, partner=partner, feed=feed, file_name=file_name, as_of=as_of)
    letter = replace(letter, way_in=way_in, sent_at=sent_at)
    unknown = stranger(partner, feed)
    if unknown is not None:
        # Not recorded: once the partner is let in, the same file must have its chance.
        return _receipt(_with_sha256(letter, first), None, refused_outcome(unknown), None)
    try:
        if not first.is_beside:
            _require_new(_with_sha256(letter, first))
        with _not_kept_in_words(), pending() as files, first.copying(files):
            return _taken_in(letter, first, files)
    except _SentBeforeError as before:
        register.record_sending(_sending(before.letter))
        return _repeated(before.receipt, before.letter)


def _taken_in(letter: _Letter, first: FirstPass, files: Pending) -> Receipt:
    try:
        handled = _handled(letter, first, files.folder)
    except UnfinishedError as error:
        # Not recorded: the reader may be at fault, and a machine less busy may read it.
        letter = _with_sha256(letter, first)
        return _receipt(letter, contract_of(letter.feed).version, _unfinished(letter, first.content, error), None)
    files.moves.extend(handled.moves)
    if first.copies and handled.written:
        first.keep_copy(files)
    return _record(_with_sha256(letter, first), handled, files)


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
    first = FirstPass(open_content(data))
    letter = _letter(data, partner=partner, feed=feed, file_name=file_name, as_of=as_of)
    try:
        outcome = _handled(letter, first, None, mapping).outcome
    except UnfinishedError as error:
        outcome = _unfinished(_with_sha256(letter, first), first.content, error)
    return _receipt(_with_sha256(letter, first), contract.version, outcome, None)


def _letter(data: Path | bytes, *, partner: str | None, feed: str, file_name: str | None, as_of: dt.datetime | None) -> _Letter:
    received_at = dt.datetime.now(dt.UTC)
    name, name_kind = file_name_shown(Path(file_name or (data.name if isinstance(data, Path) else "unnamed")).name)
    return _Letter(
        partner=partner,
        feed=feed,
        file_name=name,
        received_at=received_at,
        as_of=received_at if as_of is None else as_of,
        is_replay=as_of is not None,
        name_kind=name_kind,
    )


def _with_sha256(letter: _Letter, first: FirstPass) -> _Letter:
    """The letter with what the bytes say: their SHA-256, and the number of the submission that follows from it."""
    sha256 = first.survey().sha256
    # The same bytes read by another mapping say something else.
    said = [letter.partner or "", letter.feed, sha256, *filter(None, [mapping_title(letter.partner, letter.feed)])]
    return replace(letter, sha256=sha256, submission_id=hashlib.sha256("\n".join(said).encode()).hexdigest()[:ID_LENGTH])


def _require_new(letter: _Letter) -> None:
    known = register.receipt(letter.submission_id)
    if known is not None:
        raise _SentBeforeError(letter, known)


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


def _handled(letter: _Letter, first: FirstPass, folder: Path | None, mapping: Mapping | None = None) -> Handled:
    """Read and judge in a worker, within the limits. UnfinishedError when it goes beyond them or crashes."""

    def told() -> Told:
        addressed = _with_sha256(letter, first)
        if first.is_beside and folder is not None:
            _require_new(addressed)
        return Told(first.survey(), addressed.submission_id, first.seen)

    content = first.content
    data = content.held if content.held is not None else content.located()
    job = Job(data, letter.partner, letter.feed, letter.as_of, mapping, first.copies, sender_role(letter.partner, contract_of(letter.feed)))
    return run(handle, job, folder, seconds=_seconds(content), meanwhile=told)


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
    return Receipt.from_dict(entry.receipt) if entry.is_new else _repeated(entry.receipt, letter)


def _repeated(known: dict[str, Any], letter: _Letter) -> Receipt:
    """The first receipt, with what it means that the bytes came again."""
    return replace(Receipt.from_dict(known), is_repeat=True, again=said_again(letter.submission_id, _sending(letter)["sent_at"]))


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
        + (f" The file name was not kept: it looks like it holds {one(letter.name_kind)}." if letter.name_kind else ""),
        format=outcome.format,
        mapping=outcome.mapping,
        looks_like=outcome.looks_like,
        rows_warned=outcome.rows_warned,
        warnings=outcome.warnings,
    )
