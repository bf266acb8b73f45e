"""Worker processes in which files are read: a parser that hangs, eats the memory or crashes takes down its worker, never the door.

Workers are started when they are needed and kept. One that goes beyond its time or memory is replaced; all end with the process that
started them. `VEINWAY_WORKERS` says how many there are (default: one per processor); 0 works in the calling process, for a debugger.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, TypeVar

from dagster_project.home import PROJECT_ROOT, home
from dagster_project.intake import engine
from dagster_project.intake.worker import DONE, FAILED, MEMORY, serve

if TYPE_CHECKING:
    from collections.abc import Callable

    from dagster_project.intake.worker import Answer

T = TypeVar("T")
TIME, CRASH = "time", "crash"


class UnfinishedError(Exception):
    """The work did not come to an end. `why` is time, memory or crash; `where` names the place in the code, never a value of the file."""

    def __init__(self, why: str, where: str = "") -> None:
        super().__init__(f"unfinished: {why} {where}".rstrip())
        self.why = why
        self.where = where


@dataclass
class _Worker:
    """One process and the line to it. `process` is None for a forked one."""

    pid: int
    line: Connection
    process: subprocess.Popen[bytes] | None

    def is_waiting(self) -> bool:
        """Whether it is there for the next piece of work. A worker that ended has closed its end, which reads as something to receive."""
        return not self.line.poll(0)

    def stop(self) -> None:
        """End it at once, and what it left on disk with it."""
        self.line.close()
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            if self.process is not None:
                self.process.kill()
                self.process.wait()
            else:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
        engine.remove_spill(self.pid)


@dataclass
class _Bench:
    """The workers of this process: how many may be busy at once, and those that wait."""

    places: threading.Semaphore
    waiting: deque[_Worker] = field(default_factory=deque)


BENCHES: dict[int, _Bench] = {}


def run(work: Callable[..., T], *arguments: object, seconds: float, meanwhile: Callable[[], object] | None = None) -> T:
    """`work(*arguments)` in a worker. Both travel by pickle, so `work` is a function of a module.

    `meanwhile` is done here while the work has begun there: the work gets one argument more, a function that waits for its result. An error
    of `meanwhile` ends the work.
    UnfinishedError when it takes longer than `seconds`, more memory than a worker has, or fails; an OSError of the work is raised as it is.
    """
    if not engine.workers():
        return work(*arguments, *_done_before(meanwhile))
    bench = _bench()
    with bench.places:
        worker = _take(bench)
        try:
            kind, value, is_last = _ask(worker, (str(home().root), work, arguments, seconds, meanwhile is not None), seconds, meanwhile)
        except BaseException:
            # Also when the caller is interrupted: what the worker still writes would be written for nobody.
            worker.stop()
            raise
        if is_last:
            worker.stop()
        else:
            bench.waiting.append(worker)
    if kind == DONE:
        return value  # type: ignore[return-value]
    if kind == FAILED and isinstance(value, OSError):
        raise value
    raise UnfinishedError(MEMORY if kind == MEMORY else CRASH, str(value or ""))


def warm() -> None:
    """Have a worker ready before the first file arrives; it gets ready while the caller goes on."""
    if engine.workers():
        bench = _bench()
        if not bench.waiting and bench.places.acquire(blocking=False):
            bench.waiting.append(_start())
            bench.places.release()


def _bench() -> _Bench:
    # By process, because a forked child must not use its parent's workers; `setdefault` is one step even for two threads at once.
    return BENCHES.setdefault(os.getpid(), _Bench(threading.Semaphore(engine.workers())))


def _take(bench: _Bench) -> _Worker:
    # The one that worked last: its memory is warm, and the others need never have been started.
    with contextlib.suppress(IndexError):
        while True:
            worker = bench.waiting.pop()
            if worker.is_waiting():
                return worker
            worker.stop()
    return _start()


def _done_before(meanwhile: Callable[[], object] | None) -> tuple[Callable[[], object], ...]:
    """Without workers there is nothing to do beside."""
    if meanwhile is None:
        return ()
    found = meanwhile()
    return (lambda: found,)


def _ask(worker: _Worker, work: tuple[object, ...], seconds: float, meanwhile: Callable[[], object] | None) -> Answer:
    until = time.monotonic() + seconds
    _tell(worker, work)
    if meanwhile is not None:
        _tell(worker, meanwhile())
    try:
        if not worker.line.poll(max(0.0, until - time.monotonic())):
            raise UnfinishedError(TIME)
        answer: Answer = worker.line.recv()
    except (EOFError, OSError) as error:
        raise UnfinishedError(CRASH) from error
    return answer


def _tell(worker: _Worker, what: object) -> None:
    try:
        worker.line.send(what)
    except OSError as error:
        raise UnfinishedError(CRASH) from error


def _start() -> _Worker:
    ours, theirs = socket.socketpair()
    process = None if _may_fork() else _launch(theirs)
    pid = process.pid if process is not None else _fork(theirs)
    theirs.close()
    return _Worker(pid, Connection(ours.detach()), process)


def _may_fork() -> bool:
    # A fork takes milliseconds, but takes over every lock that another thread holds at that moment.
    return sys.platform == "linux" and threading.active_count() == 1


def _fork(theirs: socket.socket) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    try:
        # What the parent holds open is not the worker's to hold: a lock would outlive its owner.
        line = theirs.detach()
        os.closerange(3, line)
        os.closerange(line + 1, os.sysconf("SC_OPEN_MAX"))
        serve(line)
    finally:
        # Nothing of the parent's may be flushed, closed or cleaned up here.
        os._exit(0)


def _launch(theirs: socket.socket) -> subprocess.Popen[bytes]:
    # Not by multiprocessing: that would run the caller's main script again, which for Streamlit is the page.
    paths = [str(PROJECT_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    command = [sys.executable, "-c", f"from dagster_project.intake.worker import serve; serve({theirs.fileno()})"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    return subprocess.Popen(command, pass_fds=[theirs.fileno()], env=environment, stdin=subprocess.DEVNULL)
