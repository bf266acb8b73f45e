"""One round through the drop folder: what is complete goes through the door, what cannot is noted, and what is not ready is left alone."""

from __future__ import annotations

import datetime as dt
import difflib
import fcntl
import logging
import os
import stat
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project import register
from dagster_project.contracts import contracts
from dagster_project.home import home
from dagster_project.intake.door import submit
from dagster_project.intake.dropping.answers import DONE, TURNED_AWAY, answer
from dagster_project.intake.dropping.folders import entries, is_purged, opened_file, opened_folder, same_file
from dagster_project.intake.dropping.notes import RESTS, Notes
from dagster_project.intake.dropping.stillness import SETTLE_SECONDS, is_being_written, is_locked, is_still, is_unfinished

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dagster_project.intake.receipt import Receipt

LOG = logging.getLogger(__name__)
WAY_IN = "drop"
EPOCH = dt.datetime.fromtimestamp(0, dt.UTC)
OUR_FOLDERS = (DONE, TURNED_AWAY)


class UnreadError(Exception):
    """A file that was neither taken nor refused, in words for its sender."""


class BusyError(RuntimeError):
    """Another process is going through the drop folder."""


@dataclass
class Visit:
    """What one round did: receipts of the files taken, files that are not ready, and notes on what cannot be taken (place, reason)."""

    receipts: list[Receipt] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    # What may be better at the next round without anybody doing anything: a full disk, a register that does not answer.
    problems: list[tuple[str, str]] = field(default_factory=list)


def visit(folder: Path | None = None, *, settle_seconds: float = SETTLE_SECONDS) -> Visit:
    """Go once through `<folder>/<partner>/<feed>/`. BusyError while another process does; OSError when the folder cannot be read.

    Nothing in there stops the round: each file and folder that cannot be taken gets a note beside it that says why.
    """
    root = folder or home().drop
    with _alone():
        root.mkdir(parents=True, exist_ok=True)
        done, known = Visit(), register.partners()
        with opened_folder(str(root)) as at:
            for name, about in entries(at).items():
                if not is_unfinished(name):
                    _partner(Notes(at, "", done.notes), name, about, known, done, settle_seconds)
    return done


