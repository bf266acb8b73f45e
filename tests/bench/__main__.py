"""Run every bench, or those named on the command line, and print one table each."""

from __future__ import annotations

import importlib
import sys

from rich.console import Console
from rich.table import Table

BENCHES = ("intake", "workbook", "api", "plan", "versions", "what_if", "screens")

WIDTH = 150


def main(names: list[str]) -> None:
    console = Console()
    # A file has no width of its own, and a table of many figures is cut at eighty columns.
    console.width = max(console.width, WIDTH)
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        raise SystemExit(f"There is no bench called {', '.join(unknown)}. The benches are: {', '.join(BENCHES)}.")
    for name in names or BENCHES:
        bench = importlib.import_module(f"tests.bench.{name}")
        table = Table(title=bench.TITLE, title_justify="left")
        for place, heading in enumerate(bench.COLUMNS):
            table.add_column(heading, justify="left" if place == 0 else "right")
        for row in bench.run(console):
            table.add_row(*row)
        console.print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
