"""How a step tells whoever started the run how far it is. Without a listener nothing happens."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    # (step, what it is at, done, total)
    Listener = Callable[[str, str, int, int], None]

# In the order in which a person meets them; a run may skip some.
STEPS = {
    "start": "Start the pipeline",
    "landing": "Load what is new",
    "second check": "Check it a second time",
    "dbt": "Build the plan",
    "publish": "Publish the edition",
}

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


def reporter(step: str) -> Callable[[str, int, int], None]:
    """The function with which one step reports (what, done, total)."""

    def report(what: str, done: int, total: int) -> None:
        listener = _listener.get()
        if listener:
            listener(step, what, done, total)

    return report


@contextmanager
def listening(listener: Listener | None) -> Iterator[None]:
    """Hear the steps of a run in this process."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