@contextmanager
def _alone() -> Iterator[None]:
    """One round at a time: the lock goes with the process, however it ends."""
    home().root.mkdir(parents=True, exist_ok=True)
    with (home().root / "drop.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError("Another process is going through the drop folder just now; it takes what is there.") from error
        yield


def _partner(notes: Notes, name: str, about: os.stat_result, known: Mapping[str, str], done: Visit, settle_seconds: float) -> None:
    if not stat.S_ISDIR(about.st_mode):
        notes.add(name, f"{kind(about)} beside the partners' folders", "Put the file into <partner>/<feed>/.", writes=False)
        return
    if name not in known:
        notes.add(
            name,
            "the folder of nobody who takes part",
            f"The operator can let them in: veinway partner add {name} --role ROLE.",
            writes=False,
        )
        return
    if about.st_mode & stat.S_IRWXO:
        notes.add(name, "a folder that others on this machine may open", f"Take their rights away: chmod o-rwx {name}.", writes=False)
    feeds = [feed for feed, terms in contracts().items() if known[name] in terms.senders]
    with _noted(notes, name, done), opened_folder(name, at=notes.at) as at:
        within = Notes(at, f"{name}/", done.notes)
        for feed, inner in entries(at).items():
            if is_unfinished(feed) or within.is_note(feed):
                continue
            if not stat.S_ISDIR(inner.st_mode):
                within.add(
                    feed, f"{kind(inner)} outside the folder of a feed", f"Put the file into the folder of its feed: {_listed(feeds)}."
                )
            elif feed not in feeds:
                with _noted(within, feed, done), opened_folder(feed, at=at) as place:
                    if not entries(place):
                        continue
                near = difflib.get_close_matches(feed.lower(), feeds, n=1)
                meant = f"Did you mean {near[0]}? " if near else ""
                within.add(feed, f"no feed that {name} sends", f"{meant}Your folders are: {_listed(feeds)}.")
            else:
                with _noted(within, feed, done), opened_folder(feed, at=at) as place:
                    _feed(Notes(place, f"{name}/{feed}/", done.notes), name, feed, done, settle_seconds)
        within.clear()


def _feed(notes: Notes, partner: str, feed: str, done: Visit, settle_seconds: float) -> None:
    found = entries(notes.at)
    for name in (name for name in found if is_purged(name)):
        os.unlink(name, dir_fd=notes.at)
    blocked = [name for name in OUR_FOLDERS if name in found and not stat.S_ISDIR(found[name].st_mode)]
    for name in blocked:
        notes.add(
            name, f"{kind(found[name])} where the answers go", f"Remove it: {name} is a folder of ours. Until then nothing here is taken."
        )
    for name, about in found.items() if not blocked else ():
        if name in OUR_FOLDERS or notes.is_note(name):
            continue
        place = f"{partner}/{feed}/{name}"
        if not stat.S_ISREG(about.st_mode):
            notes.add(name, f"{kind(about)} where a file is expected", "Put the file itself here, one file for each sending.")
        elif not _is_ready(name, found, settle_seconds) or notes.is_resting(name, about, time.time()):
            done.waiting.append(place)
        else:
            with _noted(notes, name, done):
                _file(notes.at, name, partner, feed, done)
    notes.clear()


def _is_ready(name: str, found: Mapping[str, os.stat_result], settle_seconds: float) -> bool:
    return not is_unfinished(name) and not is_locked(name, found) and is_still(found[name], time.time(), settle_seconds)


def _file(at: int, name: str, partner: str, feed: str, done: Visit) -> None:
    place = f"{partner}/{feed}/{name}"
    with opened_file(name, at=at) as descriptor:
        about = os.fstat(descriptor)
        if is_being_written(descriptor):
            done.waiting.append(place)
            return
        # When it was complete: the kernel's own time, kept through every retry, so a retry is not a second sending.
        sent_at = EPOCH + dt.timedelta(microseconds=about.st_ctime_ns // 1_000)
        receipt = submit(_path_of(descriptor), partner=partner, feed=feed, file_name=_sendable(name), way_in=WAY_IN, sent_at=sent_at)
        if register.submission(receipt.submission_id) is None:
            # The reader may be at fault, so the file is not turned away: nothing of it is on record.
            raise UnreadError(receipt.message)
        # Written on while it was read: it has its turn again when it is still.
        is_whole = same_file(os.fstat(descriptor), about)
        if is_whole and answer(receipt, name=name, at=at, about=about, sent_at=sent_at):
            done.receipts.append(receipt)
        else:
            done.waiting.append(place)


def _path_of(descriptor: int) -> Path:
    """A path that is this very file, whatever has its name by now; for the processes that read it, too."""
    return Path(f"/proc/{os.getpid()}/fd/{descriptor}")


def _sendable(name: str) -> str:
    return name.encode("utf-8", "replace").decode()


@contextmanager
def _noted(notes: Notes, name: str, done: Visit) -> Iterator[None]:
    """What goes wrong with one file or folder becomes a note, and the round goes on."""
    try:
        yield
    except PermissionError:
        notes.add(name, "not readable for the door", "Give the group of this folder the right to read and write it.")
    except FileNotFoundError:
        return
    except OSError as error:
        # A full disk, a register that does not answer: nothing the sender could repair.
        done.problems.append((f"{notes.prefix}{name}", f"{error.strerror or error}. It stays where it is and is tried again."))
    except UnreadError as error:
        notes.add(name, f"a file that could not be read. {str(error).rstrip('.')}", RESTS)
    except Exception as error:  # noqa: BLE001 - one file must not keep everybody else's from the door
        # The kind of the error only: its text may repeat what is in the file.
        LOG.error("drop folder: %s%s: %s", notes.prefix, name, type(error).__name__)  # noqa: TRY400
        notes.add(name, "a file at which the reader stopped; the operator finds the place in the log", RESTS)


def kind(about: os.stat_result) -> str:
    """What lies there, in words."""
    kinds = {stat.S_IFREG: "a file", stat.S_IFDIR: "a folder", stat.S_IFLNK: "a link", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
    return kinds.get(stat.S_IFMT(about.st_mode), "a device")


def _listed(feeds: list[str]) -> str:
    return ", ".join(feeds)
