"""Identifiers of the field: form and check character, in Python and as SQL. Syntax only; no claim of ISBT 128 compliance.

Sources: ISBT 128 donation number with ISO/IEC 7064 mod 37-2, GS1 General Specifications (mod 10), ISO 8601 weeks.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
DIN_PATTERN = r"[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{10}"
COI_PATTERN = r"CH[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{4}[A-Z0-9]{6}"
SEC_PATTERN = r"[A-Z]{2}[A-Z0-9]{6}[A-Z0-9]{13}[ABE][A-Z0-9]{7}[A-Z0-9]{3}[0-9]{8}"
EPCIS_HASH_PATTERN = r"ni:///sha-256;[0-9a-f]{64}\?ver=CBV2\.0"
GS1_LENGTHS = {"gln": (13,), "gtin": (8, 12, 13, 14), "sscc": (18,), "gsrn": (18,)}
EXPECTED = {
    "gln": "a 13-digit GLN with a correct check digit",
    "gtin": "a GTIN of 8, 12, 13 or 14 digits with a correct check digit",
    "sscc": "an 18-digit SSCC with a correct check digit",
    "gsrn": "an 18-digit GSRN with a correct check digit",
    "din": "a donation number of 13 characters, or 14 with its check character",
    "coi": "a chain-of-identity id of 15 characters: CH, facility, year, 6 letters or digits (no letter O in the facility)",
    "sec": "a Single European Code of 40 characters",
    "iso_week": "the Monday of an ISO week, or the week itself, such as 2026-W48",
    "epcis_hash": "an EPCIS event id: ni:///sha-256;<64 hex>?ver=CBV2.0",
}
ISO_WEEK_TEXT = re.compile(r"([0-9]{4})-W([0-9]{2})")


def gs1_check_digit(body: str) -> str:
    """The mod-10 check digit of `body` (weights 3, 1 from the digit left of the check digit)."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return str(-total % 10)


def din_check_character(din: str) -> str:
    """The ISO/IEC 7064 mod 37-2 check character of a 13-character donation number.

    >>> din_check_character("G123498654321")
    'H'
    """
    remainder = 0
    for character in din:
        remainder = (remainder + ALPHABET.index(character)) * 2 % 37
    return ALPHABET[(38 - remainder) % 37]


def parse_iso_week(text: str) -> dt.date | None:
    """The Monday of `2026-W48`; None when the text is no such week (2025-W53 does not exist)."""
    match = ISO_WEEK_TEXT.fullmatch(text)
    if not match:
        return None
    try:
        return dt.date.fromisocalendar(int(match[1]), int(match[2]), 1)
    except ValueError:
        return None


def format_iso_week(day: dt.date) -> str:
    """The ISO week of a date as people read it: `2026-W48`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def is_valid(kind: str, text: str) -> bool:
    """Whether `text` is a well-formed identifier of `kind` (a key of EXPECTED). KeyError for an unknown kind."""
    if kind in GS1_LENGTHS:
        return text.isascii() and text.isdigit() and len(text) in GS1_LENGTHS[kind] and gs1_check_digit(text[:-1]) == text[-1]
    return _FORMS[kind](text)


def _is_din(text: str) -> bool:
    if re.fullmatch(DIN_PATTERN, text[:13]) is None:
        return False
    return len(text) == 13 or (len(text) == 14 and din_check_character(text[:13]) == text[13])


def _is_iso_week(text: str) -> bool:
    if parse_iso_week(text):
        return True
    try:
        return dt.date.fromisoformat(text).isoweekday() == 1
    except ValueError:
        return False


_FORMS: dict[str, Callable[[str], bool]] = {
    "din": _is_din,
    "coi": lambda text: re.fullmatch(COI_PATTERN, text) is not None,
    "sec": lambda text: re.fullmatch(SEC_PATTERN, text) is not None,
    "iso_week": _is_iso_week,
    "epcis_hash": lambda text: re.fullmatch(EPCIS_HASH_PATTERN, text) is not None,
}


def valid_sql(kind: str, column: str) -> str:
    """DuckDB expression: whether the typed `column` is a well-formed identifier of `kind` (an iso_week column is a DATE)."""
    if kind in GS1_LENGTHS:
        lengths = GS1_LENGTHS[kind]
        digits = " OR ".join(f"length({column}) = {length}" for length in lengths)
        # As a number its digits are taken apart five times faster than as text, and leading zeros change neither the weights nor the sum.
        number = f"TRY_CAST({column} AS BIGINT)"
        terms = [f"({number} // {10**place} % 10) * {1 if place % 2 == 0 else 3}" for place in range(max(lengths))]
        return f"(({digits}) AND regexp_full_match({column}, '[0-9]+') AND ({' + '.join(terms)}) % 10 = 0)"
    if kind == "din":
        terms = [f"(strpos('{ALPHABET}', substr({column}, {place}, 1)) - 1) * {pow(2, 14 - place, 37)}" for place in range(1, 14)]
        check = f"substr('{ALPHABET}', (38 - ({' + '.join(terms)}) % 37) % 37 + 1, 1)"
        return (
            f"(regexp_full_match(left({column}, 13), '{DIN_PATTERN}')"
            f" AND (length({column}) = 13 OR (length({column}) = 14 AND right({column}, 1) = {check})))"
        )
    if kind == "iso_week":
        return f"(isodow({column}) = 1)"
    pattern = {"coi": COI_PATTERN, "sec": SEC_PATTERN, "epcis_hash": EPCIS_HASH_PATTERN}[kind]
    return f"regexp_full_match({column}, '{pattern}')"
