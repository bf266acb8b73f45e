"""`veinway plan | edition | show | serve | pipeline | run`: build the plan, look at editions, open the screens. Thin; the work is done in the rooms."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dagster_project.editions.store import current_edition, edition_ids, read_manifest, resolve
from dagster_project.home import PROJECT_ROOT, home
from dagster_project.telemetry import switch_off

if TYPE_CHECKING:
    from datetime import date, datetime

    import pyarrow as pa

    from dagster_project.defs.run import Planned
    from dagster_project.editions.reader import Edition

PORT = 8501
APP_FOLDER = PROJECT_ROOT / "apps" / "shared_views"
DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--planning-date", type=DAY, help="Plan as of this day (default: the day of the newest submission).")
def plan(planning_date: datetime | None) -> None:
    """Load what is new, check it, build the aligned plan and publish it as an edition."""
    _say(build(planning_date.date() if planning_date else None))


def build(planning_date: date | None = None) -> Planned:
    """Run `plan` with a progress display on the terminal."""
    from dagster_project.commands.display import steps
    from dagster_project.defs.run import plan as run_plan

    with steps() as listener:
        return run_plan(planning_date, progress=listener)


def _say(planned: Planned) -> None:
    day = f"planning date {planned.planning_date.isoformat()}"
    if planned.is_reused:
        click.echo(f"Nothing new since edition {planned.edition_id} ({day}).")
    else:
        click.echo(f"Published edition {planned.edition_id} ({day}).")
    if not planned.is_current:
        click.echo(f"The screens stay with {current_edition(home().editions)}, which plans a later date. See this one with --edition.")


@click.group()
def edition() -> None:
    """The published editions: list them, verify them, compare two."""


@edition.command(name="list")
def list_editions() -> None:
    """Show the editions that are kept, newest first; the current one is marked."""
    from dagster_project.commands.display import print_table

    folder, current = home().editions, current_edition(home().editions)
    rows = []
    for edition_id in edition_ids(folder):
        manifest = read_manifest(folder / edition_id)
        facts = [
            manifest.get("kind", "draft"),
            manifest["planning_date"],
            _moment(manifest["data_as_of"]),
            str(manifest["inputs"]["submissions"]),
        ]
        rows.append(
            ["*" if edition_id == current else "", edition_id, *facts, str(len(manifest["audiences"])), _moment(manifest["created_at"])]
        )
    if not rows:
        click.echo("There is no edition yet. `veinway plan` makes the first one.")
        return
    print_table(
        "Editions (* = current)", ["", "edition", "kind", "planning date", "data as of", "submissions", "audiences", "published"], rows
    )


@edition.command(name="verify")
@click.argument("edition_id", required=False)
@click.pass_context
def verify_editions(ctx: click.Context, edition_id: str | None) -> None:
    """Hold an edition (all of them without EDITION_ID) against its manifest and the ledger. Exit code 1 when anything differs."""
    from dagster_project.editions.compare import verify_edition

    sealed = _sealed()
    chosen = [resolve(home().editions, edition_id)] if edition_id else [home().editions / one for one in edition_ids(home().editions)]
    is_sound = True
    for path in chosen:
        findings = verify_edition(path, sealed=sealed.get(path.name))
        is_sound = is_sound and not findings
        click.echo(f"{path.name}: " + ("as published." if not findings else "NOT as published:") + _agreed(read_manifest(path)))
        for finding in findings:
            click.echo(f"  {finding}")
    if not chosen:
        click.echo("There is no edition yet. `veinway plan` makes the first one.")
    ctx.exit(0 if is_sound else 1)


@edition.command(name="diff")
@click.argument("before")
@click.argument("after")
def diff(before: str, after: str) -> None:
    """Show which views of which audience differ between two editions, and by how many rows."""
    from dagster_project.commands.display import print_table
    from dagster_project.editions.compare import diff_editions

    first, second = resolve(home().editions, before), resolve(home().editions, after)
    found = diff_editions(first, second)
    if not found:
        click.echo("The two editions hold the same rows.")
        return
    rows = [[d.audience, d.view, _rows(d.rows_before), _rows(d.rows_after), f"{d.only_before:,}", f"{d.only_after:,}"] for d in found]
    names = ["audience", "view", "rows before", "rows after", "only before", "only after"]
    print_table(f"{first.name} against {second.name}", names, rows)


@click.command()
@click.argument("view", required=False)
@click.option("--audience", default="operator", show_default=True, help="Whose file: a partner id, operator or executive.")
@click.option("--edition", "edition_id", help="Which edition (default: the current one); its first letters are enough.")
@click.option("--as-of", type=DAY, help="What was known on this day: the edition in force then, or the versions in force then.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option("--limit", type=click.IntRange(min=1), help="Show no more rows than this.")
def show(view: str | None, audience: str, edition_id: str | None, as_of: datetime | None, form: str, limit: int | None) -> None:
    """Show a view of an edition; without VIEW, list the views that the audience has."""
    from dagster_project.editions import open_edition
    from dagster_project.editions.export import as_csv, as_json

    if as_of and edition_id:
        raise click.UsageError("--as-of finds the edition itself; leave --edition away.")
    if as_of:
        opened, table, when = _known_then(view, audience, as_of.date(), limit)
    else:
        opened, table, when = open_edition(audience, edition_id), None, ""
    if view is None:
        tables = opened.manifest["audiences"][audience]["tables"]
        for name in opened.views:
            click.echo(f"{name:<16} {tables[name]['rows']:>9,} row{'s' * (tables[name]['rows'] != 1)}")
        return
    table = opened.query(view, limit=limit) if table is None else table
    if form == "csv":
        click.echo(as_csv(table), nl=False)
    elif form == "json":
        click.echo(as_json(table), nl=False)
    else:
        _show_table(table, f"{view} of {audience}, edition {opened.edition_id}{when}")


def _known_then(view: str | None, audience: str, day: date, limit: int | None) -> tuple[Edition, pa.Table | None, str]:
    """The edition to read, the rows if the view keeps versions itself, and words for the title."""
    from dagster_project.editions import open_edition
    from dagster_project.editions.as_of import edition_as_of, keeps_versions, rows_as_of

    if view is not None and current_edition(home().editions) is not None:
        newest = open_edition(audience)
        if view in newest.views and keeps_versions(newest, view, day):
            return newest, rows_as_of(newest, view, day, limit=limit), f", as known on {day.isoformat()}"
    then = open_edition(audience, edition_as_of(home().editions, day))
    rows = rows_as_of(then, view, day, limit=limit) if view in then.views and keeps_versions(then, view, day) else None
    return then, rows, f", in force on {day.isoformat()}, plans {then.manifest['planning_date']}"


def _show_table(table: pa.Table, title: str) -> None:
    from dagster_project.commands.display import print_table
    from dagster_project.editions.export import cell

    # Lists of submission ids are for following a figure home; on a screen their number says enough.
    rows = [[f"{len(value)} ids" if isinstance(value, list) else cell(value) for value in row.values()] for row in table.to_pylist()]
    print_table(title, table.column_names, rows)


@click.command()
@click.option("--port", default=PORT, show_default=True)
def serve(port: int) -> None:
    """Open the screens on this machine until Ctrl+C."""
    switch_off()
    resolve(home().editions, None)
    click.echo(f"The screens are on http://localhost:{port} (Ctrl+C stops them).")
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.address", "localhost"]
    environment = os.environ | {"VEINWAY_HOME": str(home().root)}
    # From the app's folder, where Streamlit looks for its .streamlit/config.toml.
    raise SystemExit(subprocess.run([*command, "--server.headless", "true"], cwd=APP_FOLDER, env=environment, check=False).returncode)


@click.command()
@click.option("--port", default=3000, show_default=True)
def pipeline(port: int) -> None:
    """Open Dagster's own screens, with assets, checks, sensor and schedule, until Ctrl+C."""
    from dagster_project.defs.run import prepare_history

    switch_off()
    environment = os.environ | {"VEINWAY_HOME": str(home().root), "DAGSTER_HOME": str(prepare_history())}
    click.echo(f"The pipeline opens on http://localhost:{port} (Ctrl+C stops it).")
    command = [str(Path(sys.executable).parent / "dg"), "dev", "--host", "127.0.0.1", "--port", str(port)]
    raise SystemExit(subprocess.run(command, cwd=PROJECT_ROOT, env=environment, check=False).returncode)


