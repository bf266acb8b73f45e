"""A process of its own that submits one file; somewhere on the way it, or its worker, is killed. For the crash tests.

Usage: submit_and_die.py FILE STEP VICTIM SIZE. STEP is one of STEPS, or `none`; VICTIM is `self` (whoever does the step) or `parent` (the
process the worker works for); SIZE is `large` to treat the file as a large one. It prints the receipt when it survives.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Connection
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.sql.dml import Insert

from dagster_project import intake
from dagster_project.intake import first_pass, handling, limits, workshop
from dagster_project.intake.keeping import landing

if TYPE_CHECKING:
    from collections.abc import Callable

CALLS: dict[str, int] = {}


def is_call(number: int) -> Callable[[tuple[Any, ...]], bool]:
    """Dies just before the call of this number, counted in the process that makes it."""
    return lambda _: CALLS["step"] == number


def is_insert_into(table: str) -> Callable[[tuple[Any, ...]], bool]:
    return lambda arguments: isinstance(arguments[1], Insert) and arguments[1].table.name == table


def is_after_renames(_: tuple[Any, ...]) -> bool:
    return CALLS.get("rename", 0) == 3


# Owner and name of what is called, and which of its calls is meant. Three files are written and renamed: raw, accepted and refused rows.
STEPS: dict[str, tuple[Any, str, Callable[[tuple[Any, ...]], bool]]] = {
    "survey": (first_pass, "survey", is_call(1)),
    "stage": (handling, "stage_ahead", is_call(1)),
    "name": (os, "link", is_call(1)),
    "read": (handling, "examine", is_call(1)),
    "write raw": (landing, "write_chunks", is_call(1)),
    "write accepted": (landing, "seal", is_call(1)),
    "write refused": (landing, "seal", is_call(2)),
    "answer": (handling, "Handled", is_call(1)),
    "rename 1": (os, "replace", is_call(1)),
    "rename 2": (os, "replace", is_call(2)),
    "rename 3": (os, "replace", is_call(3)),
    "insert": (Connection, "execute", is_insert_into("submission")),
    "insert entry": (Connection, "execute", is_insert_into("ledger_entry")),
    "commit": (DefaultDialect, "do_commit", is_after_renames),
    "receipt": (intake.door.Receipt, "from_dict", is_call(1)),
}


def counted(owner: Any, name: str, under: str, act: Callable[[tuple[Any, ...]], None]) -> None:
    """Count the calls, and act before each of them is done."""
    real = getattr(owner, name)

    def step(*arguments: Any, **options: Any) -> Any:
        CALLS[under] = CALLS.get(under, 0) + 1
        act(arguments)
        return real(*arguments, **options)

    setattr(owner, name, step)


def main() -> None:
    """Submit the file as of a fixed time."""
    path, step, victim, size = sys.argv[1:5]
    if size == "large":
        limits.SMALL_FILE_BYTES = limits.SCAN_FROM_BYTES = 0
    submitter = os.getpid()
    counted(os, "replace", "rename", lambda _: None)
    if step != "none":
        owner, name, is_the_one = STEPS[step]

        def die(arguments: tuple[Any, ...]) -> None:
            if is_the_one(arguments):
                Path(path).with_name("worker").write_text(str(os.getpid()), encoding="ascii")
                os.kill(submitter if victim == "parent" else os.getpid(), signal.SIGKILL)

        counted(owner, name, "step", die)
    assert workshop._may_fork()  # the worker must know these steps, too
    receipt = intake.submit(Path(path), partner="north-hospital", feed="demand_forecast", as_of=dt.datetime(2026, 11, 16, 8, tzinfo=dt.UTC))
    print(json.dumps(receipt.to_dict()))


if __name__ == "__main__":
    main()
