"""`veinway doctor` and `veinway purge`: is everything in order, what to do where it is not, and removing what must not be kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dagster_project.intake.checkup import Sign


@click.command()
@click.option("--repair", is_flag=True, help="Put in order what can be: remove leftovers, set files aside that nobody was told of.")
@click.pass_context
def doctor(ctx: click.Context, *, repair: bool) -> None:
    """Look whether everything is in order, and say what to do where it is not.

    Exit code 0 when all is well (or was repaired), 1 when something needs a person. Nothing that was accepted is ever removed.
    """
    from dagster_project.home import home
    from dagster_project.intake.checkup import look_over

    click.echo(f"Looking at {home().root}")
    signs = look_over(repair=repair)
    for sign in signs:
        _show(sign)
    ill = [sign for sign in signs if not sign.is_well]
    repairable = [sign for sign in ill if sign.can_repair]
    if not ill:
        click.echo("All is well.")
    elif len(repairable) == len(ill):
        click.echo("This puts it in order: veinway doctor --repair")
    elif repairable:
        click.echo("veinway doctor --repair puts the marked ones (*) in order; the others need a person.")
    else:
        click.echo("What is marked ✗ needs a person; each line says what to do.")
    ctx.exit(1 if ill else 0)


@click.command()
@click.argument("submission_id")
@click.option("--reason", required=True, help="Why, for the ledger. Name the kind of identifier, never its value.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def purge(submission_id: str, reason: str, *, yes: bool) -> None:
    """Remove for good what is kept of a refused file: its bytes, its refused rows, and what the receipt quotes of it.

    For an identifier that is found later. The ledger says who was refused what, when and why it was purged; accepted rows stay.
    """
    from dagster_project import register
    from dagster_project.intake.dropping.forgetting import remove_answers
    from dagster_project.intake.keeping.orphans import remove_files

    def remove(rows: Sequence[dict[str, Any]]) -> None:
        remove_files(rows)
        remove_answers(rows)

    try:
        register.require_purgeable(submission_id)
        if not yes:
            click.confirm(f"Remove what is kept of {submission_id}? This cannot be undone", abort=True)
        count = register.purge(submission_id, reason=reason, remove=remove)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    also = "" if count == 1 else f", and of {count - 1} more of the same bytes"
    click.echo(f"Removed what was kept of {submission_id}{also}. The ledger says so.")
    click.echo("If its refused rows were in a published plan, run `veinway plan` and remove the older editions: they still show them.")


def _show(sign: Sign) -> None:
    mark = click.style("✓", fg="green") if sign.is_well else click.style("✗", fg="red")
    click.echo(f"{mark} {sign.words}{' *' if sign.can_repair else ''}")
    for line in sign.details:
        click.echo(f"    {line}")
    if sign.advice:
        click.echo(f"    → {sign.advice}")
