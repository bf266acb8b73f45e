"""Files for the drop folder, one round through it, and what lies there afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from door_files import forecast, week

from dagster_project.intake.dropping import Visit, visit

if TYPE_CHECKING:
    from pathlib import Path

GOOD = forecast(week(50), week(51))
PARTLY = forecast(week(50), week(51, patients="many"))
NAMED = b"patient_name," + forecast(week(50)).replace(b"\n9", b"\nAda Example,9")


def once() -> Visit:
    return visit(settle_seconds=0)


def only(pattern: str, folder: Path) -> Path:
    [found] = folder.glob(pattern)
    return found


def notes(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("*.not-taken.txt")}
