"""When a file that lies in a drop folder is complete: its name says so, nobody locks it, nobody writes it, and it has been still for a while."""

from __future__ import annotations

import fcntl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os
    from collections.abc import Collection

SETTLE_SECONDS = 10.0
# What WinSCP, FileZilla, rclone, browsers, curl and editors call a file that is not whole yet.
UNFINISHED = (
    ".part",
    ".partial",
    ".filepart",
    ".tmp",
    ".temp",
    ".crdownload",
    ".download",
    ".upload",
    ".uploading",
    ".incomplete",
    ".swp",
    "~",
)
LOCKS = (".lock", ".lck")
# Office keeps one of these beside a workbook that somebody has open.
OFFICE_LOCKS = ("~$", ".~lock.")


def is_unfinished(name: str) -> bool:
    """Whether a name says of itself that the file is not for anyone yet: hidden, temporary, or a lock."""
    low = name.lower()
    return name.startswith((".", "~$")) or low.endswith((*UNFINISHED, *LOCKS))


def is_locked(name: str, beside: Collection[str]) -> bool:
    """Whether a file beside it locks it: `plan.csv.lock`, `.plan.csv.lock`, `plan.lock`, or that of an office program."""
    stem = name.rsplit(".", 1)[0]
    locks = {f"{dot}{of}{lock}" for dot in ("", ".") for of in (name, stem) for lock in LOCKS}
    locks |= {f"{OFFICE_LOCKS[0]}{name}", f"{OFFICE_LOCKS[0]}{name[2:]}", f"{OFFICE_LOCKS[1]}{name}#"}
    return not locks.isdisjoint(beside)


def is_still(about: os.stat_result, now: float, settle_seconds: float) -> bool:
    """Whether nothing about the file has changed for the settle time. The change time is the kernel's own: no sender can set it back."""
    return now - about.st_ctime >= settle_seconds


def is_being_written(descriptor: int) -> bool:
    """Whether any process has the file open for writing. The kernel grants a read lease only when none has; elsewhere it cannot be told."""
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        return True
    except OSError:
        # Somebody else's file, or a file system without leases: then stillness must do.
        return False
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False
