"""How the letters of a text are written: UTF-8, UTF-16, UTF-32 or Windows-1252, told by the bytes themselves."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from dagster_project.intake.receipt import FileRefusedError, refuse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

UTF8, UTF16_LE, UTF16_BE, WINDOWS = "utf-8-sig", "utf-16-le", "utf-16-be", "cp1252"
# UTF-32 before UTF-16: its mark begins with the same two bytes.
MARKS = (
    (codecs.BOM_UTF8, UTF8),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LOOKED_AT = 4096
# Signs that no table has: among them, NUL and the others that make bytes "binary".
CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
# A run of bytes beyond ASCII with the letter before and after it.
RUNS = re.compile(rb"[\x00-\x7f]?[\x80-\xff]+[\x00-\x7f]?")
LONGEST_RUN = 64
# What speaks against Windows-1252: bytes that it does not have, a capital with an accent after a small letter, a sign inside a word,
# a word of nothing but accents.
LETTER = rb"[A-Za-z\xc0-\xd6\xd8-\xf6\xf8-\xff]"
SIGN = rb"[\x80\x82-\x89\x8b\x91\x93-\x95\x98\x99\x9b\xa1-\xa9\xab\xac\xae-\xb6\xb8\xb9\xbb-\xbf\xd7\xf7]"
NOT_WINDOWS = re.compile(
    rb"[\x81\x8d\x8f\x90\x9d]|[a-z][\xc0-\xd6\xd8-\xde\x8a\x8c\x8e\x9f](?![A-Z])|[\xc0-\xff]{5}|" + LETTER + SIGN + LETTER
)
UTF8_HINT = "In Excel choose the file type 'CSV UTF-8'."


def encoding_of(head: bytes) -> str:
    """The encoding of a text by its first bytes: a byte order mark, or zeros in every second place, or else UTF-8."""
    marked = next((encoding for mark, encoding in MARKS if head.startswith(mark)), None)
    return marked or _unmarked_utf16(head[:LOOKED_AT]) or UTF8


def settled_encoding(head: bytes, chunks: Iterable[bytes]) -> str:
    """The encoding after a look at every byte. FileRefusedError, naming the row, when the letters are broken.

    Windows-1252 is taken only when nothing speaks for UTF-8 that was damaged, or for another alphabet.
    """
    encoding = encoding_of(head)
    if encoding != UTF8:
        return encoding
    pieces = iter(chunks)
    lines, sound = 0, codecs.getincrementaldecoder(UTF8)()
    for piece in pieces:
        try:
            sound.decode(piece)
        except UnicodeDecodeError as error:
            lines += piece[: max(0, error.start - len(sound.getstate()[0]))].count(b"\n")
            _require_windows(_linked(piece, pieces), row=lines + 1)
            return WINDOWS
        lines += piece.count(b"\n")
    if sound.getstate()[0]:
        raise broken_letters(UTF8, row=lines + 1)
    return UTF8


def broken_letters(encoding: str, *, row: int | None) -> FileRefusedError:
    """The refusal of a text with letters that are not what the encoding allows."""
    words = {UTF8: "UTF-8", WINDOWS: "Windows-1252"}.get(encoding, "UTF-16")
    found = "letters that are neither UTF-8 nor Windows-1252" if words != "UTF-16" else "a damaged or cut letter of UTF-16"
    return refuse("encoding", found, "text in UTF-8", UTF8_HINT, row=row)


def decoded_head(head: bytes) -> str:
    """The beginning of a text as letters, for a first look; what cannot be read is replaced."""
    return head.decode(encoding_of(head), "replace").lstrip("\ufeff")


def is_binary(head: bytes) -> bool:
    """Whether these bytes are no text at all. A stray NUL among letters does not make them so: its row will be named."""
    if encoding_of(head) != UTF8:
        return False
    sample = head[:LOOKED_AT]
    return len(CONTROLS.findall(sample)) > max(2, len(sample) // 50)


def _unmarked_utf16(sample: bytes) -> str | None:
    """UTF-16 without its mark: the delimiters and digits of a table have a zero in every second place, and only there."""
    pairs = len(sample) // 2
    if pairs < 2 or b"\0" not in sample:
        return None
    even, odd = sample[0 : pairs * 2 : 2].count(0), sample[1 : pairs * 2 : 2].count(0)
    if odd > pairs // 2 and even * 20 < odd:
        return UTF16_LE
    if even > pairs // 2 and odd * 20 < even:
        return UTF16_BE
    return None


def _linked(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces, each with the end of the one before it, so that no run is torn."""
    yield first
    last = first
    for piece in rest:
        yield last[-LONGEST_RUN:] + piece
        last = piece


def _require_windows(pieces: Iterable[bytes], *, row: int) -> None:
    for piece in pieces:
        for run in set(RUNS.findall(piece)):
            letters = run.strip(bytes(range(128)))
            if NOT_WINDOWS.search(run) or (letters[:1] != b"\xdf" and _is_utf8(letters)):
                raise broken_letters(UTF8, row=row)


def _is_utf8(letters: bytes) -> bool:
    try:
        letters.decode()
    except UnicodeDecodeError:
        return False
    return True
