"""A process of its own that submits one file and kills itself just before the n-th call of one step. For the crash tests.

Usage: submit_and_die.py FILE STEP CALL, with STEP one of the names in STEPS; it prints the receipt when it survives.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.engine.default import DefaultDialect

from dagster_project import intake
from dagster_project.intake.keeping import files, landing

STEPS: dict[str, tuple[Any, str]] = {
    "write_raw": (files.os, "fsync"),
    "write_parquet": (landing, "seal"),
    "rename": (files.os, "replace"),
    "insert": (Connection, "execute"),
    "commit": (DefaultDialect, "do_commit"),
}


def die_at(owner: Any, name: str, call: int) -> None:
    """From the given call on, the process is gone before the step is done."""
    real, calls = getattr(owner, name), 0

    def step(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls >= call:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **options)

    setattr(owner, name, step)


def main() -> None:
    """Submit the file as of a fixed time."""
    path, step, call = sys.argv[1:4]
    if step != "none":
        die_at(*STEPS[step], int(call))
    receipt = intake.submit(Path(path), partner="north-hospital", feed="demand_forecast", as_of=dt.datetime(2026, 11, 16, 8, tzinfo=dt.UTC))
    print(json.dumps(receipt.to_dict()))


if __name__ == "__main__":
    main()
