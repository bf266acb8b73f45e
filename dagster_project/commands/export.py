"""`veinway export cx-0128 | ubl`: an audience's edition in another system's words, to a file or folder. Thin."""

from __future__ import annotations

import json
from pathlib import Path

import click

from dagster_project.wording import count_of

AUDIENCE = click.option("--audience", default="operator", show_default=True, help="Whose file: a partner id or operator.")
EDITION = click.option("--edition", "edition_id", help="Which edition (default: the current one); its first letters are enough.")


@click.group()
def export() -> None:
    """Take the plan to another system: Catena-X CX-0128 documents, or CSV with the names of UBL 2.1."""


@export.command(name="cx-0128")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The JSON file to write.")
@AUDIENCE
@EDITION
def cx_0128(out: Path, audience: str, edition_id: str | None) -> None:
    """Write material demands and capacity groups as one JSON file, held to its schema before it is written."""
    from dagster_project.editions import open_edition
    from dagster_project.exporting import cx0128

    edition = open_edition(audience, edition_id)
    document = cx0128(edition)
    _write(out, json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    demands, groups = len(document["weekBasedMaterialDemand"]), len(document["weekBasedCapacityGroup"])
    click.echo(f"{out}: {demands} material demands and {groups} capacity groups of edition {edition.edition_id}.")


@export.command(name="ubl")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="The folder to write into.")
@AUDIENCE
@EDITION
def ubl_(out: Path, audience: str, edition_id: str | None) -> None:
    """Write forecasts and commits as CSV files named by UBL 2.1: Forecast, ForecastLine, ForecastRevision, ForecastRevisionLine."""
    from dagster_project.editions import open_edition
    from dagster_project.exporting import ubl

    for name, text in ubl(open_edition(audience, edition_id)).items():
        _write(out / name, text)
        click.echo(f"{out / name}: {count_of(text.count(chr(10)) - 1, 'row')}.")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
