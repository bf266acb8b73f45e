"""Long runs of the tests that fuzz: so much processor time for every reader, and a line that says what it came to.

    VEINWAY_FUZZ_SECONDS=600 pytest -m fuzz          every reader for 10 minutes
    VEINWAY_FUZZ_SECONDS=600 pytest -m "fuzz(reader='x12')"

Without the variable every test tries a few examples in passing.
"""

from __future__ import annotations

import os
import time
from collections import Counter

import pytest

SECONDS = float(os.environ.get("VEINWAY_FUZZ_SECONDS", "0"))
A_ROUND = 200


def examples(in_passing: int) -> int:
    """How many examples hypothesis tries in one call of a test; a long run calls it again and again."""
    return A_ROUND if SECONDS else in_passing


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The time of a reader is shared by all of its tests."""
    tests = Counter(_reader(item) for item in items)
    for item in items:
        item.user_properties.append(("share", SECONDS / tests[_reader(item)]))


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Repeat a test, with other examples each time, until its share of the time is spent."""
    reader = _reader(pyfuncitem)
    if not (reader and SECONDS):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    share = dict(pyfuncitem.user_properties)["share"]
    started, rounds = time.process_time(), 0
    while time.process_time() - started < share:
        pyfuncitem.obj(**arguments)
        rounds += 1
    pyfuncitem.user_properties.append(("fuzzed", (reader, time.process_time() - started, rounds * A_ROUND)))
    return True


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What a long run came to, reader by reader."""
    seconds: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name == "fuzzed":
                seconds[value[0]] += value[1]
                tried[value[0]] += value[2]
    for reader in sorted(seconds):
        terminalreporter.write_line(f"{reader}: {seconds[reader]:,.0f} s of processor time, {tried[reader]:,} examples")


def _reader(item: pytest.Item) -> str | None:
    mark = item.get_closest_marker("fuzz")
    return mark.kwargs["reader"] if mark else None
