"""`veinway contracts`: list the contracts, write what is derived from them, and say whether it still agrees."""

from __future__ import annotations

import click

from dagster_project.contracts import contracts as all_contracts
from dagster_project.wording import count_of


@click.group()
def contracts() -> None:
    """The contracts of all feeds, and what is written from them."""


@contracts.command(name="list")
def list_contracts() -> None:
    """List every feed: who sends it, how, and what one row is."""
    held = all_contracts()
    width = max(map(len, held), default=0)
    for feed, contract in held.items():
        click.echo(f"{feed:<{width}}  {contract.version}  {'+'.join(contract.senders):<14}  {contract.delivery:<8}  {contract.grain}")


@contracts.command()
def derive() -> None:
    """Write the documentation pages and the dbt sources anew from the contracts."""
    from dagster_project.contracts.derive import write_derivatives

    changed = write_derivatives()
    for path in changed:
        click.echo(f"written  {path}")
    click.echo(f"{count_of(len(changed), 'file')} changed." if changed else "Everything agrees with its contract; nothing was written.")


@contracts.command()
@click.pass_context
def check(context: click.Context) -> None:
    """Say which derived files differ from their contract; exit code 4 when any does."""
    from dagster_project.contracts.derive import drift

    differing = drift()
    for path in differing:
        click.echo(f"differs  {path}")
    click.echo("Write them anew with: veinway contracts derive" if differing else "Every derived file agrees with its contract.")
    context.exit(4 if differing else 0)
