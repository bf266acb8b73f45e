"""`veinway token`: let a partner's machine in, look who is let in, end it."""

from __future__ import annotations

import datetime as dt

import click

from dagster_project.register import tokens as kept


@click.group()
def token() -> None:
    """Tokens of partners' machines for the HTTP API."""


@token.command()
@click.option("--partner", required=True, help="Whose machine it is; the token speaks for this partner only.")
@click.option("--name", default="machine", show_default=True, help="What it is for, such as 'nightly export'.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(kept.SCOPES), help="What it may do (again for more; default: all).")
@click.option("--feed", "feeds", multiple=True, help="Limit it to this feed (again for more; default: all of the partner's role).")
@click.option("--days", default=kept.DEFAULT_DAYS, show_default=True, help=f"How long it lives, at most {kept.LONGEST_DAYS}.")
@click.option(
    "--per-minute", default=kept.DEFAULT_PER_MINUTE, show_default=True, help="How often it may ask; each server process counts for itself."
)
@click.option("--max-mb", default=kept.DEFAULT_MEGABYTES, show_default=True, help="How large a file may be that it sends.")
def issue(  # noqa: PLR0913, PLR0917 - each is a term of a token
    partner: str, name: str, scopes: tuple[str, ...], feeds: tuple[str, ...], days: int, per_minute: int, max_mb: int
) -> None:
    """Make a new token and show it, this once."""
    from dagster_project.contracts import contract

    try:
        for feed in feeds:
            contract(feed)
        terms = kept.Terms(scopes or kept.SCOPES, feeds or None, days, per_minute, max_mb)
        made, text = kept.issue(partner, name=name, terms=terms)
    except (ValueError, LookupError) as error:
        raise click.UsageError(str(error.args[0])) from error
    # The token alone goes to standard output, so that it can be piped into a vault.
    click.echo(text)
    click.echo(
        f"Token {made.token_id} of {partner} until {made.expires_at:%Y-%m-%d}. It is shown only now: keep it in a safe place.", err=True
    )


@token.command()
@click.argument("token_id")
@click.option("--reason", default="", help="Why, for the ledger.")
def revoke(token_id: str, reason: str) -> None:
    """End a token at once."""
    try:
        ended = kept.revoke(token_id, reason=reason)
    except LookupError as error:
        raise click.UsageError(str(error.args[0])) from error
    click.echo(f"Token {ended.token_id} of {ended.partner_id} is revoked; it lets nobody in any more.")


@token.command(name="list")
@click.option("--partner", help="Only those of this partner.")
def list_tokens(partner: str | None) -> None:
    """Show every token, never its secret."""
    from dagster_project.commands.display import print_table

    found = kept.tokens(partner=partner)
    if not found:
        click.echo("There are no tokens. `veinway token issue --partner PARTNER` makes one.")
        return
    now = dt.datetime.now(dt.UTC)
    rows = [
        [
            each.token_id, each.partner_id, each.name, each.state(now), " ".join(sorted(each.scopes)), ", ".join(sorted(each.feeds or ())) or "all",
            f"{each.issued_at:%Y-%m-%d}", f"{each.expires_at:%Y-%m-%d}", f"{each.last_used_at:%Y-%m-%d %H:%M}Z" if each.last_used_at else "never",
        ]
        for each in found
    ]  # fmt: skip
    print_table("Tokens", ["id", "partner", "name", "state", "scopes", "feeds", "issued", "expires", "last used"], rows)
