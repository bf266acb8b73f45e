"""`veinway due`: what is due when, and what is early, on time, late or missing."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

if TYPE_CHECKING:
    from dagster_project.cadence import Deadline

WORDS = {"missing": "missing", "late": "late", "on_time": "on time", "early": "early", "not_due": "not due yet"}


@click.command()
@click.option("--partner", help="Only what this partner owes.")
@click.option("--as-of", "as_of", help="As it stood at this time, such as 2026-11-16T08:00:00Z, instead of now.")
@click.option("--all", "everything", is_flag=True, help="Also what was on time.")
@click.option("--json", "as_json", is_flag=True, help="Print every deadline as JSON.")
def due(partner: str | None, as_of: str | None, *, everything: bool, as_json: bool) -> None:
    """Show which feeds are missing or late, and which are due next."""
    from dagster_project import register
    from dagster_project.cadence import due as due_of
    from dagster_project.cadence import due_of_all
    from dagster_project.intake.deliveries import parse_moment

    try:
        now = parse_moment(as_of) if as_of else dt.datetime.now(dt.UTC)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if partner is not None and partner not in register.partners():
        raise click.UsageError(f"There is no partner {partner!r}. See: veinway partner list")
    found = due_of(partner, now) if partner else due_of_all(now)
    if as_json:
        click.echo(json.dumps([_plain(one) for one in found], indent=2))
        return
    _show([one for one in found if one.is_owed and (everything or one.state != "on_time")], now)


def _plain(one: Deadline) -> dict[str, object]:
    values = asdict(one)
    moments = {name: values[name].isoformat().replace("+00:00", "Z") for name in ("due_at", "answered_at") if values[name]}
    return {**values, **moments}


def _show(found: list[Deadline], now: dt.datetime) -> None:
    from dagster_project.commands.display import print_table

    if not found:
        click.echo("Nothing is late or missing, and nothing is due next.")
        return
    order = list(WORDS)
    rows = [
        [WORDS[one.state], one.partner_id, one.feed, _local(one.due_at, one.time_zone), _local(one.answered_at, one.time_zone)]
        for one in sorted(found, key=lambda one: (order.index(one.state), one.due_at, one.partner_id, one.feed))
    ]
    names = ["state", "partner", "feed", "due (its own time)", "came"]
    print_table(f"What is due, as of {now:%Y-%m-%d %H:%M} UTC", names, rows)


def _local(moment: dt.datetime | None, zone: str) -> str:
    return "" if moment is None else f"{moment.astimezone(ZoneInfo(zone)):%a %d %b %H:%M %Z}"
