"""GS1 identifiers as EPCIS writes them: EPC URNs and Digital Links, brought to the one canonical Digital Link on id.gs1.org.

Source: GS1 Digital Link URI Syntax 1.2, section 4.11, and CBV 2.0, rules 17 and 18 of the event hash.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from dagster_project.contracts.identifiers import gs1_check_digit

DOMAIN = "https://id.gs1.org"
URN = re.compile(r"urn:epc:(id|class|idpat):([a-z]+):(.+)")
# Older links name their keys in words.
WORDS = {
    "gtin": "01",
    "itip": "8006",
    "cpid": "8010",
    "gln": "414",
    "party": "417",
    "gsrnp": "8017",
    "gsrn": "8018",
    "gcn": "255",
    "sscc": "00",
    "gdti": "253",
    "ginc": "401",
    "gsin": "402",
    "grai": "8003",
    "giai": "8004",
    "cpv": "22",
    "lot": "10",
    "ser": "21",
}
KEYS = ("01", "8006", "8010", "414", "417", "8017", "8018", "255", "00", "253", "401", "402", "8003", "8004")
# The finest qualifier of a key that the canonical link keeps.
QUALIFIERS = {"01": ("21", "235", "10"), "8006": ("21", "10"), "414": ("254",), "8010": ("8011",)}
ESCAPED = {sign: f"%{ord(sign):02X}" for sign in "!()*+,:"}


class _Scheme(NamedTuple):
    """How the parts of a URN make a key: digits before the check digit, whether the first digit of the reference leads, what follows."""

    key: str
    parts: int
    digits: int
    leads: bool
    after: str


SCHEMES = {
    "sgtin": _Scheme("01", 3, 13, leads=True, after="/21/"),
    "lgtin": _Scheme("01", 3, 13, leads=True, after="/10/"),
    "upui": _Scheme("01", 3, 13, leads=True, after="/235/"),
    "sscc": _Scheme("00", 2, 17, leads=True, after=""),
    "sgln": _Scheme("414", 3, 12, leads=False, after="/254/"),
    "pgln": _Scheme("417", 2, 12, leads=False, after=""),
    "grai": _Scheme("8003", 3, 12, leads=False, after=""),
    "gdti": _Scheme("253", 3, 12, leads=False, after=""),
    "sgcn": _Scheme("255", 3, 12, leads=False, after=""),
    "gsrn": _Scheme("8018", 2, 17, leads=False, after=""),
    "gsrnp": _Scheme("8017", 2, 17, leads=False, after=""),
    "gsin": _Scheme("402", 2, 16, leads=False, after=""),
    # Keys without a check digit.
    "giai": _Scheme("8004", 2, 0, leads=False, after=""),
    "ginc": _Scheme("401", 2, 0, leads=False, after=""),
    "cpi": _Scheme("8010", 3, 0, leads=False, after="/8011/"),
}


def canonical(uri: str) -> str | None:
    """The canonical Digital Link of an EPC URN or of another Digital Link; None when the text is neither.

    >>> canonical("urn:epc:id:sgln:9501101.53000.0")
    'https://id.gs1.org/414/9501101530003'
    """
    match = URN.fullmatch(uri)
    if match:
        return _from_urn(match[1], match[2], match[3])
    return _from_link(uri) if uri.startswith(("https://", "http://")) else None


def _from_urn(kind: str, name: str, rest: str) -> str | None:
    if name == "itip":
        return _itip(rest)
    scheme = SCHEMES.get(name)
    parts = rest.split(".", scheme.parts - 1) if scheme else []
    if scheme is None or len(parts) != scheme.parts or not re.fullmatch(r"\d{6,12}", parts[0]):
        return None
    prefix, reference, *serial = parts
    if not scheme.digits:
        return _without_check_digit(scheme, prefix, reference, serial)
    digits = (reference[:1] + prefix + reference[1:]) if scheme.leads else prefix + reference
    if len(digits) != scheme.digits or not digits.isdecimal() or not digits.isascii():
        return None
    key = f"{'0' if name == 'grai' else ''}{digits}{gs1_check_digit(digits)}"
    link = f"{DOMAIN}/{scheme.key}/{key}"
    if not serial or (kind == "idpat" and serial[0] == "*") or (name == "sgln" and serial[0] == "0"):
        return link
    return link + scheme.after + _escaped(serial[0])


def _without_check_digit(scheme: _Scheme, prefix: str, reference: str, serial: list[str]) -> str | None:
    if not reference:
        return None
    link = f"{DOMAIN}/{scheme.key}/{_escaped(prefix + reference)}"
    return link + (scheme.after + serial[0] if serial and serial[0] != "*" else "")


def _itip(rest: str) -> str | None:
    match = re.fullmatch(r"(\d{6,12})\.(\d)(\d{0,6})\.(\d\d)\.(\d\d)\.(.+)", rest)
    if not match:
        return None
    digits = match[2] + match[1] + match[3]
    if len(digits) != 13:
        return None
    link = f"{DOMAIN}/8006/{digits}{gs1_check_digit(digits)}{match[4]}{match[5]}"
    return link if match[6] == "*" else f"{link}/21/{_escaped(match[6])}"


def _from_link(uri: str) -> str | None:
    try:
        segments = urlsplit(uri).path.strip("/").split("/")
    except ValueError:
        return None
    names = [WORDS.get(segment, segment) for segment in segments]
    start = next((place for place, name in enumerate(names[:-1]) if name in KEYS and re.match(r"\d{4}", segments[place + 1])), None)
    if start is None:
        return None
    key, value = names[start], segments[start + 1]
    if key == "01" and value.isdecimal():
        value = value.zfill(14)
    pairs = dict(zip(names[start + 2 :: 2], segments[start + 3 :: 2], strict=False))
    finest = next((name for name in QUALIFIERS.get(key, ()) if name in pairs), None)
    return f"{DOMAIN}/{key}/{value}" + (f"/{finest}/{pairs[finest]}" if finest else "")


def _escaped(text: str) -> str:
    return "".join(ESCAPED.get(sign, sign) for sign in text)
