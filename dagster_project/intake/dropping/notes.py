"""Notes for the sender: a short text beside a file or folder that cannot be taken, gone again when the reason is."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field

from dagster_project.intake.dropping.answers import shortened
from dagster_project.intake.dropping.folders import opened_file, write_within

NOTE = ".not-taken.txt"
ENDING = b"This note goes away when that is done.\n"
LONGEST_NOTE = 4_096
# How long a file that the reader could not get through rests before it is tried again: it may take minutes each time.
REST_SECONDS = 900.0
RESTS = "It stays here and is tried again in a quarter of an hour; a corrected file may take its place at any time."


@dataclass
class Notes:
    """The notes of one folder (`at`, shown as `prefix`). `told` collects all of a round: place and reason."""

    at: int
    prefix: str
    told: list[tuple[str, str]]
    written: set[str] = field(default_factory=set)

    def add(self, name: str, found: str, way: str, *, writes: bool = True) -> None:
        """Say what was found and what to do, to the operator and, with `writes`, in a text beside it."""
        shown = shortened(name)
        self.told.append((f"{self.prefix}{shown}", f"{found}. {way}"))
        if not writes:
            return
        note = f"{shown}{NOTE}"
        text = f"{shown} was not taken: it is {found}.\n{way}\n".encode() + ENDING
        self.written.add(note)
        with contextlib.suppress(OSError):
            # A note that says when to try again begins anew.
            if way == RESTS or self._read(note) != text:
                write_within(note, text, at=self.at)

    def is_resting(self, name: str, about: os.stat_result, now: float) -> bool:
        """Whether a file was tried a short while ago and has not changed since; its note stays."""
        note = f"{shortened(name)}{NOTE}"
        if RESTS.encode() not in (self._read(note) or b""):
            return False
        tried_at = os.stat(note, dir_fd=self.at, follow_symlinks=False).st_ctime
        if about.st_ctime > tried_at or now - tried_at >= REST_SECONDS:
            return False
        self.written.add(note)
        return True

    def clear(self) -> None:
        """Remove the notes of earlier rounds that no longer hold."""
        for name in os.listdir(self.at):  # noqa: PTH208 - pathlib cannot list a descriptor
            if name not in self.written and self.is_note(name):
                with contextlib.suppress(OSError):
                    os.unlink(name, dir_fd=self.at)

    def is_note(self, name: str) -> bool:
        """Whether a file is a note of ours: by its name and its last line, because a sender may use any name."""
        return name.endswith(NOTE) and (self._read(name) or b"").endswith(ENDING)

    def _read(self, name: str) -> bytes | None:
        try:
            with opened_file(name, at=self.at) as descriptor:
                return os.read(descriptor, LONGEST_NOTE)
        except OSError:
            return None
