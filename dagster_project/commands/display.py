"""What the commands draw on a terminal: progress of a run, and tables."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from dagster_project.defs.progress import STEPS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster_project.defs.progress import Listener

WIDE = 200


@contextmanager
def bars() -> Iterator[Progress]:
    """A progress display on the error stream; silent where nobody watches."""
    columns = (
        TextColumn("{task.description:<24}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[what]}"),
    )
    # The stream itself, because a run sends what its tools print elsewhere.
    with Progress(*columns, console=Console(file=sys.__stderr__), disable=not sys.stderr.isatty()) as progress:
        yield progress


@contextmanager
def steps() -> Iterator[Listener]:
    """A listener for `plan()` that draws one bar per step."""
    with bars() as progress:
        tasks: dict[str, TaskID] = {}

        def listener(step: str, what: str, done: int, total: int) -> None:
            if step not in tasks:
                for task in tasks.values():
                    progress.update(task, completed=progress.tasks[task].total, what="")
                    progress.stop_task(task)
                tasks[step] = progress.add_task(STEPS.get(step, step), total=total, what="")
            progress.update(tasks[step], completed=done, total=total, what=what)

        yield listener


def print_table(title: str, names: list[str], rows: list[list[str]]) -> None:
    """A table on the output stream; as wide as it must be when the output is a file."""
    console = Console() if sys.stdout.isatty() else Console(width=max(WIDE, 24 * len(names)))
    table = Table(title=title, title_justify="left", header_style="bold")
    for place, name in enumerate(names):
        is_number = bool(rows) and all(_is_number(row[place]) for row in rows)
        table.add_column(name, justify="right" if is_number else "left")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _is_number(text: str) -> bool:
    return not text or text.replace(",", "").replace(".", "").replace("-", "").isdigit()
