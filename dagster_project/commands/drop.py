"""`veinway drop once | watch | folders`: files that partners' SFTP or file shares leave in a folder go through the door."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dagster_project.wording import count_of

if TYPE_CHECKING:
    from dagster_project.intake.dropping import Visit

FOLDER = click.Path(file_okay=False, path_type=Path)
WAITING_SHOWN = 10
# Folders that a partner's own account and ours share through a group, and that nobody else may open.
SHARED, PASSABLE = 0o2770, 0o751

folder_option = click.option("--folder", type=FOLDER, help="The drop folder (default: $VEINWAY_DROP, else drop/ in the state folder).")
settle_option = click.option(
    "--settle",
    default=10.0,
    show_default=True,
    type=click.FloatRange(min=0),
    help="Seconds a file must have been still before it is taken.",
)


@click.group()
def drop() -> None:
    """Take in what lies in the drop folder: <partner>/<feed>/<file>."""


@drop.command()
@folder_option
@settle_option
@click.pass_context
def once(ctx: click.Context, folder: Path | None, settle: float) -> None:
    """Go through the drop folder once; for cron. Exit code 1 when something could not be taken for now.

    A refused file is an answer, not a failure: its receipt lies beside it in refused/.
    """
    from dagster_project.home import home
    from dagster_project.intake.dropping import BusyError, visit

    try:
        done = visit(folder, settle_seconds=settle)
    except BusyError as error:
        click.echo(str(error))
        return
    except OSError as error:
        raise click.ClickException(_words(error, folder or home().drop)) from error
    _tell(done)
    if not any((done.receipts, done.waiting, done.notes, done.problems)):
        click.echo(f"Nothing to take in {folder or home().drop}.")
    ctx.exit(1 if done.problems else 0)


@drop.command()
@folder_option
@settle_option
@click.option("--every", default=5.0, show_default=True, type=click.FloatRange(min=0.1), help="Seconds between two looks.")
def watch(folder: Path | None, settle: float, every: float) -> None:
    """Look into the drop folder again and again, until Ctrl+C or SIGTERM; a file that is being taken is finished first."""
    from dagster_project.home import home
    from dagster_project.intake.dropping import BusyError, visit

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    click.echo(f"Watching {folder or home().drop} (Ctrl+C stops).")
    before: set[str] = set()
    while not stop.is_set():
        try:
            done = visit(folder, settle_seconds=settle)
        except BusyError:
            pass
        except OSError as error:
            before = _say_new({_words(error, folder or home().drop)}, before)
        else:
            before = _tell(done, before)
        stop.wait(every)
    click.echo("Stopped.")


@drop.command()
@folder_option
@click.argument("partner", required=False)
def folders(folder: Path | None, partner: str | None) -> None:
    """Make the folders of PARTNER, or of all partners: one for each feed they send. What is there already stays."""
    from dagster_project import register
    from dagster_project.contracts import contracts
    from dagster_project.home import home

    known = register.partners()
    if partner is not None and partner not in known:
        raise click.UsageError(f"There is no partner {partner!r}. Let them in first: veinway partner add {partner} --role ROLE")
    root = folder or home().drop
    root.mkdir(parents=True, exist_ok=True, mode=PASSABLE)
    for name in [partner] if partner else known:
        feeds = [feed for feed, terms in contracts().items() if known[name] in terms.senders]
        for place in [root / name, *(root / name / feed for feed in feeds)] if feeds else []:
            if not place.exists():
                place.mkdir()
                place.chmod(SHARED)
        click.echo(f"{root / name}: {count_of(len(feeds), 'feed')}" if feeds else f"{name} sends no feed, so there is no folder for it.")


def _tell(done: Visit, before: set[str] | None = None) -> set[str]:
    """Say what a round did. Notes that stood before are not said again; returns those that stand now."""
    for receipt in done.receipts:
        again = ", received before" if receipt.is_repeat else ""
        click.echo(
            f"{receipt.status.replace('_', ' ')}  {receipt.partner_id}/{receipt.feed}/{receipt.file_name}: "
            f"{count_of(receipt.rows_accepted, 'row')} accepted, {receipt.rows_refused:,} refused{again}. Receipt {receipt.submission_id}."
        )
    standing = {f"not taken  {place}: {why}" for place, why in (*done.notes, *done.problems)}
    if before is None:
        for place in done.waiting[:WAITING_SHOWN]:
            click.echo(f"waiting  {place}: not complete yet, or still being written")
        if len(done.waiting) > WAITING_SHOWN:
            click.echo(f"waiting  … and {count_of(len(done.waiting) - WAITING_SHOWN, 'more file')}")
    return _say_new(standing, before or set())


def _say_new(standing: set[str], before: set[str]) -> set[str]:
    for line in sorted(standing - before):
        click.echo(line, err=True)
    return standing


def _words(error: OSError, folder: Path) -> str:
    return f"{error.strerror or error}: {error.filename or folder}"
