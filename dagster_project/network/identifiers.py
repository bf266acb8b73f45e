"""Synthetic identifiers: well-formed, check digits right, and made only of specimen prefixes (GS1 950110153, ISBT facility A9999)."""

from __future__ import annotations

import hashlib

GLN_BASE = 950_110_153_000
GTIN_BASE = 950_110_153_030
SSCC_PREFIX = "09501101"
FACILITY = "A9999"
COI_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
COI_SPACE = 36**6


def with_check_digit(body: str) -> str:
    """GS1 mod 10: weights 3, 1 from the digit left of the check digit."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return body + str(-total % 10)


def gln(number: int) -> str:
    """GLN of site `number`."""
    return with_check_digit(str(GLN_BASE + number))


def gtin(number: int) -> str:
    """GTIN-14 of product `number`."""
    return with_check_digit(f"0{GTIN_BASE + number}")


def sscc(number: int) -> str:
    """SSCC of shipment `number`."""
    return with_check_digit(f"{SSCC_PREFIX}{number:09d}")


def din(year: int, number: int) -> str:
    """ISBT 128 donation number (form only)."""
    return f"{FACILITY}{year % 100:02d}{number:06d}"


def coi(year: int, number: int) -> str:
    """ISBT 128 chain-of-identity id; the tail is scattered so that neighbours do not look alike."""
    rest, tail = (number * 1_234_567_891 + 987_654_321) % COI_SPACE, ""
    for _ in range(6):
        rest, digit = divmod(rest, 36)
        tail += COI_ALPHABET[digit]
    return f"CH{FACILITY}{year % 100:02d}{tail}"


def case_id(seed: int, hospital_id: str, number: int) -> str:
    """Keyed hash that stands for a patient. The key is the hospital's own; here it derives from the seed."""
    key = hashlib.blake2b(f"{seed}/{hospital_id}".encode(), digest_size=16).digest()
    return hashlib.blake2b(str(number).encode(), key=key, digest_size=16).hexdigest()
