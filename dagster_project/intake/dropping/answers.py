"""What a sender finds in `done/` or `refused/`: the file, its receipt as JSON and in words, and the workbook with the marked rows."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

from dagster_project import register
from dagster_project.intake.answering.changes import changes
from dagster_project.intake.answering.references import open_references
from dagster_project.intake.answering.workbooks import IDENTIFIER, NoWorkbookError, annotated_submission
from dagster_project.intake.dropping.folders import folder_within, move, remove, write_within
from dagster_project.intake.receipt import REFUSED
from dagster_project.register.tables import utc_text
from dagster_project.wording import count_of

if TYPE_CHECKING:
    import os

    from dagster_project.intake.receipt import Receipt, Refusal

DONE, TURNED_AWAY = "done", "refused"
REMOVED = "removed_from_drop_folder"
MOST_IN_WORDS = 20
# Room for the endings within the 255 bytes that a name may have.
LONGEST_NAME = 160


def answer(receipt: Receipt, *, name: str, at: int, about: os.stat_result, sent_at: dt.datetime) -> bool:
    """Put the receipt beside the file and move the file out of the way; False when a newer file has taken its name meanwhile.

    Run again for the same file it writes the same names, so a process that was killed half-way can simply begin anew.
    """
    kept = register.submission(receipt.submission_id)
    # As it was sent: of a document about patients the door keeps only what is left without them.
    is_kept = kept is not None and kept["raw_sha256"] == kept["sha256"]
    stem = f"{sent_at:%Y-%m-%dT%H%M%SZ}{mark(receipt.submission_id)}{shortened(receipt.file_name)}"
    with folder_within(TURNED_AWAY if receipt.status == REFUSED else DONE, at=at) as folder:
        workbook = _workbook(receipt) if is_kept else None
        if workbook is not None:
            write_within(f"{stem}.annotated.xlsx", workbook, at=folder)
        text = json.dumps(receipt.to_dict(), indent=2, ensure_ascii=False) + "\n"
        write_within(f"{stem}.receipt.json", text.encode(), at=folder)
        words = in_words(receipt, sent_at=sent_at, is_kept=is_kept, has_workbook=workbook is not None)
        write_within(f"{stem}.receipt.txt", words.encode(), at=folder)
        if is_kept:
            return move(name, at=at, to=folder, target=stem, meant=about)
    return _purge(receipt, name, at, about)


def mark(submission_id: str) -> str:
    """What every name of an answer has in it, so that it is found again."""
    return f"_{submission_id[:8]}_"


def _purge(receipt: Receipt, name: str, at: int, about: os.stat_result) -> bool:
    """The door kept no copy of the file, since it may name a patient; so neither does this folder. The ledger says so."""
    body = {"sha256": receipt.sha256, "place": "drop folder", "partner_id": receipt.partner_id, "feed": receipt.feed}
    register.append(REMOVED, receipt.submission_id, body, dt.datetime.now(dt.UTC))
    return remove(name, at=at, meant=about)


def _workbook(receipt: Receipt) -> bytes | None:
    if not receipt.refusals and not receipt.warnings:
        return None
    try:
        return annotated_submission(receipt.submission_id)
    except (NoWorkbookError, LookupError):
        return None


def shortened(name: str) -> str:
    """A file name that any file system can show: nothing unprintable, and not too long; the ending stays."""
    clean = "".join(sign if sign.isprintable() and sign not in "/\\" else "_" for sign in name.encode("utf-8", "replace").decode())
    stem, dot, ending = clean.rpartition(".")
    kept = LONGEST_NAME - len(f"{dot}{ending}".encode()) if dot and len(ending) < 10 else LONGEST_NAME
    cut = (stem if dot and len(ending) < 10 else clean).encode()[:kept].decode("utf-8", "ignore")
    return f"{cut}.{ending}" if dot and len(ending) < 10 else cut


def in_words(receipt: Receipt, *, sent_at: dt.datetime, is_kept: bool, has_workbook: bool) -> str:
    """The receipt as a short text for a person."""
    lines = [
        f"{receipt.status.replace('_', ' ').upper()}: {receipt.file_name}",
        receipt.message,
        "",
        f"Feed: {receipt.feed}. Sent: {sent_at:%Y-%m-%d %H:%M:%S} UTC. Receipt: {receipt.submission_id}.",
    ]
    if receipt.rows_sent:
        lines.append(f"{count_of(receipt.rows_sent, 'row')} sent, {receipt.rows_accepted:,} accepted, {receipt.rows_refused:,} refused.")
    changed = changes(receipt.submission_id)
    if changed is not None:
        lines.append(f"Against your version before: {changed.sentence}")
    if receipt.again is not None and receipt.received_at < utc_text(sent_at):
        lines.append(receipt.again.sentence)
    if not is_kept:
        is_named = any(reason.rule == IDENTIFIER for reason in receipt.refusals)
        unknown = "it was not read far enough to know that it identifies nobody"
        why = (
            "it identifies a person" if is_named else unknown if receipt.status == REFUSED else "a document of this kind tells of patients"
        )
        lines.append(f"The file was removed from this folder and no copy of it was kept as it was sent, because {why}.")
    if has_workbook:
        lines.append(
            "The workbook beside this text shows your rows, with the cells to repair coloured and commented. Correct it and send it again."
        )
    titles = ("To repair", "To look at (these rows were accepted)", "Waiting for another feed (nothing to do)")
    for title, reasons in zip(titles, (receipt.refusals, receipt.warnings, tuple(open_references(receipt.submission_id))), strict=True):
        lines += _reasons(title, reasons)
    return "\n".join(lines) + "\n"


def _reasons(title: str, reasons: tuple[Refusal, ...]) -> list[str]:
    if not reasons:
        return []
    shown = [_reason(reason) for reason in reasons[:MOST_IN_WORDS]]
    more = (
        [f"... and {len(reasons) - MOST_IN_WORDS:,} more; the receipt in JSON lists up to a thousand."] if len(reasons) > len(shown) else []
    )
    return ["", f"{title}:", *shown, *more]


def _reason(reason: Refusal) -> str:
    place = reason.source_place or (f"Row {reason.row}" if reason.row else "The file")
    column = f", column {reason.source_column or reason.column}" if reason.column else ""
    found = "found nothing" if reason.found is None else f"found {reason.found}"
    return f"- {place}{column}: {found}; expected {reason.expected.rstrip('.')}. {reason.hint}"
