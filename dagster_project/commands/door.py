"""The door on the command line: submit, check, template, ledger, partner, receipt."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dagster_project.commands.receipts import show_effects, show_receipt, show_summary
from dagster_project.wording import count_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from dagster_project.intake import Receipt
    from dagster_project.intake.deliveries import Delivery

EXIT_CODES = {"accepted": 0, "partly_accepted": 3, "refused": 4}
FILES = click.Path(exists=True, path_type=Path)


@click.command()
@click.argument("paths", nargs=-1, required=True, type=FILES)
@click.option("--partner", help="Who sends. Not needed for folders laid out <partner>/<feed>/<file>.")
@click.option("--feed", help="Which feed it is. Not needed for such folders.")
@click.option("--as-of", "as_of", help="Operator only: replay history as of this time, such as 2026-11-16T08:00:00Z.")
@click.option("--json", "as_json", is_flag=True, help="Print the receipt as JSON (a list when there are several).")
@click.pass_context
def submit(ctx: click.Context, paths: tuple[Path, ...], partner: str | None, feed: str | None, as_of: str | None, *, as_json: bool) -> None:
    """Send files, or whole folders, through the door and show the receipts.

    Exit code: 0 all accepted, 3 some rows refused, 4 a file refused whole, 2 wrong usage, 1 nothing could be kept: try again.
    """
    from dagster_project.intake.deliveries import let_partners_in

    try:
        found = [delivery for path in paths for delivery in _deliveries(path, partner, feed, as_of)]
        for path in paths:
            let_partners_in(path)
    except (ValueError, KeyError, OSError) as error:
        raise click.UsageError(_words(error)) from error
    if not found:
        raise click.UsageError("There are no files to send.")
    try:
        receipts = _submit_all(found, quiet=as_json or len(found) == 1)
    except (ValueError, OSError) as error:
        raise click.UsageError(_words(error)) from error
    _report(receipts, as_json=as_json)
    if len(receipts) == 1 and not as_json:
        _effects(receipts[0].submission_id)
    _say_repeats(receipts)
    ctx.exit(max(EXIT_CODES[receipt.status] for receipt in receipts))


@click.command()
@click.argument("path", type=FILES)
@click.option("--feed", required=True, help="Which feed it is.")
@click.option("--partner", help="Who would send it: then also what it changes, and which references are not known yet.")
@click.option("--as-of", "as_of", help="Judge as of this time instead of now.")
@click.option("--json", "as_json", is_flag=True, help="Print the receipt as JSON.")
@click.pass_context
def check(ctx: click.Context, path: Path, feed: str, partner: str | None, as_of: str | None, *, as_json: bool) -> None:
    """Say what the door would answer to a file, and keep nothing."""
    from dagster_project import intake

    try:
        if partner is None or as_json:
            receipt = intake.check(path, feed=feed, partner=partner, as_of=_moment(as_of))
            _report([receipt], as_json=as_json)
        else:
            receipt = _check_for(path, feed, partner, as_of)
    except (LookupError, ValueError, OSError) as error:
        raise click.UsageError(_words(error)) from error
    ctx.exit(EXIT_CODES[receipt.status])


def _check_for(path: Path, feed: str, partner: str, as_of: str | None) -> Receipt:
    from dagster_project.intake.answering.preview import preview

    found = preview(path, feed=feed, partner=partner, as_of=_moment(as_of))
    show_receipt(_with_known_values(found.receipt))
    show_effects(found.changes, found.references)
    return found.receipt


@click.command()
@click.argument("feed")
@click.option("--format", "kind", type=click.Choice(["csv", "xlsx"]), default="csv", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write it; CSV goes to the screen without it.")
@click.option("--force", is_flag=True, help="Write over a file of that name.")
def template(feed: str, kind: str, out: Path | None, *, force: bool) -> None:
    """Write an empty file of a feed, ready to fill in."""
    from dagster_project.contracts import contract
    from dagster_project.contracts import template as templates

    try:
        of = contract(feed)
    except LookupError as error:
        raise click.UsageError(_words(error)) from error
    if kind == "csv" and out is None:
        click.echo(templates.csv_header(of), nl=False)
        return
    target = out or Path(f"{feed}.{kind}")
    if target.exists() and not force:
        raise click.UsageError(f"{target} is there already and may be filled in. Choose another name with --out PATH, or add --force.")
    if kind == "csv":
        target.write_text(templates.csv_header(of), encoding="utf-8", newline="")
    else:
        templates.write_xlsx(of, target)
    click.echo(f"Wrote {target}.")


@click.group()
def ledger() -> None:
    """The chain of receipts, decisions and editions."""


@ledger.command()
@click.pass_context
def verify(ctx: click.Context) -> None:
    """Compare the ledger with the register and every kept file. Exit code 1 when anything was changed."""
    from dagster_project import register
    from dagster_project.home import home

    with _state_in_words():
        findings = register.verify()
    for finding in findings:
        click.echo(f"{finding.subject}: {finding.problem}.")
    held = len(register.submissions())
    if findings:
        click.echo(f"{count_of(len(findings), 'finding')}.")
    elif not held:
        click.echo(f"There is nothing here yet: {home().root}")
    else:
        click.echo(f"Everything is as it was written: {count_of(held, 'submission')}, their files and the chain.")
    ctx.exit(1 if findings else 0)


@click.group()
def partner() -> None:
    """Who may send."""


@partner.command(name="add")
@click.argument("partner_id")
@click.option("--role", required=True, help="hospital, plant, supplier, courier, operator or executive.")
def add(partner_id: str, role: str) -> None:
    """Let a partner in; for a known partner, change its role."""
    from dagster_project import register

    try:
        register.add_partner(partner_id, role)
    except (ValueError, OSError) as error:
        raise click.UsageError(_words(error)) from error
    click.echo(f"{partner_id} may send as {role}.")


@partner.command(name="list")
def list_partners() -> None:
    """Show every partner with its role."""
    from dagster_project import register

    with _state_in_words():
        known = register.partners()
    for partner_id, role in known.items():
        click.echo(f"{partner_id}  {role}")


@click.command()
@click.argument("submission_id")
@click.option("--json", "as_json", is_flag=True, help="Print the receipt as JSON.")
@click.option("--as", "as_format", type=click.Choice(["x12"]), help="Write the answer to an X12 file in X12: TA1 and 997.")
def receipt(submission_id: str, *, as_json: bool, as_format: str | None) -> None:
    """Show the receipt of an earlier submission again."""
    from dagster_project import register
    from dagster_project.intake import Receipt

    if as_format:
        sys.stdout.buffer.write(_acknowledgement(submission_id))
        return
    with _state_in_words():
        found = register.receipt(submission_id)
    if found is None:
        raise click.UsageError(f"There is no submission {submission_id}.")
    if as_json:
        _report([Receipt.from_dict(found)], as_json=True)
    else:
        show_receipt(_with_known_values(Receipt.from_dict(found)))
        _effects(submission_id)


def _with_known_values(receipt: Receipt) -> Receipt:
    """The receipt for a person: its hints ask for the known value that was probably meant. The sealed one does not know of it."""
    from dagster_project.intake.answering.suggestions import better_hints

    return replace(receipt, refusals=tuple(better_hints(receipt.refusals, feed=receipt.feed, partner=receipt.partner_id or "")))


def _effects(submission_id: str) -> None:
    """What the submission changed and still waits for, as it stands now."""
    from dagster_project.intake.answering.changes import changes
    from dagster_project.intake.answering.references import open_references

    with _state_in_words():
        show_effects(changes(submission_id), open_references(submission_id))


def _acknowledgement(submission_id: str) -> bytes:
    from dagster_project.intake.adapting.x12.acknowledgement import for_submission

    try:
        with _state_in_words():
            return for_submission(submission_id)
    except (LookupError, ValueError) as error:
        raise click.UsageError(_words(error)) from error


def _deliveries(path: Path, partner: str | None, feed: str | None, as_of: str | None) -> list[Delivery]:
    from dagster_project.intake.deliveries import Delivery, deliveries
    from dagster_project.intake.reading.folders import is_table_folder

    moment = _moment(as_of)
    if path.is_dir() and partner is None and feed is None:
        return [Delivery(each.path, each.partner, each.feed, each.as_of or moment) for each in deliveries(path)]
    if partner is None or feed is None:
        raise ValueError(f"Say who sends {path.name} and which feed it is: --partner and --feed.")
    files = (
        [path]
        if not path.is_dir() or is_table_folder(path)
        else sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))
    )
    return [Delivery(file, partner, feed, moment) for file in files]


def _submit_all(found: list[Delivery], *, quiet: bool) -> list[Receipt]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from dagster_project import intake

    receipts = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as progress:
        task = progress.add_task("Through the door", total=len(found))
        for each in found:
            receipts.append(intake.submit(each.path, partner=each.partner, feed=each.feed, as_of=each.as_of))
            progress.advance(task)
    return receipts


def _say_repeats(receipts: list[Receipt]) -> None:
    """What became of files that were here before. On stderr: the receipt itself is the first one, unchanged."""
    repeats = [receipt for receipt in receipts if receipt.is_repeat]
    if not repeats:
        return
    if len(repeats) > 1:
        click.echo(f"{len(repeats):,} of these files were received before; nothing was added for them.", err=True)
    for repeat in repeats:
        if repeat.again is not None and (len(repeats) == 1 or repeat.again.set_aside):
            click.echo(f"{repeat.file_name} ({repeat.submission_id}): {repeat.again.sentence}", err=True)


def _report(receipts: list[Receipt], *, as_json: bool) -> None:
    if as_json:
        values = [receipt.to_dict() for receipt in receipts]
        click.echo(json.dumps(values[0] if len(values) == 1 else values, indent=2, ensure_ascii=False))
    elif len(receipts) == 1:
        show_receipt(receipts[0])
    else:
        show_summary(receipts)


def _moment(text: str | None) -> dt.datetime | None:
    from dagster_project.intake.deliveries import parse_moment

    return None if text is None else parse_moment(text)


def _words(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}{_whose(error.filename)}"
    return str(error.args[0]) if error.args else str(error)


def _whose(path: object) -> str:
    from dagster_project.home import home

    root = home().root
    lies_there = isinstance(path, str | Path) and (root == Path(path) or root in Path(path).parents or Path(path) in root.parents)
    return f". It belongs to the state folder {root}, which VEINWAY_HOME names" if lies_there else ""


@contextmanager
def _state_in_words() -> Iterator[None]:
    """A state folder that cannot be used is wrong usage, and the setting that names it is said."""
    try:
        yield
    except OSError as error:
        raise click.UsageError(_words(error)) from error
