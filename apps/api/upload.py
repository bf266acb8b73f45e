"""Taking in a body: streamed to a nameless temporary file, counted, measured against its digest. A broken upload leaves nothing.

A nameless file has no place in any folder, so it goes with the process, however that ends.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import anyio
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from apps.api import digests
from apps.api.problems import ProblemError
from dagster_project.intake import limits

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterator

    from starlette.requests import Request

MULTIPART = "multipart/form-data"
STALLED_SECONDS = 60.0
FILE_NAME_LENGTH = 255
# Fields a form may have besides its file; those of other names are not looked at.
FORM_FIELDS = 10


@dataclass(frozen=True)
class Upload:
    """A file that came whole. `data` is what the door takes: bytes when small, else a path that lives as long as the upload."""

    data: bytes | Path
    size: int
    sent_name: str | None
    fields: dict[str, str]

    def sha256(self) -> str:
        """The SHA-256 of the file."""
        if isinstance(self.data, bytes):
            return hashlib.sha256(self.data).hexdigest()
        with self.data.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


@asynccontextmanager
async def received(request: Request, most_megabytes: int) -> AsyncIterator[Upload]:
    """The file in the body of a request, raw or as the one file of a form. ProblemError when it is none, too large, or not what its digest says."""
    most = most_megabytes * limits.MEGABYTE
    _require_plain(request, most)
    digest = digests.expected(request.headers.getlist("content-digest"))
    pieces = _pieces(request, most, digest)
    is_form = request.headers.get("content-type", "").split(";")[0].strip().lower() == MULTIPART
    sent, fields = await _form(request, pieces) if is_form else (await _raw(request, pieces), {})
    try:
        digest.require()
        # Without touching the disk for a small file, and without a name on it for a large one.
        with _handed_over(sent) as data:
            yield Upload(data, sent.size or 0, sent.filename, fields)
    finally:
        sent.file.close()


def _require_plain(request: Request, most: int) -> None:
    """What can be said before the first byte."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        words = "The body has a Content-Encoding. Send the file's own bytes; an archive (.gz, .zip) is taken as the file it is."
        raise ProblemError("wrong-encoding", words, headers={"Accept-Encoding": "identity"})
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > most:
        raise _too_large(most)


async def _pieces(request: Request, most: int, digest: digests.Expected) -> AsyncGenerator[bytes, None]:
    """The body as it comes; ProblemError when it becomes too much, or nothing more comes."""
    size, stream = 0, request.stream()
    while True:
        try:
            with anyio.fail_after(STALLED_SECONDS):
                piece = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError:
            words = f"Nothing came for {STALLED_SECONDS:.0f} seconds. Nothing was accepted."
            raise ProblemError("upload-stalled", words, headers={"Connection": "close"}) from None
        size += len(piece)
        if size > most:
            raise _too_large(most)
        digest.update(piece)
        yield piece


async def _raw(request: Request, pieces: AsyncGenerator[bytes, None]) -> UploadFile:
    spool = tempfile.SpooledTemporaryFile(max_size=limits.SMALL_FILE_BYTES)  # noqa: SIM115 - closed by whoever asked for it
    sent = UploadFile(cast("BinaryIO", spool), size=0, filename=_named(request.headers.get("content-disposition")))
    try:
        async for piece in pieces:
            # In a thread as soon as it is on disk, so that a slow disk holds up nobody else.
            await sent.write(piece)
    except BaseException:
        spool.close()
        raise
    return sent


async def _form(request: Request, pieces: AsyncGenerator[bytes, None]) -> tuple[UploadFile, dict[str, str]]:
    parser = MultiPartParser(request.headers, pieces, max_files=1, max_fields=FORM_FIELDS)
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise ProblemError("bad-request", f"The form cannot be read: {error.message}") from None
    files = [value for value in form.values() if isinstance(value, UploadFile)]
    if not files:
        raise ProblemError(
            "bad-request", "The form holds no file. Send the file as a part with a file name, or the file itself as the body."
        )
    return files[0], {name: value for name, value in form.items() if isinstance(value, str)}


@contextmanager
def _handed_over(sent: UploadFile) -> Iterator[bytes | Path]:
    """A spooled file as the door takes it: its bytes while they are in memory, else a path."""
    file = cast("tempfile.SpooledTemporaryFile[bytes]", sent.file)
    if (sent.size or 0) <= limits.SMALL_FILE_BYTES:
        file.seek(0)
        yield file.read()
        return
    file.flush()
    # With the process id, so that worker processes can open it, too.
    path = Path(f"/proc/{os.getpid()}/fd/{file.fileno()}")
    if path.exists():
        yield path
        return
    with tempfile.NamedTemporaryFile(prefix="veinway-") as copy:
        file.seek(0)
        shutil.copyfileobj(file, copy, limits.MEGABYTE)
        copy.flush()
        yield Path(copy.name)


def _named(disposition: str | None) -> str | None:
    """The file name in a Content-Disposition header, also one in its RFC 8187 form."""
    if not disposition:
        return None
    message = Message()
    message["Content-Disposition"] = disposition
    return message.get_filename()


def _too_large(most: int) -> ProblemError:
    words = f"The body is larger than the {most // limits.MEGABYTE:,} MB that this token may send at once. Nothing was accepted."
    # Whoever is still sending shall stop.
    return ProblemError("too-large", words, headers={"Connection": "close"})
