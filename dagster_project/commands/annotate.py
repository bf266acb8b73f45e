"""`veinway annotate`: a file's own rows as a workbook, with what to correct coloured and commented."""

from __future__ import annotations

from pathlib import Path

import click

ENDING = "-to-correct.xlsx"


@click.command()
@click.argument("file_or_submission")
@click.option("--feed", help="Which feed it is, for a file that was not sent yet.")
@click.option("--partner", help="Who will send it: its mapping and its known values help.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the workbook.")
@click.option("--force", is_flag=True, help="Write over a file of that name.")
def annotate(file_or_submission: str, feed: str | None, partner: str | None, out: Path | None, *, force: bool) -> None:
    """Write a workbook with your own rows in which every wrong cell is marked: correct it and send it.

    FILE_OR_SUBMISSION is a file (then say --feed) or the number of an earlier submission.
    """
    path = Path(file_or_submission)
    target = out or Path(f"{path.stem if path.is_file() else file_or_submission}{ENDING}")
    if target.exists() and not force:
        raise click.UsageError(f"{target} is there already and may hold corrections. Choose another name with --out PATH, or add --force.")
    book = _of_file(path, feed, partner) if path.is_file() else _of_submission(file_or_submission)
    try:
        target.write_bytes(book)
    except OSError as error:
        raise click.UsageError(f"{error.strerror}: {target}") from error
    click.echo(f"Wrote {target}. Correct the red cells, save it and send it as it is.")


def _of_file(path: Path, feed: str | None, partner: str | None) -> bytes:
    from dagster_project import intake
    from dagster_project.intake.answering.preview import preview
    from dagster_project.intake.answering.workbooks import NoWorkbookError, annotated_workbook

    if feed is None:
        raise click.UsageError(f"Say which feed {path.name} is: --feed.")
    try:
        if partner is None:
            return annotated_workbook(path, intake.check(path, feed=feed))
        found = preview(path, feed=feed, partner=partner)
        return annotated_workbook(path, found.receipt, found.references)
    except (NoWorkbookError, LookupError, ValueError, OSError) as error:
        raise click.UsageError(str(error.args[0]) if error.args else str(error)) from error


def _of_submission(number: str) -> bytes:
    from dagster_project.intake.answering.workbooks import NoWorkbookError, annotated_submission

    try:
        return annotated_submission(number)
    except (NoWorkbookError, LookupError, OSError) as error:
        hint = " Nor is there a file of that name." if isinstance(error, LookupError) else ""
        raise click.UsageError(f"{error.args[0] if error.args else error}{hint}") from error
