"""The one pass over the bytes of a file: before a small one is read, beside the reading of a large one, which it copies on the way."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from dagster_project.intake.judging.judgement import reads_ahead
from dagster_project.intake.keeping.landing import raw_path
from dagster_project.intake.reading.content import look_at, survey

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from dagster_project.intake.keeping.files import Pending
    from dagster_project.intake.reading.content import Content, Look, Survey


@dataclass
class FirstPass:
    """What a pass over the bytes tells, made once, when it is asked for; and the copy that it makes, when there is to be one.

    `seen` is how a large file looked before anybody read it.
    """

    content: Content
    seen: Look | None = field(init=False)
    _told: Survey | None = field(default=None, init=False)
    _copy: IO[bytes] | None = field(default=None, init=False)
    _beside: ThreadPoolExecutor | None = field(default=None, init=False)
    _lasting: Future[None] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.seen = look_at(self.content.located()) if self.content.held is None else None

    @property
    def is_beside(self) -> bool:
        """Whether the pass can be made while the file is read."""
        return reads_ahead(self.content)

    @property
    def copies(self) -> bool:
        """Whether the pass keeps a copy of the bytes."""
        return self._copy is not None

    def survey(self) -> Survey:
        """What the pass tells. OSError when the file cannot be read or the copy not be written."""
        if self._told is None:
            self._told = survey(self.content, self._copy)
            if self._copy is not None and self._beside is not None:
                self._lasting = self._beside.submit(os.fsync, self._copy.fileno())
        return self._told

    @contextmanager
    def copying(self, files: Pending) -> Iterator[None]:
        """In here a pass beside the reading copies the bytes into a file without a name: gone at the end, and with the process, unless it is kept."""
        self._copy = files.nameless() if self.is_beside else None
        if self._copy is None:
            yield
            return
        with self._copy, ThreadPoolExecutor(1) as self._beside:
            yield

    def keep_copy(self, files: Pending) -> None:
        """Let the copy last and have its place; nothing to do for bytes that are kept already."""
        target = raw_path(self.survey().sha256)
        if self._copy is None or self._lasting is None or target.exists():
            return
        self._lasting.result()
        files.name(self._copy, target)
