"""Named converters of a mapping or adapter: from one writing of a value to another, as DuckDB SQL over a text.

What a converter does not recognise comes back unchanged, so that the rule of the contract refuses it by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def _part(text: str, pattern: str, group: int) -> str:
    return f"regexp_extract({text}, '{pattern}', {group})"


def _check_digit(body: str, length: int) -> str:
    """The mod-10 check digit (GS1 General Specifications) of `length` digits."""
    terms = " + ".join(
        f"TRY_CAST(substr({body}, {place}, 1) AS INTEGER)" + (" * 3" if (length - place) % 2 == 0 else "") for place in range(1, length + 1)
    )
    return f"CAST((10 - ({terms}) % 10) % 10 AS VARCHAR)"


def _either(text: str, *, urn: tuple[str, str], link: tuple[str, str]) -> str:
    """What the text says as a URN or as a Digital Link, each by its pattern; else the text."""
    (as_urn, of_urn), (as_link, of_link) = urn, link
    return f"CASE WHEN regexp_matches({text}, '{as_urn}') THEN {of_urn} WHEN regexp_matches({text}, '{as_link}') THEN {of_link} ELSE {text} END"


def _gs1(text: str, *, pattern: str, body: str, length: int, link: str) -> str:
    """A GS1 key from its URN, whose digits make `body`, or from its Digital Link (application identifier `link`)."""
    digits = length - 1
    link_pattern = f"^https?://[^?#]*/{link}/([0-9]{{{length}}})(?:[/?#].*)?$"
    urn = f"CASE WHEN length({body}) = {digits} THEN {body} || {_check_digit(body, digits)} ELSE {text} END"
    return _either(text, urn=(pattern, urn), link=(link_pattern, _part(text, link_pattern, 1)))


def _sgln_to_gln(text: str) -> str:
    pattern = "^urn:epc:id(?:pat)?:(?:sgln|pgln):([0-9]{6,12})\\.([0-9]{0,6})(?:\\..*)?$"
    link = "^https?://[^?#]*/(?:414|417)/([0-9]{13})(?:[/?#].*)?$"
    body = f"({_part(text, pattern, 1)} || {_part(text, pattern, 2)})"
    urn = f"CASE WHEN length({body}) = 12 THEN {body} || {_check_digit(body, 12)} ELSE {text} END"
    return _either(text, urn=(pattern, urn), link=(link, _part(text, link, 1)))


def _sscc(text: str) -> str:
    pattern = "^urn:epc:id:sscc:([0-9]{6,12})\\.([0-9])([0-9]{4,10})$"
    # In the URN the extension digit stands after the company prefix; in the number it comes first.
    body = f"({_part(text, pattern, 2)} || {_part(text, pattern, 1)} || {_part(text, pattern, 3)})"
    return _gs1(text, pattern=pattern, body=body, length=18, link="00")


def _gtin(text: str) -> str:
    pattern = "^urn:epc:(?:id:sgtin|class:lgtin|idpat:sgtin):([0-9]{6,12})\\.([0-9])([0-9]{0,6})\\..+$"
    body = f"({_part(text, pattern, 2)} || {_part(text, pattern, 1)} || {_part(text, pattern, 3)})"
    return _gs1(text, pattern=pattern, body=body, length=14, link="01")


def _after_gtin(text: str) -> str:
    pattern = "^urn:epc:(?:id:sgtin|class:lgtin):[0-9]{6,12}\\.[0-9]{1,7}\\.(.+)$"
    link = "^https?://[^?#]*/01/[0-9]{14}/(?:10|21)/([^/?#]+)(?:[/?#].*)?$"
    return _either(text, urn=(pattern, f"url_decode({_part(text, pattern, 1)})"), link=(link, f"url_decode({_part(text, link, 1)})"))


def _grai(text: str) -> str:
    pattern = "^urn:epc:id:grai:([0-9]{6,12})\\.([0-9]{0,6})\\.(.+)$"
    link = "^https?://[^?#]*/8003/0?([0-9]{13})([^/?#]*)(?:[/?#].*)?$"
    body = f"({_part(text, pattern, 1)} || {_part(text, pattern, 2)})"
    urn = f"CASE WHEN length({body}) = 12 THEN {body} || {_check_digit(body, 12)} || url_decode({_part(text, pattern, 3)}) ELSE {text} END"
    return _either(text, urn=(pattern, urn), link=(link, f"{_part(text, link, 1)} || url_decode({_part(text, link, 2)})"))


def _giai(text: str) -> str:
    pattern = "^urn:epc:id:giai:([0-9]{6,12})\\.(.+)$"
    link = "^https?://[^?#]*/8004/([^/?#]+)(?:[/?#].*)?$"
    whole = f"{_part(text, pattern, 1)} || url_decode({_part(text, pattern, 2)})"
    return _either(text, urn=(pattern, whole), link=(link, f"url_decode({_part(text, link, 1)})"))


def _container(text: str) -> str:
    return f"CASE WHEN {text} LIKE 'urn:epc:id:giai:%' OR {text} LIKE '%/8004/%' THEN {_giai(text)} ELSE {_grai(text)} END"


def _cbv_word(text: str) -> str:
    pattern = "^(?:urn:epcglobal:cbv:[a-z]+:|https?://(?:ref\\.)?gs1\\.org/(?:voc|cbv)/(?:[A-Za-z]+-)?|gs1:(?:[A-Za-z]+-)?)([A-Za-z_]+)$"
    return f"CASE WHEN regexp_matches({text}, '{pattern}') THEN {_part(text, pattern, 1)} ELSE {text} END"


def _last_part(text: str) -> str:
    pattern = "[/:]([^/:]+)$"
    return f"CASE WHEN regexp_matches({text}, '{pattern}') THEN {_part(text, pattern, 1)} ELSE {text} END"


def _day_of_time(text: str) -> str:
    return f"CASE WHEN regexp_matches({text}, '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[T ][0-9]{{2}}:') THEN left({text}, 10) ELSE {text} END"


def _without_00(text: str) -> str:
    return f"CASE WHEN regexp_full_match({text}, '00[0-9]{{18}}') THEN right({text}, 18) ELSE {text} END"


def _grai_serial(text: str) -> str:
    pattern = "^urn:epc:id:grai:[0-9]{6,12}\\.[0-9]{0,6}\\.(.+)$"
    link = "^https?://[^?#]*/8003/0[0-9]{13}([^/?#]+)(?:[/?#].*)?$"
    return _either(text, urn=(pattern, f"url_decode({_part(text, pattern, 1)})"), link=(link, f"url_decode({_part(text, link, 1)})"))


def _last_day(text: str) -> str:
    midnight = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]00:00(?::00(?:[.]0+)?)?(?:Z|[+-].*)?$"
    before = f"strftime(TRY_CAST(left({text}, 10) AS DATE) - 1, '%Y-%m-%d')"
    return f"CASE WHEN regexp_matches({text}, '{midnight}') THEN coalesce({before}, {text}) ELSE {_day_of_time(text)} END"


def _coi_facility(text: str) -> str:
    return f"CASE WHEN regexp_full_match({text}, 'CH[A-Z0-9]{{13}}') THEN substr({text}, 3, 5) ELSE {text} END"


CONVERTERS: dict[str, tuple[Callable[[str], str], str]] = {
    "sgln_to_gln": (_sgln_to_gln, "a place or party URN or Digital Link -> its GLN of 13 digits"),
    "sscc_urn_to_sscc": (_sscc, "an SSCC URN or Digital Link -> 18 digits"),
    "sgtin_to_gtin": (_gtin, "an SGTIN or LGTIN URN or Digital Link -> its GTIN of 14 digits"),
    "sgtin_to_serial": (_after_gtin, "the serial or lot behind the GTIN of an SGTIN or LGTIN"),
    "grai": (_grai, "a returnable asset's URN or Digital Link -> GRAI with its serial"),
    "grai_serial": (_grai_serial, "the serial number behind a returnable asset's GRAI: DS-0042"),
    "giai": (_giai, "an individual asset's URN or Digital Link -> GIAI"),
    "grai_or_giai": (_container, "whichever of the two it is"),
    "cbv_word": (_cbv_word, "a word of the Core Business Vocabulary without its namespace: shipping"),
    "last_part": (_last_part, "what stands after the last / or colon: Location/17 -> 17"),
    "day_of_time": (_day_of_time, "the day of a time as it is written: 2026-11-24T08:00:00+01:00 -> 2026-11-24"),
    "sscc_of_20_digits": (_without_00, "an SSCC with the 00 that a label puts in front -> 18 digits"),
    "last_day_of_time": (_last_day, "the last day of a span that ends at this time: midnight ends the day before"),
    "coi_facility": (_coi_facility, "the facility within a chain-of-identity id: CHA999926ABC123 -> A9999"),
    "capitals": (lambda text: f"upper({text})", "in capital letters"),
}
