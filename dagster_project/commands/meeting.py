"""`veinway meeting status | publish`: whose approval the current draft still needs, and the consensus edition once nobody's does."""

from __future__ import annotations

import datetime as dt
import json
import sys
from typing import TYPE_CHECKING

import click

from dagster_project.home import home

if TYPE_CHECKING:
    from dagster_project.editions.reader import Edition


@click.group()
def meeting() -> None:
    """The joint planning meeting: who has approved the draft, and publishing what was agreed."""


@meeting.command()
def status() -> None:
    """Say what was decided since the current edition, and who has yet to approve it."""
    from dagster_project.editions import input_ids
    from dagster_project.meeting import standings, taken
    from dagster_project.meeting.consensus import missing
    from dagster_project.register import partners

    draft = _current()
    known = input_ids(home().editions / draft.edition_id)
    decisions = taken("decision", known=known)
    found = standings(needed(draft), taken("approval", known=known), decisions, edition_id=draft.edition_id, roles=partners())
    click.echo(f"Edition {draft.edition_id}: {len(decisions)} decisions taken since.")
    for standing in found:
        click.echo(f"{standing.role:<10} {len(standing.approved)} of {standing.needed} approved, {len(standing.rejected)} rejected")
    click.echo("\n".join(missing(found)) or "Everybody whose approval is needed has approved.")


@meeting.command()
@click.option("--reason", default="", help="Why this plan is published; needed where a partner rejected it.")
@click.option("--draft", help="The edition that was approved (default: the current one); another one in force is an error.")
@click.option("--steps", "as_lines", is_flag=True, help="Say every step as a line of JSON, for a program that shows them.")
def publish(reason: str, draft: str | None, *, as_lines: bool) -> None:
    """Build the plan with what was decided, and publish it as the consensus edition."""
    from dagster_project.commands.display import steps
    from dagster_project.defs.run import plan
    from dagster_project.editions import input_ids
    from dagster_project.meeting import consensus_of

    current = _current()
    if draft not in {None, current.edition_id}:
        raise click.ClickException(f"Edition {draft} is not the current one any more; {current.edition_id} is. Look at that one first.")
    known, date = input_ids(home().editions / current.edition_id), dt.date.fromisoformat(current.manifest["planning_date"])
    agreed = consensus_of(current.edition_id, date, needed(current), known=known, reason=reason).to_dict()
    if as_lines:
        planned = plan(consensus=agreed, progress=_line)
        _line("done", planned.edition_id, 1, 1)
        return
    with steps() as listener:
        planned = plan(consensus=agreed, progress=listener)
    click.echo(f"Published the consensus edition {planned.edition_id} (planning date {planned.planning_date.isoformat()}).")


def needed(edition: Edition) -> dict[str, int]:
    """Role -> how many of its partners must approve, by the agreements that the edition rests on."""
    return dict(zip(*edition.query("quorum", columns=["role", "quorum"]).to_pydict().values(), strict=True))


def _current() -> Edition:
    from dagster_project.editions import open_edition

    return open_edition("operator")


def _line(step: str, what: str, done: int, total: int) -> None:
    # The stream itself, because a run sends what its tools print elsewhere.
    print(json.dumps([step, what, done, total]), file=sys.__stdout__, flush=True)
