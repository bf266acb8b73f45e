"""Receipts through the running API: a plan file of 10,000 rows from one sender and from 50 at once; thousands of small files one after the other."""

from __future__ import annotations

import datetime as dt
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from tests.apps.served import answers, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

TITLE = (
    "Receipts through the running API: seconds from first byte to receipt; processor ms a receipt; small files: last against first 1,000"
)
COLUMNS = ("what", "receipts", "p50 s", "p95 s", "a second", "last / first", "server ms", "readers ms")
ROWS = int(os.environ.get("BENCH_PLAN_ROWS", "10000"))
SENDERS = int(os.environ.get("BENCH_SENDERS", "50"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "4"))
SMALL = int(os.environ.get("BENCH_SUBMISSIONS", "10000"))
SMALL_AT_ONCE = 4
HEADER = "hospital_id,therapy_code,week_start_date,category,patients,patients_p10,patients_p90,basis,comment"


@dataclass(frozen=True)
class Measured:
    """Seconds of each receipt, of all of them together, and of the processors: in the server, and in its processes that read files."""

    seconds: list[float]
    total: float
    server_cpu: float
    readers_cpu: float


def run(console: Console) -> list[tuple[str, ...]]:
    """One row per way of sending; the server runs in a process of its own with an empty state folder."""
    with tempfile.TemporaryDirectory() as folder, _serving(Path(folder)) as (send, server):
        with ThreadPoolExecutor(SENDERS) as pool:
            list(pool.map(lambda sender: send(sender, _plan(f"warm {sender}", 10)), range(SENDERS)))
        console.print("The server is warm. One sender …")
        one = _measured(server, lambda: [send(0, _plan(f"one {turn}", ROWS)) for turn in range(5 * ROUNDS)])
        console.print(f"{SENDERS} senders at once …")
        many = _measured(server, lambda: [seconds for turn in range(ROUNDS) for seconds in _at_once(send, turn)])
        console.print(f"{SMALL:,} small files …")
        small = _measured(server, lambda: _small(send))
    step = min(1_000, SMALL // 2)
    ratio = statistics.fmean(small.seconds[-step:]) / statistics.fmean(small.seconds[:step])
    return [
        _row(f"{ROWS:,} rows, 1 sender", one, ""),
        _row(f"{ROWS:,} rows, {SENDERS} at once", many, ""),
        _row(f"1 row, {SMALL_AT_ONCE} at once", small, f"{ratio:.2f}"),
    ]


def _row(what: str, done: Measured, ratio: str) -> tuple[str, ...]:
    p50, p95 = statistics.median(done.seconds), statistics.quantiles(done.seconds, n=20)[-1]
    count = len(done.seconds)
    cpu = (f"{1000 * seconds / count:.1f}" for seconds in (done.server_cpu, done.readers_cpu))
    return what, f"{count:,}", f"{p50:.3f}", f"{p95:.3f}", f"{count / done.total:.1f}", ratio, *cpu


def _measured(server: psutil.Process, work: Callable[[], list[float]]) -> Measured:
    start, server_before, readers_before = time.perf_counter(), _cpu([server]), _cpu(server.children())
    seconds = work()
    total = time.perf_counter() - start
    return Measured(seconds, total, _cpu([server]) - server_before, _cpu(server.children()) - readers_before)


def _cpu(processes: list[psutil.Process]) -> float:
    return sum(times.user + times.system for times in (process.cpu_times() for process in processes))


def _at_once(send: Callable[[int, bytes], float], turn: int) -> list[float]:
    """Every sender's seconds; they all wait for the last one before they begin."""
    bodies = [_plan(f"round {turn} sender {sender}", ROWS) for sender in range(SENDERS)]
    gate = threading.Barrier(SENDERS)

    def one(sender: int) -> float:
        gate.wait()
        return send(sender, bodies[sender])

    with ThreadPoolExecutor(SENDERS) as pool:
        return list(pool.map(one, range(SENDERS)))


def _small(send: Callable[[int, bytes], float]) -> list[float]:
    """Seconds of each small file, in the order in which they were sent."""
    with ThreadPoolExecutor(SMALL_AT_ONCE) as pool:
        return list(pool.map(lambda number: send(number % SENDERS, _plan(f"small {number}", 1)), range(SMALL)))


def _plan(name: str, rows: int) -> bytes:
    """A good forecast in which no two rows are for the same hospital and week; its comment makes it a file of its own."""
    monday = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=7 - dt.datetime.now(dt.UTC).weekday())
    weeks = [monday + dt.timedelta(weeks=week) for week in range(100)]
    hospitals = [_gln(number) for number in range(rows // 100 + 1)]
    lines = [f"{hospitals[row // 100]},CART-101,{weeks[row % 100]},commercial,{1 + row % 9},1,9,pipeline," for row in range(rows)]
    return "\n".join([HEADER, lines[0] + name, *lines[1:], ""]).encode()


def _gln(number: int) -> str:
    digits = f"{950110153000 + number:012d}"
    return digits + str(-sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10)


@contextmanager
def _serving(home: Path) -> Iterator[tuple[Callable[[int, bytes], float], psutil.Process]]:
    """A function that sends a body as one of the senders and gives the seconds until its receipt, and the server's process."""
    texts = _tokens(home)
    port = free_port()
    command = [sys.executable, "-c", "from dagster_project.cli import main; main()", "api", "--port", str(port)]
    environment = {**os.environ, "VEINWAY_HOME": str(home)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            if not answers(port, process, path="/v1/health"):
                raise SystemExit("The API did not start.")
            yield lambda sender, body: _send(port, texts[sender], body), psutil.Process(process.pid)
        finally:
            process.terminate()


def _tokens(home: Path) -> list[str]:
    from dagster_project.register import add_partner, open_register, tokens  # noqa: PLC0415

    engine = open_register(f"sqlite:///{home / 'register.sqlite'}")
    names = [f"hospital-{sender}" for sender in range(SENDERS)]
    for name in names:
        add_partner(name, "hospital", engine=engine)
    return [tokens.issue(name, name="bench", terms=tokens.Terms(requests_per_minute=1_000_000), engine=engine)[1] for name in names]


def _send(port: int, token: str, body: bytes) -> float:
    start = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request("POST", "/v1/submissions?feed=demand_forecast", body, {"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        text = answer.read()
    finally:
        connection.close()
    if answer.status != http.client.CREATED or json.loads(text)["status"] != "accepted":
        raise SystemExit(f"The API answered {answer.status}: {text[:500].decode()}")
    return time.perf_counter() - start
