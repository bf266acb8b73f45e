"""Receipts on a terminal: one in full, or many as a table of partners with what was refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dagster_project.wording import count_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dagster_project.intake import Receipt, Refusal
    from dagster_project.intake.answering.changes import Changes

COLOURS = {"accepted": "green", "partly_accepted": "yellow", "refused": "red"}
REFUSALS_SHOWN = 20
FILES_SHOWN = 20
# Wide enough that a table in a log or a pipe is not cut.
PIPE_WIDTH = 160


def show_receipt(receipt: Receipt) -> None:
    """Status, counts and the first refusals of one submission."""
    console = _console()
    colour = COLOURS[receipt.status]
    who = f"{receipt.partner_id} · " if receipt.partner_id else ""
    console.print(f"[bold {colour}]{receipt.status.replace('_', ' ')}[/]  {escape(receipt.file_name)}  ({who}{escape(receipt.feed)})")
    console.print(escape(receipt.message))
    if receipt.rows_sent:
        console.print(f"{count_of(receipt.rows_sent, 'row')} sent, {receipt.rows_accepted:,} accepted, {receipt.rows_refused:,} refused")
    else:
        console.print("The file was refused whole, before its rows were counted.")
    if receipt.partner_id:
        console.print(
            f"receipt {receipt.submission_id}, received {receipt.received_at}" + (f", as of {receipt.as_of}" if receipt.is_replay else "")
        )
    if receipt.supersedes:
        console.print(f"replaces the version {receipt.supersedes}, which stays on record")
    if receipt.mapping:
        console.print(f"read by the mapping {escape(receipt.mapping)}")
    _show_findings(console, receipt.refusals)
    if receipt.warnings:
        rows = "row was" if receipt.rows_warned == 1 else "rows were"
        console.print(f"[yellow]To look at:[/] {receipt.rows_warned:,} {rows} taken with a warning.")
        _show_findings(console, receipt.warnings)


def show_effects(changes: Changes | None, references: Sequence[Refusal]) -> None:
    """What a submission changes against the version before, and which references nothing answers to yet. Neither is part of the receipt."""
    console = _console()
    if changes is not None:
        console.print(f"Against the version before: {escape(changes.sentence)}")
        for change in changes.largest:
            console.print(f"  {escape(change.row)}: {change.column} {escape(change.before)} → {escape(change.after)}")
    if references:
        console.print("[yellow]Not known yet:[/] these notes go away by themselves when the other file arrives.")
        _show_findings(console, references)


def _show_findings(console: Console, findings: Sequence[Refusal]) -> None:
    if findings:
        console.print(_refusals(findings[:REFUSALS_SHOWN]))
    if len(findings) > REFUSALS_SHOWN:
        console.print(f"… and {len(findings) - REFUSALS_SHOWN:,} more: see --json, or the workbook of `veinway annotate`.")


def show_summary(receipts: Sequence[Receipt]) -> None:
    """Counts per partner, then the files that were not accepted as they were."""
    console = _console()
    table = Table(title=count_of(len(receipts), "file"))
    for name in ("partner", "files", "accepted", "partly", "refused", "rows accepted", "rows refused"):
        table.add_column(name, justify="left" if name == "partner" else "right")
    for partner in sorted({receipt.partner_id or "" for receipt in receipts}):
        own = [receipt for receipt in receipts if receipt.partner_id == partner]
        by_status = [sum(receipt.status == status for receipt in own) for status in COLOURS]
        rows = [sum(receipt.rows_accepted for receipt in own), sum(receipt.rows_refused for receipt in own)]
        table.add_row(partner, *(f"{count:,}" for count in (len(own), *by_status, *rows)))
    console.print(table)
    refused = [receipt for receipt in receipts if receipt.status == "refused"]
    for receipt in refused[:FILES_SHOWN]:
        console.print(f"[red]refused[/]  {receipt.partner_id}/{receipt.feed}/{escape(receipt.file_name)}: {escape(receipt.message)}")
    if len(refused) > FILES_SHOWN:
        console.print(f"… and {count_of(len(refused) - FILES_SHOWN, 'more refused file')}.")


def _refusals(refusals: Sequence[Refusal]) -> Table:
    table = Table(show_lines=False)
    for name in ("row", "column", "found", "expected", "how to fix it"):
        table.add_column(name, justify="right" if name == "row" else "left", overflow="fold")
    for refusal in refusals:
        cells = (
            refusal.source_column or refusal.column or "",
            refusal.found if refusal.found is not None else "(empty)",
            refusal.expected,
            refusal.hint,
        )
        table.add_row(escape(refusal.source_place or (str(refusal.row) if refusal.row else "file")), *map(escape, cells))
    return table


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PIPE_WIDTH)
