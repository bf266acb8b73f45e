"""`veinway map`: propose how a partner's own sheet becomes a feed, show what the door would answer, and keep it once confirmed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from dagster_project.intake.adapting.sheets.propose import Proposal


@click.command(name="map")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--feed", required=True, help="Which feed the sheet is to become.")
@click.option("--partner", help="Whose sheet it is; needed to keep the mapping.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the proposal to this file, to correct it and try it.")
@click.option(
    "--from",
    "confirmed",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A corrected proposal to use instead of a new one.",
)
@click.option("--keep", is_flag=True, help="Keep it: the partner's next files of this feed are read by it.")
@click.option("--force", is_flag=True, help="Write over the file that --out names.")
@click.pass_context
def map_(  # noqa: PLR0913 - one argument per option
    ctx: click.Context, path: Path, feed: str, partner: str | None, out: Path | None, confirmed: Path | None, *, keep: bool, force: bool
) -> None:
    """Propose a mapping from the headers and values of a partner's own sheet.

    Read every line before you keep it: the machine guesses, a person confirms. Exit code: 0 the file would enter with it,
    3 some rows would be refused, 4 it cannot be used yet.
    """
    from dagster_project.intake.receipt import FileRefusedError
    from dagster_project.intake.workshop import UnfinishedError

    if keep and partner is None:
        raise click.UsageError("Say whose mapping it is: --partner.")
    if out is not None and out.exists() and not force:
        raise click.UsageError(f"{out} is there already. Choose another name, or add --force.")
    try:
        text = confirmed.read_text(encoding="utf-8") if confirmed else _proposed(path, feed, partner)
        code = _try(path, feed, partner, text)
    except (FileRefusedError, UnfinishedError, LookupError, OSError) as error:
        raise click.UsageError(str(error.args[0]) if error.args else str(error)) from error
    if out is not None:
        out.write_text(text, encoding="utf-8")
        click.echo(f"Wrote {out}. Correct it, then: veinway map {path} --feed {feed} --partner {partner or 'PARTNER'} --from {out} --keep")
    if keep:
        _keep(text, str(partner), feed, code)
    ctx.exit(code)


def _proposed(path: Path, feed: str, partner: str | None) -> str:
    from dagster_project.intake.adapting.sheets.propose import propose

    proposal = propose(path, feed=feed, partner=partner or "partner")
    _show(proposal)
    click.echo(f"\n{proposal.text()}")
    return proposal.text()


def _show(proposal: Proposal) -> None:
    from dagster_project.commands.display import print_table

    rows = [
        [each.mapping.column, each.header, f"{each.confidence:.0%}", "; ".join(each.evidence), "; ".join(each.doubts)]
        for each in proposal.fits
    ]
    print_table(f"{proposal.feed}: what each column would be read from", ["column", "their header", "sure", "because", "to check"], rows)
    for words, names in (
        ("The contract requires, and nothing in the file fits", proposal.missing),
        ("Optional, and nothing in the file fits", proposal.left_out),
        ("Read by nobody, still searched for persons", proposal.ignored),
    ):
        if names:
            click.echo(f"{words}: {', '.join(names)}")


def _try(path: Path, feed: str, partner: str | None, text: str) -> int:
    """Say what the door would answer with this mapping; returns the exit code."""
    from dagster_project import intake
    from dagster_project.commands.door import EXIT_CODES
    from dagster_project.commands.receipts import show_receipt
    from dagster_project.intake.adapting.language.model import MappingError, parse_mapping

    try:
        mapping = parse_mapping(text, name=f"{partner or 'partner'}/{feed}")
    except MappingError as error:
        click.echo(f"It cannot be used yet:\n{error}")
        return EXIT_CODES["refused"]
    click.echo("With this mapping the door would answer:")
    receipt = intake.check(path, feed=feed, mapping=mapping)
    show_receipt(receipt)
    return EXIT_CODES[receipt.status]


def _keep(text: str, partner: str, feed: str, code: int) -> None:
    from dagster_project.commands.door import EXIT_CODES
    from dagster_project.intake.adapting.sheets.propose import keep

    if code == EXIT_CODES["refused"]:
        raise click.UsageError("It was not kept: with this mapping the file would be refused whole.")
    try:
        path = keep(text, partner=partner, feed=feed)
    except (ValueError, OSError) as error:
        raise click.UsageError(str(error)) from error
    click.echo(f"Kept as {path}. The next {feed} of {partner} is read by it.")
