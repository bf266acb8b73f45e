"""Text in spreadsheets: a cell that a spreadsheet would run as a formula gets an apostrophe in front, and loses it again on the way back."""

from __future__ import annotations

import re

# Also as East Asian keyboards write them, and what some programs skip before they look for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n", "\0")
_STARTS = re.escape("".join(FORMULA_STARTS))
# What begins with a sign but is only a figure or a short code, such as -80: no formula without an operator or a name.
_FIGURE = re.compile(r"[+-]?\d+(?:[.,]\d+)*")
_GUARDED = re.compile(rf"'+[{_STARTS}]")
_WOULD_RUN = re.compile(rf"'*[{_STARTS}]")

# The first cell of the sheet that tells what to correct. The door knows its own workbook by it when it comes back.
ERRORS_SHEET = "Errors"
ERRORS_TITLE = "Veinway: what to correct"
EXCERPT_TITLE = "Veinway: what to correct (an excerpt of the file)"


def guarded(text: str) -> str:
    """The text as a cell that no spreadsheet runs. `unguarded` gives every text back as it was."""
    return f"'{text}" if _WOULD_RUN.match(text) and not _FIGURE.fullmatch(text) else text


def unguarded(text: str) -> str:
    """What `guarded` was given."""
    return text[1:] if _GUARDED.match(text) and not _FIGURE.fullmatch(text) else text
