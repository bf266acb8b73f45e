"""How the letters of a text are written: UTF-8, UTF-16, UTF-32 or Windows-1252, told by the bytes themselves."""

from __future__ import annotations

import codecs
import re

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


def encoding_of(head: bytes) -> str:
    """The encoding of a text by its first bytes: a byte order mark, or zeros in every second place, or else UTF-8."""
    marked = next((encoding for mark, encoding in MARKS if head.startswith(mark)), None)
    return marked or _unmarked_utf16(head[:LOOKED_AT]) or UTF8


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
