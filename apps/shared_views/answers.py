"""The door's answer on a screen: verdict, what to correct, what to look at, what it changes, and the files that help to correct it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from apps.shared_views import cards, exports, frame, words
from dagster_project import register
from dagster_project.intake.answering.changes import Changes, changes
from dagster_project.intake.answering.preview import preview
from dagster_project.intake.answering.references import open_references
from dagster_project.intake.answering.suggestions import better_hints
from dagster_project.intake.answering.workbooks import NoWorkbookError, annotated_submission, annotated_workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from dagster_project.intake.adapting.language.model import Mapping
    from dagster_project.intake.receipt import Receipt, Refusal

AT_ONCE = 10  # refused rows that stand open; the others unfold
SHOWN = 500
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NOTHING_TO_MARK = ""


@dataclass(frozen=True)
class Answer:
    """A receipt with what is computed beside it. `workbook` is empty when there is none; `no_workbook` then says why, or nothing."""

    receipt: Receipt
    changes: Changes | None
    references: tuple[Refusal, ...]
    workbook: bytes
    no_workbook: str

    @property
    def has_findings(self) -> bool:
        """Whether there is anything to correct or to look at."""
        return bool(self.receipt.refusals or self.receipt.warnings or self.references)


def of_file(content: bytes, *, feed: str, partner: str, file_name: str, mapping: Mapping | None = None) -> Answer:
    """The answer to a file before it is sent; nothing is kept. `mapping` is a way of reading it to try."""
    found = preview(content, feed=feed, partner=partner, file_name=file_name, mapping=mapping)
    workbook, why = b"", NOTHING_TO_MARK
    if found.receipt.refusals or found.receipt.warnings or found.references:
        try:
            workbook = annotated_workbook(content, found.receipt, found.references, mapping=mapping)
        except NoWorkbookError as error:
            why = str(error)
    return Answer(_with_known_values(found.receipt, partner), found.changes, found.references, workbook, why)


def of_submission(receipt: Receipt) -> Answer:
    """The answer to a file that was sent, as it stands now: a reference that has come since is open no more."""
    found = _with_known_values(receipt, receipt.partner_id or "")
    return Answer(found, changes(receipt.submission_id), tuple(open_references(receipt.submission_id)), *_kept_workbook(receipt))


def _kept_workbook(receipt: Receipt) -> tuple[bytes, str]:
    row = register.submission(receipt.submission_id)
    if row is None or row["raw_sha256"] is None or not (receipt.refusals or receipt.warnings):
        return b"", NOTHING_TO_MARK
    try:
        return annotated_submission(receipt.submission_id), NOTHING_TO_MARK
    except NoWorkbookError as error:
        return b"", str(error)


def _with_known_values(receipt: Receipt, partner: str) -> Receipt:
    return replace(receipt, refusals=tuple(better_hints(receipt.refusals, feed=receipt.feed, partner=partner)))


def show(answer: Answer, *, is_preview: bool, key: str) -> None:
    """All of it, the most pressing first."""
    verdict(answer.receipt, is_preview=is_preview)
    details(answer, is_preview=is_preview, key=key)


def details(answer: Answer, *, is_preview: bool, key: str) -> None:
    """What stands below the verdict."""
    receipt = answer.receipt
    if answer.has_findings:
        files(answer, key=key)
    if receipt.refusals:
        more = "" if receipt.rows_refused <= len(receipt.refusals) else " (the first ones; the workbook and the CSV hold more)"
        st.markdown(f"**What to correct**{more}")
        findings(receipt.refusals)
    if receipt.warnings:
        st.markdown(f"**Please have a look** · {words.count(receipt.rows_warned, 'row')} taken, but something is unusual")
        findings(receipt.warnings)
    if answer.references:
        unknown(answer.references)
    if answer.changes is not None:
        effect(answer.changes, is_preview=is_preview)


def verdict(receipt: Receipt, *, is_preview: bool) -> None:
    """Green, amber or red in a word, with the counts."""
    counts = f"{words.count(receipt.rows_sent, 'row')} read, {words.number(receipt.rows_accepted)} accepted, {words.number(receipt.rows_refused)} refused."
    detail = "A check only: nothing has been kept." if is_preview else receipt_line(receipt)
    read_as = f" Read with your mapping {receipt.mapping}." if receipt.mapping else ""
    frame.html(cards.verdict(receipt.status, receipt.message or counts, f"{receipt.file_name}: {counts} {detail}{read_as}"))


def receipt_line(receipt: Receipt) -> str:
    """Number, time and what happens next."""
    line = f"Receipt {receipt.submission_id[:12]}… · received {words.moment(receipt.received_at)}."
    if receipt.again is not None:
        line += f" {receipt.again.sentence}"
    return f"{line} It counts from the next plan on." if receipt.status != "refused" else f"{line} Nothing of it enters the plan."


def files(answer: Answer, *, key: str) -> None:
    """The same rows with the wrong cells marked, and the refused rows as a list."""
    feed = answer.receipt.feed
    with st.container(horizontal=True):
        if answer.workbook:
            download(
                "Download the marked workbook",
                answer.workbook,
                f"{feed}-to-correct.xlsx",
                XLSX,
                key=f"{key}_workbook",
                is_first=bool(answer.receipt.refusals),
            )
        if answer.receipt.refusals:
            table = exports.refusal_table([{**row, "row": row["number"]} for row in _rows(answer.receipt.refusals)])
            download("Refused rows as CSV", exports.safe_csv(table), f"refused-{feed}.csv", "text/csv", key=f"{key}_csv")
    if answer.workbook:
        st.caption(
            "The marked workbook holds your own rows: wrong cells are red with a note, and the sheet \u201cErrors\u201d leads to each."
            " Correct them, save it, and choose it here as your file: it can be sent as it is."
        )
    elif answer.no_workbook:
        st.caption(answer.no_workbook)


def download(label: str, content: bytes | Callable[[], bytes], file_name: str, mime: str, *, key: str, is_first: bool = False) -> None:
    """A file to take home; the page stays as it is."""
    kind: Literal["primary", "secondary"] = "primary" if is_first else "secondary"
    st.download_button(label, content, file_name=file_name, mime=mime, key=key, type=kind, on_click="ignore", icon=":material/download:")


def findings(found: Sequence[Refusal]) -> None:
    """A table of findings, the first ones open."""
    rows = _rows(found[:SHOWN])
    frame.html(cards.refusals(rows[:AT_ONCE]))
    if len(rows) > AT_ONCE:
        with st.expander(f"Show {words.count(len(rows) - AT_ONCE, 'more finding')}"):
            frame.html(cards.refusals(rows[AT_ONCE:]))
    if len(found) > SHOWN:
        st.caption(f"The first {SHOWN} of {words.number(len(found))} are shown.")


def unknown(references: Sequence[Refusal]) -> None:
    """Values that no other file answers to yet: no mistake for certain, and nothing to do if the other file is on its way."""
    st.markdown("**Not known yet** · taken, and these notes go away by themselves when the other file arrives")
    frame.html(cards.wrapped(_rows(references[:SHOWN]), {"row": "Row", "column": "Column", "found": "Value", "hint": "What it may be"}))


def effect(found: Changes, *, is_preview: bool) -> None:
    """What the plan becomes, against the sender's version in force."""
    st.markdown(f"**Against your last version** · {'would change' if is_preview else 'changed'}")
    frame.html(cards.effect(found.sentence, [(change.row, change.column, change.before, change.after) for change in found.largest]))


def refused_rows(table: pd.DataFrame, *, key: str, file_name: str) -> None:
    """Refused rows of an earlier version as a table with the way to repair each, and as a file."""
    rows = table.head(SHOWN).to_dict("records")
    frame.html(cards.refusals(rows[:AT_ONCE]))
    if len(rows) > AT_ONCE:
        with st.expander(f"Show {words.count(len(rows) - AT_ONCE, 'more finding')}"):
            frame.html(cards.refusals(rows[AT_ONCE:]))
    if len(table) > SHOWN:
        st.caption(f"The first {SHOWN} of {words.number(len(table))} are shown; the file holds them all.")
    download("Refused rows as CSV", exports.safe_csv(table), file_name, "text/csv", key=f"{key}_csv")


def _rows(found: Sequence[Refusal]) -> list[dict[str, Any]]:
    return [
        {
            "row": finding.source_place or finding.row,
            "number": finding.row,
            "column": finding.source_column or finding.column,
            "found": "(empty)" if finding.found is None else finding.found,
            "expected": finding.expected,
            "hint": finding.hint,
            "rule": finding.rule,
        }
        for finding in found
    ]
