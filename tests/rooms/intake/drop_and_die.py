"""A process of its own that goes once through the drop folder and kills itself just before the n-th call of one step. For the crash tests.

Usage: drop_and_die.py STEP CALL, with STEP one of the names in STEPS.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.engine.default import DefaultDialect

from dagster_project.intake.dropping import visit

# Of the calls of `os`, only those in the drop folder count: they are the ones that go by a folder's descriptor.
STEPS: dict[str, tuple[Any, str]] = {
    "mkdir": (os, "mkdir"),
    "replace": (os, "replace"),
    "rename": (os, "rename"),
    "unlink": (os, "unlink"),
    "insert": (Connection, "execute"),
    "commit": (DefaultDialect, "do_commit"),
}
BY_DESCRIPTOR = {"dir_fd", "src_dir_fd"}


def die_at(owner: Any, name: str, call: int) -> None:
    """From the given call on, the process is gone before the step is done."""
    real, calls = getattr(owner, name), 0

    def step(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += owner is not os or not BY_DESCRIPTOR.isdisjoint(options)
        if calls >= call:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **options)

    setattr(owner, name, step)


def main() -> None:
    """One round with nothing to wait for."""
    step, call = sys.argv[1:3]
    die_at(*STEPS[step], int(call))
    visit(settle_seconds=0)


if __name__ == "__main__":
    main()
