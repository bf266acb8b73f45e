"""`veinway network …`: the reference network as partner files."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def network() -> None:
    """The reference network: fictional partners, and the files they would send."""


@network.command("write")
@click.option("--size", type=click.Choice(["tiny", "demo", "world"]), default="demo", show_default=True, help="How big.")
@click.option("--seed", type=int, default=7, show_default=True, help="The same seed writes the same bytes.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder to write; an earlier network there is replaced."
)
def write(size: str, seed: int, out: Path) -> None:
    """Write the files of every partner, laid out as OUT/<partner>/<feed>/<file>, and OUT/network.json."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from dagster_project.network.write import write_network

    with Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), transient=True) as bar:
        task = bar.add_task("simulating the network", total=None)
        try:
            summary = write_network(
                size, seed=seed, out=out, progress=lambda feed, files: bar.update(task, description=f"{files} files, {feed}")
            )
        except FileExistsError as error:
            raise click.ClickException(str(error)) from error
    click.echo(
        f"{summary.files:,} files of {summary.partners} partners, {summary.rows:,} rows, {summary.bytes / 1e6:,.1f} MB, "
        f"{summary.cases:,} cases: {summary.out}"
    )
