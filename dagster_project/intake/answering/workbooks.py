"""Asking for an annotated workbook: of a file before it is sent, or of a submission that is kept. The file is read in a worker process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_project import register
from dagster_project.contracts import contract as contract_of
from dagster_project.home import home
from dagster_project.intake.adapting.sheets.mapping import DOCUMENTS, mapping_of, source_contract
from dagster_project.intake.answering.annotated import write_annotated
from dagster_project.intake.answering.own_rows import own_rows
from dagster_project.intake.answering.references import open_references
from dagster_project.intake.answering.suggestions import better_hints
from dagster_project.intake.engine import cursor
from dagster_project.intake.reading.content import kind_of, open_content, survey
from dagster_project.intake.reading.csv_text import quoted_path
from dagster_project.intake.reading.read import File
from dagster_project.intake.reading.unwrap import unwrapped
from dagster_project.intake.receipt import FileRefusedError, Receipt, Refusal
from dagster_project.intake.workshop import UnfinishedError, run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dagster_project.intake.adapting.language.model import Mapping

IDENTIFIER = "direct_identifier"
MOST_FINDINGS = 5_000
SECONDS = 120.0


class NoWorkbookError(Exception):
    """There is no annotated workbook of this file; the message says why."""


def annotated_workbook(
    data: Path | bytes, receipt: Receipt, references: Sequence[Refusal] = (), *, mapping: Mapping | None = None
) -> bytes:
    """The workbook of a file that was checked; `references` are shown among the warnings, `mapping` is one to try that is not kept.

    NoWorkbookError when there is nothing to show.
    """
    more = max(0, receipt.rows_refused - len({refusal.row for refusal in receipt.refusals}))
    return _written(data, receipt, receipt.refusals, (*receipt.warnings, *references), more=more, mapping=mapping)


def annotated_submission(submission_id: str) -> bytes:
    """The workbook of a submission. LookupError when there is none of that number, NoWorkbookError when its file was not kept."""
    row, sealed = register.submission(submission_id), register.receipt(submission_id)
    if row is None or sealed is None:
        raise LookupError(f"There is no submission {submission_id}.")
    receipt = Receipt.from_dict(sealed)
    if row["raw_sha256"] is None:
        raise NoWorkbookError(
            "The file itself was not kept, so there is nothing to mark. Check it again before you send it: then there is."
        )
    errors, count = _kept_refusals(row["refused_path"]) if row["refused_path"] else (list(receipt.refusals), len(receipt.refusals))
    raw = home().raw / row["raw_sha256"][:2] / row["raw_sha256"]
    return _written(raw, receipt, errors, (*receipt.warnings, *open_references(submission_id)), more=count - len(errors))


def _written(
    data: Path | bytes,
    receipt: Receipt,
    errors: Sequence[Refusal],
    warnings: Sequence[Refusal],
    *,
    more: int,
    mapping: Mapping | None = None,
) -> bytes:
    if any(refusal.rule == IDENTIFIER for refusal in receipt.refusals):
        raise NoWorkbookError("The file names a person. Remove that from it first: no copy of it is made here.")
    if (receipt.format or "").split(" ")[0] in DOCUMENTS:
        raise NoWorkbookError("This is a document that a system made, not a table: correct it there. The refused rows can be had as CSV.")
    if not errors and not warnings:
        raise NoWorkbookError("There is nothing to correct in this file.")
    errors = better_hints(errors, feed=receipt.feed, partner=receipt.partner_id or "")
    try:
        if mapping is None and receipt.mapping:
            mapping = mapping_of(receipt.partner_id, receipt.feed)
        book = run(_workbook, data, receipt.feed, mapping, tuple(errors), tuple(warnings), more, seconds=SECONDS)
    except UnfinishedError as error:
        raise NoWorkbookError("The file is too large for a workbook. The refused rows can be had as CSV.") from error
    if book is None:
        raise NoWorkbookError("This file cannot be shown as a workbook: its rows cannot be read.")
    return book


def _workbook(
    data: Path | bytes, feed: str, mapping: Mapping | None, errors: tuple[Refusal, ...], warnings: tuple[Refusal, ...], more: int
) -> bytes | None:
    """What the worker does; None when the file cannot be read so far."""
    contract = contract_of(feed)
    own = contract if mapping is None else source_contract(mapping, contract)
    try:
        with unwrapped(open_content(data)) as (content, _), content.open_path() as path, cursor() as connection:
            file = File(content, path, survey(content), kind_of(content), None)
            in_question = {finding.row for finding in (*errors, *warnings) if finding.row is not None}
            rows = own_rows(connection, file, own, in_question=in_question)
    except FileRefusedError:
        return None
    return write_annotated(rows, own, errors, warnings, more=more)


def _kept_refusals(path: str) -> tuple[list[Refusal], int]:
    """The first reasons of a kept submission, in the order of the file, and how many there are."""
    source = f"read_parquet({quoted_path(home().root / path)}, hive_partitioning = false)"
    with cursor() as connection:
        names = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
        # Rows that were refused before mappings were known have no names of the sender's own.
        own = ", source_column, source_place" if {"source_column", "source_place"} <= names else ""
        query = f"SELECT row_number, column_name, rule, found, expected, hint{own} FROM {source} ORDER BY row_number LIMIT {MOST_FINDINGS}"
        count = int(connection.execute(f"SELECT count(*) FROM {source}").fetchall()[0][0])
        return [Refusal(*row) for row in connection.execute(query).fetchall()], count
