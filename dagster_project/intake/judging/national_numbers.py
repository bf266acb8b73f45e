"""Numbers by which a health system knows a person, told from other numbers of the same form by their check digits."""

from __future__ import annotations

import re

# A clock without its colon, as in "0830 1630".
CLOCK = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d")
LEAST_PHONE_DIGITS, MOST_PHONE_DIGITS = 8, 15


def is_bsn(text: str) -> bool:
    """Whether the nine digits are a Dutch citizen service number (the eleven test).

    >>> is_bsn("111222333"), is_bsn("111222334")
    (True, False)
    """
    digits = _digits(text)
    return len(digits) == 9 and sum(w * d for w, d in zip((9, 8, 7, 6, 5, 4, 3, 2, -1), digits, strict=True)) % 11 == 0 and any(digits)


def is_nhs_number(text: str) -> bool:
    """Whether the ten digits are a number of the English health service (modulo 11).

    >>> is_nhs_number("943 476 5919"), is_nhs_number("943 476 5918")
    (True, False)
    """
    digits = _digits(text)
    if len(digits) != 10 or len(set(digits)) == 1:
        return False
    rest = 11 - sum(weight * digit for weight, digit in zip(range(10, 1, -1), digits, strict=False)) % 11
    return rest % 11 == digits[9] and rest != 10


def is_kvnr(text: str) -> bool:
    """Whether the letter and nine digits are a German health insurance number: the letter as two digits, weights 1 and 2, sums of digits.

    >>> is_kvnr("A123456780"), is_kvnr("A123456781")
    (True, False)
    """
    match = re.fullmatch(r"([A-Za-z])(\d{9})", text)
    if match is None:
        return False
    digits = _digits(f"{ord(match.group(1).upper()) - 64:02d}{match.group(2)}")
    products = (digit * (1 + place % 2) for place, digit in enumerate(digits[:10]))
    return sum(product // 10 + product % 10 for product in products) % 10 == digits[10]


def is_phone(text: str) -> bool:
    """Whether a national number, written with spaces, is long enough for a phone and no row of clock times."""
    groups = re.findall(r"\d+", text)
    return LEAST_PHONE_DIGITS <= len("".join(groups)) <= MOST_PHONE_DIGITS and not all(CLOCK.fullmatch(group) for group in groups)


def _digits(text: str) -> list[int]:
    return [int(sign) for sign in text if sign.isdigit()]
