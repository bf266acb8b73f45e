"""The API as it runs: the command, its log, many senders at once, and senders that go away in the middle."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from files import FEED, forecast, large_forecast, receipt_of

from apps.api import upload
from dagster_project import register
from dagster_project.home import PROJECT_ROOT
from dagster_project.register import tokens
from tests.apps.served import answers, free_port

if TYPE_CHECKING:
    from conftest import Client

SUBMISSIONS = "/v1/submissions"


def files_below(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file() and not path.name.startswith("register.sqlite")}


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def begun(client: Client, length: int) -> socket.socket:
    """A connection on which the head of an upload has been sent, and nothing of its body."""
    host = client.base_url.host, client.base_url.port
    head = (
        f"POST {SUBMISSIONS}?feed=demand_forecast HTTP/1.1\r\nHost: {host[0]}\r\nContent-Length: {length}\r\n"
        f"Authorization: {client.headers['authorization']}\r\n\r\n"
    )
    connection = socket.create_connection(host, timeout=30)
    connection.sendall(head.encode())
    return connection


def test_fifty_senders_at_once_each_get_their_own_receipt_and_equal_files_are_one(north: Client) -> None:
    bodies = [forecast(1 + number % 25) for number in range(50)]
    with ThreadPoolExecutor(50) as pool:
        got = list(pool.map(lambda body: north.post(SUBMISSIONS, params=FEED, content=body), bodies))
    assert {answer.status_code for answer in got} <= {200, 201}
    ids = [answer.json()["submission_id"] for answer in got]
    assert len(set(ids)) == len(register.submissions()) == 25
    assert all(ids[number] == ids[number + 25] and receipt_of(got[number]) == receipt_of(got[number + 25]) for number in range(25))
    assert register.verify() == []


@pytest.mark.parametrize("length", [5_000_000, 100])
def test_an_upload_that_breaks_off_leaves_nothing(north: Client, state: Path, length: int) -> None:
    north.get(SUBMISSIONS)
    before, open_before = files_below(state), open_files()
    for _ in range(5):
        with begun(north, length) as connection:
            connection.sendall(large_forecast(60_000)[: length - 10])
    # The server is done with them when it answers the next one and holds no file of theirs any more.
    assert north.post(SUBMISSIONS, params=FEED, content=forecast(3)).status_code == 201
    for _ in range(200):
        if open_files() <= open_before + 4:
            break
        north.get("/v1/health")
    assert open_files() <= open_before + 4
    assert [row["rows_sent"] for row in register.submissions()] == [1]
    assert len(files_below(state) - before) == 2


def test_an_upload_that_stands_still_is_ended(north: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "STALLED_SECONDS", 0.2)
    with begun(north, 100) as connection:
        connection.sendall(b"hospital_id")
        assert b" 408 " in connection.recv(4_000).split(b"\r\n")[0]
    assert register.submissions() == []


def test_large_and_small_files_at_once_do_not_wait_for_each_other_for_ever(north: Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        large = [pool.submit(north.post, SUBMISSIONS, params=FEED, content=large_forecast(40_000, number)) for number in (1, 2)]
        small = [pool.submit(north.post, SUBMISSIONS, params=FEED, content=forecast(number)) for number in range(1, 7)]
        assert {each.result().status_code for each in (*large, *small)} == {201}


@pytest.mark.slow
def test_the_command_serves_and_its_log_names_no_file_and_no_secret(state: Path) -> None:
    port = free_port()
    _, text = tokens.issue("north-hospital", name="test")
    command = [sys.executable, "-c", "from dagster_project.cli import main; main()", "api", "--port", str(port)]
    with subprocess.Popen(command, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=dict(os.environ)) as process:
        try:
            assert answers(port, process, path="/v1/health")
            headers = {"Authorization": f"Bearer {text}"}
            params = {**FEED, "file_name": "list-of-john.csv"}
            answer = httpx.post(f"http://127.0.0.1:{port}{SUBMISSIONS}", params=params, content=forecast(3), headers=headers, timeout=60)
            assert answer.status_code == 201
        finally:
            process.terminate()
            said = process.communicate(timeout=30)[0].decode()
    assert f"The API is on http://localhost:{port}" in said
    assert re.search(rf"{answer.headers['x-request-id']} north-hospital/\w+ POST {SUBMISSIONS} 201 \d+ ms", said)
    assert "john" not in said
    assert text not in said
