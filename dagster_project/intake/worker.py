"""The other end of the workshop: a process that does one piece of work after the other, within its limits, until its parent is gone."""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import os
import pickle
import resource
import select
import signal
import threading
import traceback
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from dagster_project.home import PROJECT_ROOT
from dagster_project.intake import engine, limits

if TYPE_CHECKING:
    from collections.abc import Callable

DONE, FAILED, MEMORY = "done", "failed", "memory"
RESIDENT, WRITABLE = 1, 5
# The kind, what came of the work, and whether the worker ends with it.
Answer = tuple[str, object, bool]


def serve(descriptor: int) -> None:
    """Receive (state folder, function, arguments, seconds, whether a word follows) and send back an `Answer`, until the other end closes.

    The word that follows is what the other end finds out while the work goes on: the function gets it by calling its last argument.
    """
    at_first = _bytes_of(RESIDENT)
    _settle()
    threading.Thread(target=_end_with_parent, args=(descriptor,), daemon=True).start()
    with contextlib.suppress(EOFError, ConnectionError), Connection(descriptor) as line:
        while True:
            root, work, arguments, seconds, has_word = line.recv()
            words = (cache(line.recv),) if has_word else ()
            os.environ["VEINWAY_HOME"] = root
            # Should the parent be gone as well, the kernel itself ends work that never ends.
            signal.setitimer(signal.ITIMER_REAL, seconds + limits.GRACE_SECONDS)
            kind, value = _answer(work, (*arguments, *words))
            for word in words:
                # Whoever did not ask for it must not take it for the next piece of work.
                word()
            signal.setitimer(signal.ITIMER_REAL, 0)
            is_last = kind == MEMORY or _bytes_of(RESIDENT) > at_first + limits.WORKER_KEPT_BYTES
            _send(line, (kind, value, is_last))
            if is_last:
                return


def _settle() -> None:
    """Make this process a worker: limited, silent, deaf to Ctrl+C, and ready."""
    gc.freeze()  # what a fork brought along is never to be cleaned up here
    faulthandler.disable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it, too, and decides
    for name in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(name, signal.SIG_DFL)
    # The last words of a crashing parser may quote the file.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)
    # A core dump would hold the file. RLIMIT_DATA counts what may be written to, not what allocators only reserve.
    _limit(resource.RLIMIT_CORE, 0)
    # A fork begins with what its parent had written: the limit is on what comes on top of it.
    _limit(resource.RLIMIT_DATA, _bytes_of(WRITABLE) + engine.memory_bytes() + limits.WORKER_EXTRA_BYTES)
    with engine.cursor():
        pass


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (allowed, hard))


def _end_with_parent(descriptor: int) -> None:
    """Wait until the other end is closed, which a killed process does as well, then be gone."""
    closed = select.poll()
    closed.register(descriptor, select.POLLHUP)
    while not any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in closed.poll()):
        pass
    engine.remove_spill(os.getpid())
    os._exit(0)


def _answer(work: Callable[..., object], arguments: tuple[object, ...]) -> tuple[str, object]:
    try:
        return DONE, work(*arguments)
    except (MemoryError, duckdb.OutOfMemoryException):
        return MEMORY, None
    except OSError as error:
        return FAILED, error
    except BaseException as error:  # noqa: BLE001 - a Rust reader's panic is no Exception, and none of them may end the worker
        return FAILED, _place(error)


def _place(error: BaseException) -> str:
    """The kind of an error and where in our code it arose. Not its message: that may quote the file."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(PROJECT_ROOT)]
    where = f" at {Path(ours[-1].filename).relative_to(PROJECT_ROOT)}:{ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{where}"


def _send(line: Connection, answer: Answer) -> None:
    try:
        line.send(answer)
    except (pickle.PicklingError, TypeError, AttributeError, ValueError) as error:
        line.send((FAILED, _place(error), answer[2]))


def _bytes_of(place: int) -> int:
    """How much memory this process has of a kind, by its place in Linux's statm."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text(encoding="ascii").split()[place]) * resource.getpagesize() if statm.exists() else 0
