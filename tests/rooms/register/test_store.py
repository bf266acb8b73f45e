"""Opening a register that is not ours to read."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from dagster_project import register

if TYPE_CHECKING:
    from pathlib import Path


def test_a_register_of_another_version_is_left_alone_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEINWAY_HOME", str(tmp_path))
    monkeypatch.delenv("VEINWAY_REGISTER_URL", raising=False)
    with sqlite3.connect(tmp_path / "register.sqlite") as old:
        old.execute("CREATE TABLE submission (submission_id VARCHAR(20) PRIMARY KEY, is_raw_kept BOOLEAN)")
        old.execute("INSERT INTO submission VALUES ('a', true)")
    with pytest.raises(register.RegisterUnavailableError, match=r"another version of Veinway.*VEINWAY_HOME"):
        register.partners()
    with sqlite3.connect(tmp_path / "register.sqlite") as old:
        assert old.execute("SELECT * FROM submission").fetchall() == [("a", 1)]
