"""A register of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dagster_project import register

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Engine

# Debian keeps PostgreSQL's own programs out of PATH.
PLACES = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), Path("/usr/local/bin"), Path("/usr/bin")]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty state folder."""
    root = tmp_path / "state"
    monkeypatch.setenv("VEINWAY_HOME", str(root))
    monkeypatch.delenv("VEINWAY_REGISTER_URL", raising=False)
    return root


@pytest.fixture
def engine(state: Path) -> Engine:
    """The register of that folder."""
    del state
    return register.open_register()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server of these tests, on a socket in a folder that goes with it."""
    programs = next((place for place in PLACES if (place / "initdb").exists() and (place / "postgres").exists()), None)
    if programs is None:
        pytest.skip("there is no PostgreSQL on this machine (.ci/install-postgresql installs it)")
    pytest.importorskip("psycopg")
    # The server does not run as root; a folder of pytest's is closed to anyone else.
    user = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    folder = Path(tempfile.mkdtemp(prefix="veinway-postgresql-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, user)
        as_user = {"user": user, "cwd": folder} if os.geteuid() == 0 else {"cwd": folder}
        data = str(folder / "data")
        control = [str(programs / "pg_ctl"), "-D", data, "-w"]
        initdb = [str(programs / "initdb"), "-D", data, "-U", "veinway", "-A", "trust", "--no-sync", "--locale=C", "--encoding=UTF8"]
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, **as_user)
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c max_connections=200"
        subprocess.run([*control, "-o", options, "-l", str(folder / "log"), "start"], check=True, stdout=subprocess.DEVNULL, **as_user)
        try:
            yield f"postgresql+psycopg://veinway@/{{}}?host={folder}"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL, **as_user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def on_postgresql(postgresql: str, state: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty register on that server is the register in force."""
    import psycopg  # noqa: PLC0415 - only where there is a server

    name = f"register_{abs(hash(request.node.name))}"
    with psycopg.connect(postgresql.format("postgres").replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    address = postgresql.format(name)
    monkeypatch.setenv("VEINWAY_REGISTER_URL", address)
    yield address
    register.close_registers()