@click.command()
@click.option("--size", default="demo", show_default=True, help="Size of the reference network.")
@click.option("--seed", default=7, show_default=True, help="Seed of the reference network: the same seed gives the same plan.")
@click.option("--no-serve", is_flag=True, help="Stop after the summary.")
@click.option("--port", default=PORT, show_default=True)
@click.pass_context
def run(ctx: click.Context, size: str, seed: int, *, no_serve: bool, port: int) -> None:
    """From nothing to the screens: write the demo partners' files, submit them, plan, show the summary, serve."""
    from dagster_project.commands.demo import submit_network, write_demo
    from dagster_project.commands.summary import print_summary
    from dagster_project.editions import open_edition

    folder = write_demo(size, seed)
    planning_date = submit_network(folder)
    _say(build(planning_date))
    print_summary(open_edition("operator"))
    if not no_serve and os.environ.get("SERVE") != "0":
        ctx.invoke(serve, port=port)


def _agreed(manifest: dict[str, Any]) -> str:
    """Who agreed on a consensus edition, and why it was published; nothing for a draft."""
    agreed = manifest.get("consensus")
    if agreed is None:
        return ""
    who = ", ".join(f"{one['partner_id']} ({one['role']})" for one in agreed["approvals"])
    return f" Consensus on {agreed['draft']}, approved by {who}." + (f" Reason: {agreed['reason']}" if agreed["reason"] else "")


def _sealed() -> dict[str, dict[str, object]]:
    import json

    from dagster_project.register import editions

    return {row["edition_id"]: json.loads(row["manifest_json"]) for row in editions()}


def _moment(text: str | None) -> str:
    return text[:16].replace("T", " ") + "Z" if text else ""


def _rows(count: int | None) -> str:
    return "" if count is None else f"{count:,}"
