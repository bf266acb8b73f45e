"""X12 as a text becomes segments: the delimiters that an interchange declares, line breaks anywhere, binary data with a length."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from dagster_project.intake.receipt import refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

ISA_LENGTH = 106
# Where the element separators of an ISA segment stand: its elements have fixed widths.
ISA_SEPARATORS = (3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103)
# Binary segments, and where their length stands: what follows it are the data.
BINARY = {"BIN": 1, "BDS": 2}
LINE_ENDS = "\r\n"
NO_LINE_ENDS = str.maketrans("", "", LINE_ENDS)
# What may stand between interchanges and after the last one.
PADDING = "\x00\x1a \t\r\n"
NO_PADDING = re.compile(f"[^{PADDING}]")
LOST_HINT = "Something may be missing: let your system write the interchange again, and send it whole."


class Delimiters(NamedTuple):
    """The signs that an interchange declares in its ISA segment."""

    element: str
    component: str
    segment: str


def interchanges(data: bytes) -> Iterator[tuple[Delimiters, list[list[str]]]]:
    """The segments of one interchange after the other, each as its elements. FileRefusedError where an interchange does not begin with ISA."""
    text = decoded(data)
    at = _skip(text, 0)
    delimiters = _delimiters(text, at)
    if delimiters.segment not in LINE_ENDS and not _has_binary(text, delimiters):
        # Some systems break lines anywhere, also within a segment.
        text = text.translate(NO_LINE_ENDS)
        at = _skip(text, 0)
    while at < len(text):
        delimiters = _delimiters(text, at)
        segments, at = _cut(text, at, delimiters)
        yield delimiters, segments
        at = _skip(text, at)


def decoded(data: bytes) -> str:
    """The text: UTF-8, or the single-byte Western code page that older systems write."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _skip(text: str, at: int) -> int:
    """The next sign that is no space, line end or end-of-file mark."""
    found = NO_PADDING.search(text, at)
    return found.start() if found else len(text)


def _delimiters(text: str, at: int) -> Delimiters:
    for header in (text[at : at + ISA_LENGTH], text[at : at + 2 * ISA_LENGTH].translate(NO_LINE_ENDS)[:ISA_LENGTH]):
        if header.startswith("ISA") and len(header) == ISA_LENGTH:
            sign = header[3]
            delimiters = Delimiters(sign, header[104], header[105])
            if tuple(place for place, each in enumerate(header) if each == sign) == ISA_SEPARATORS and _are_usable(delimiters):
                return delimiters
    if not text.startswith("ISA", at):
        raise refuse("x12_envelope", "no ISA segment where an interchange begins", "an X12 interchange, from ISA to IEA", LOST_HINT)
    raise refuse(
        "x12_envelope",
        "an ISA segment whose elements do not have their fixed widths",
        f"{ISA_LENGTH} characters: ISA02 and ISA04 with 10, ISA06 and ISA08 with 15, then the component separator and the segment terminator",
        "Let your system fill the elements of ISA with spaces; mail programs and web pages squeeze them.",
    )


def _are_usable(delimiters: Delimiters) -> bool:
    signs = delimiters.element + delimiters.component + delimiters.segment
    return len(set(signs)) == 3 and not any(sign.isalnum() or sign == " " for sign in signs)


def _has_binary(text: str, delimiters: Delimiters) -> bool:
    return any(f"{name}{delimiters.element}" in text for name in BINARY)


def _cut(text: str, at: int, delimiters: Delimiters) -> tuple[list[list[str]], int]:
    """The segments of the interchange that begins at `at`, and where it ends."""
    if _has_binary(text, delimiters):
        return _walk(text, at, delimiters)
    end_mark, sign = re.escape(delimiters.segment), re.escape(delimiters.element)
    trailer = re.compile(rf"{end_mark}\s*IEA{sign}").search(text, at)
    end = text.find(delimiters.segment, trailer.end()) if trailer else -1
    end = len(text) if end < 0 else end
    parts = (part.lstrip() for part in text[at:end].split(delimiters.segment))
    return [part.split(delimiters.element) for part in parts if part.strip(PADDING)], end + 1


def _walk(text: str, at: int, delimiters: Delimiters) -> tuple[list[list[str]], int]:
    """As `_cut`, for a file with binary segments: their data have a length instead of an end."""
    segments: list[list[str]] = []
    while at < len(text):
        end = text.find(delimiters.segment, at)
        end = len(text) if end < 0 else end
        parts = text[at:end].lstrip().split(delimiters.element)
        length = BINARY.get(parts[0], 0)
        if length and len(parts) > length + 1 and parts[length].isascii() and parts[length].isdigit():
            start = at + len(text[at:end]) - len(text[at:end].lstrip()) + sum(len(part) + 1 for part in parts[: length + 1])
            after = start + _characters(text, start, int(parts[length][:9]))
            # A length that does not lead to the end of the segment is none.
            if text[after : after + 1] == delimiters.segment:
                end, parts = after, [*parts[: length + 1], text[start:after]]
        elif parts[0] != "ISA":
            parts = [part.translate(NO_LINE_ENDS) for part in parts]
        if "".join(parts).strip(PADDING):
            segments.append(parts)
        at = end + 1
        if parts[0] == "IEA":
            break
    return segments, at


def _characters(text: str, start: int, size: int) -> int:
    """How many characters from `start` make up `size` bytes of UTF-8."""
    piece = text[start : start + size]
    return size if piece.isascii() else len(piece.encode()[:size].decode(errors="ignore"))
