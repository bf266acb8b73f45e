"""Where generated state lives: one folder, `var/` beside the sources or wherever `VEINWAY_HOME` points."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Home:
    """The folders and files below one state folder. Nothing is created by naming them."""

    root: Path

    @property
    def register_url(self) -> str:
        """SQLAlchemy address of the register: `VEINWAY_REGISTER_URL`, else a SQLite file."""
        return os.environ.get("VEINWAY_REGISTER_URL") or f"sqlite:///{self.root / 'register.sqlite'}"

    @property
    def raw(self) -> Path:
        """Bytes as they were sent, one file per SHA-256."""
        return self.root / "raw"

    @property
    def pending(self) -> Path:
        """Files that are being written, before they are renamed to their places: so it lies on the disk of `raw`, `landing` and `refused`."""
        return self.root / "pending"

    @property
    def quarantine(self) -> Path:
        """Files that no submission names, set aside by `veinway doctor --repair`."""
        return self.root / "quarantine"

    @property
    def landing(self) -> Path:
        """Accepted rows: `feed=…/partner=…/submission=….parquet`."""
        return self.root / "landing"

    @property
    def refused(self) -> Path:
        """Refused rows with their reasons, laid out like `landing`."""
        return self.root / "refused"

    @property
    def warehouse(self) -> Path:
        """The one DuckDB file that only the pipeline opens."""
        return self.root / "warehouse.duckdb"

    @property
    def editions(self) -> Path:
        """Published editions: one folder each, and `current` naming the latest."""
        return self.root / "editions"

    @property
    def data_docs(self) -> Path:
        """The last Great Expectations pages."""
        return self.root / "data_docs"

    @property
    def dagster(self) -> Path:
        """Dagster's own history."""
        return self.root / "dagster"

    @property
    def drop(self) -> Path:
        """Where partners' SFTP and file shares leave files: `VEINWAY_DROP`, else a folder in here."""
        return Path(os.environ.get("VEINWAY_DROP") or self.root / "drop").resolve()

    @property
    def network(self) -> Path:
        """The demo partners' files before they are submitted."""
        return self.root / "network"


def home() -> Home:
    """The state folder in force: `VEINWAY_HOME`, else `var/` in the project."""
    return Home(Path(os.environ.get("VEINWAY_HOME") or PROJECT_ROOT / "var").resolve())
