"""When a refused file is purged, what lies of it in the drop folder goes, too: the file, its receipt and the workbook."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

from dagster_project.home import home
from dagster_project.intake.dropping.answers import DONE, TURNED_AWAY, mark
from dagster_project.intake.dropping.folders import opened_folder

if TYPE_CHECKING:
    from collections.abc import Sequence


def remove_answers(submissions: Sequence[dict[str, Any]]) -> None:
    """Remove from the drop folder what is there of these submissions, given as rows of the register. What is gone already is no trouble."""
    for row in submissions:
        for name in (DONE, TURNED_AWAY):
            with contextlib.suppress(FileNotFoundError, NotADirectoryError), contextlib.ExitStack() as opened:
                at = opened.enter_context(opened_folder(str(home().drop)))
                for part in (row["partner_id"], row["feed"], name):
                    at = opened.enter_context(opened_folder(part, at=at))
                for file in os.listdir(at):  # noqa: PTH208 - pathlib cannot list a descriptor
                    if mark(row["submission_id"]) in file:
                        os.unlink(file, dir_fd=at)
                os.fsync(at)
