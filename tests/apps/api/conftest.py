"""A running API, a state folder of its own for each test, and partners with tokens."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
import uvicorn

from apps.api.app import create_app
from dagster_project import register
from dagster_project.register import tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fastapi import FastAPI

Client = httpx.Client


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The address of an application that runs in a thread of this process."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            # The socket listens already, so the first request waits until the server takes it.
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=20)


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with serving(create_app()) as found:
        yield found


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty state folder with two hospitals and a courier."""
    root = tmp_path / "state"
    monkeypatch.setenv("VEINWAY_HOME", str(root))
    monkeypatch.delenv("VEINWAY_REGISTER_URL", raising=False)
    for partner, role in (("north-hospital", "hospital"), ("south-hospital", "hospital"), ("swiftvein", "courier")):
        register.add_partner(partner, role)
    return root


@pytest.fixture
def as_partner(address: str, state: Path) -> Iterator[Callable[..., Client]]:
    """`as_partner("north-hospital", scopes=…)` gives a client with a fresh token on these terms; its header holds the token."""
    opened: list[Client] = []

    def client(partner: str, **terms: object) -> Client:
        _, text = tokens.issue(partner, name="test", terms=tokens.Terms(**{"requests_per_minute": 100_000, **terms}))  # type: ignore[arg-type]
        opened.append(Client(base_url=address, headers={"Authorization": f"Bearer {text}"}, timeout=60))
        return opened[-1]

    yield client
    for each in opened:
        each.close()


@pytest.fixture
def north(as_partner: Callable[..., Client]) -> Client:
    return as_partner("north-hospital")


@pytest.fixture
def stranger(address: str, state: Path) -> Iterator[Client]:
    """A client without a token."""
    with Client(base_url=address, timeout=60) as client:
        yield client
