"""Direct identifiers of persons: found by the name of a column and by the look of a value. Values never leave this file's callers.

The classes are those of the HIPAA limited data set, and dates of birth. A pattern is written so that it
means the same to Python and to DuckDB (RE2, ASCII).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from dagster_project.contracts.identifiers import is_valid

if TYPE_CHECKING:
    from collections.abc import Callable

    from dagster_project.contracts import Column

# How closely a column is looked at: "code" columns have a pattern, a list or a check of their own, so serial
# numbers and lots pass; "pseudonym" columns stand where a medical record number is most often put by mistake.
CODE, PSEUDONYM, FREE = "code", "pseudonym", "free"


@dataclass(frozen=True)
class Detector:
    """One look of a value. `confirm` has the last word on what the pattern found; `closeness` says in which columns it looks."""

    kind: str
    pattern: str
    closeness: frozenset[str]
    confirm: Callable[[str], bool] = lambda _: True


def _is_ip(text: str) -> bool:
    return all(int(part) <= 255 for part in text.split("."))


def _is_gsrn(text: str) -> bool:
    # A parcel's SSCC has the same form; whoever calls it one is believed.
    return not text.upper().startswith("SSCC") and is_valid("gsrn", text)


def _is_record_number(text: str) -> bool:
    # "hospital 2026-12-24 closed" names a day.
    return PLAN_DAY.search(text) is None


def _is_birth_date(text: str) -> bool:
    # What programs write for "no date".
    return "1900" not in text and re.sub(r"\D0?", "-", text) not in ("1970-1-1", "1-1-1970")


def _is_old_age(text: str) -> bool:
    return re.search(r"(?:h|hours?|d|days?|min|minutes?|weeks?)$", text.lower().rstrip()) is None or text.lower().endswith("old")


def _is_named(text: str) -> bool:
    return NOT_NAMES.search(text) is None


def _is_ssn(text: str) -> bool:
    area, group, serial = text.split("-")
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


EVERYWHERE, TEXTS, LOOSE = frozenset({CODE, PSEUDONYM, FREE}), frozenset({PSEUDONYM, FREE}), frozenset({FREE})
DAY = r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/. ](?:\d{1,2}|[A-Za-z]{3,9})[-/. ]\d{2,4})"
TITLE = r"(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herr|Frau|Mme|Monsieur|Madame)"
PLAN_DAY = re.compile(r"\b20(?:1[6-9]|[2-9]\d)[-_. /]?(?:0[1-9]|1[0-2])[-_. /]?(?:[0-2]\d|3[01])\b")
BIRTH_YEAR = r"(?:19\d\d|200\d|201[0-5])"
MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
# Words that follow "patient" or "name" in a planner's remark without naming anybody.
NOT_NAMES = re.compile(
    r"(?i)\b(?:access|change|choice|data|demand|flow|forecast|group|materials|numbers?|order|plan|planning|programm?e?|registry|request"
    r"|safety|scheduling|services|slots?|support|transport|travel|volumes?)\b"
)
PATIENT = re.compile(r"(?i)\b(?:patient|pt)\b")
NAME = r"[A-Z][a-z]+(?:[-'][A-Z][a-z]+)?"
STREET = r"(?:Street|Avenue|Ave|Road|Boulevard|Blvd|Court|Drive|Lane|Terrace)"
DETECTORS = (
    Detector("e-mail address", r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}", EVERYWHERE),
    Detector("web address", r"(?i)\b(?:https?://|www\.)[a-z0-9]", EVERYWHERE),
    Detector(
        "medical record number",
        r"(?i)\b(?:MRN|med(?:ical)?[ ._-]?rec(?:ord)?|chart|hospital|patient|pat)[ ._-]?(?:number|no|nr|id|num)?[ .:#=_-]{0,4}[A-Z]{0,3}[-.]?\d(?:[ .-]?\d){3,}",
        TEXTS,
        _is_record_number,
    ),
    Detector("medical record number", r"(?i)(?:\b|_)MRN[ .:#=_-]{0,4}[A-Z]{0,3}[-.]?\d{2,}", frozenset({CODE})),
    Detector("medical record number", r"^[A-Z]{0,2}[ -]?\d{5,10}$", frozenset({PSEUDONYM})),
    Detector(
        "date of birth", rf"(?i)\b(?:dob|d\.o\.b\.|born(?: on)?|birth ?date|date of birth|birthday|geboren|née?)[ .:=-]{{0,4}}{DAY}", TEXTS
    ),
    Detector("date of birth", rf"^{DAY}$", frozenset({PSEUDONYM})),
    Detector(
        "date of birth",
        rf"(?i)\b(?:{BIRTH_YEAR}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}[-/.]\d{{1,2}}[-/.]{BIRTH_YEAR}"
        rf"|\d{{1,2}}[-. ]{{1,2}}{MONTH}[-., ]{{1,2}}{BIRTH_YEAR}|{MONTH}[. ]\d{{1,2}},? {BIRTH_YEAR})\b",
        LOOSE,
        _is_birth_date,
    ),
    Detector(
        "age above 89",
        r"(?i)\b(?:aged?[ :]{1,2}(?:9\d|1[01]\d)(?: ?[a-z]{1,7})?\b|(?:9\d|1[01]\d)[ -]?(?:years?[ -]old|year-old|y/?o|yrs? old)\b)",
        LOOSE,
        _is_old_age,
    ),
    Detector(
        "national health or identity number",
        r"(?i)\b(?:BSN|NIF|NIE|NIR|AMKA|CPR|NHS|PESEL|INSZ|SVNR|personnummer|personnumber|fødselsnummer|codice fiscale)[ .]?(?:number|no|nr|id)?"
        r"[ .:#=-]{0,4}[A-Z]?\d(?:[ .-]?\d){6,}",
        TEXTS,
    ),
    Detector("social security number", r"\b\d{3}-\d{2}-\d{4}\b", TEXTS, _is_ssn),
    Detector(
        "phone or fax number",
        r"(?:\+\d{1,3}[ .-]?\(?\d{1,4}\)?(?:[ .-]?\d{2,4}){2,4}|\(\d{3}\) ?\d{3}[ .-]?\d{4}|\b\d{3}[-. ]\d{3}[-. ]\d{4}\b)",
        TEXTS,
    ),
    Detector("phone or fax number", r"(?i)\b(?:tel|phone|fax|mobile|cell|call)[ .:#]{1,3}\+?\d(?:[ ./-]?\d){5,}", TEXTS),
    Detector("IP address", r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b", TEXTS, _is_ip),
    Detector("global service relation number (GSRN)", r"(?i)(?:\bSSCC[ .:#=]{0,3})?\b\d{18}\b", TEXTS, _is_gsrn),
    Detector("street address", rf"\b\d{{1,5}} (?:{NAME} ){{1,3}}{STREET}\b", LOOSE),
    Detector("name of a person", rf"\b{TITLE}\.? {NAME}", LOOSE),
    Detector(
        "name of a person",
        rf"\b(?:[Pp]atient|[Pp]t|[Nn]ame|[Ss]igned(?: by)?|[Ss]ignatory|[Nn]urse)[ :.]{{1,3}}{NAME}(?:[,;] ?| ){NAME}",
        LOOSE,
        _is_named,
    ),
    Detector("name of a person", rf"^{NAME},? {NAME}$", frozenset({PSEUDONYM})),
    Detector(
        "health plan, account or licence number",
        r"(?i)\b(?:member|policy|insurance|health plan|account|licen[cs]e|passport|nhs|medicare|medicaid)[ .]?(?:number|no|nr|id|#)[ .:#=-]{0,3}[A-Z]{0,4}-?\d(?:[ -]?\d){3,}",
        TEXTS,
    ),
)

DASHES = dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-")
# What `plain` changes: soft and odd spaces, invisible signs, dashes, and the styled, raised, circled, small and full-width letters.
DISGUISE = (
    r"[\x{A0}\x{AD}\x{2000}-\x{2015}\x{2024}\x{202A}-\x{202F}\x{205F}-\x{209F}\x{2100}-\x{214F}\x{2212}\x{2460}-\x{24FF}\x{3000}"
    r"\x{FE50}-\x{FE6F}\x{FEFF}\x{FF00}-\x{FFEF}\x{1D400}-\x{1D7FF}\x{E0000}-\x{E007F}]"
)

NAME_CLASSES = {
    "name of a person": r"name|(patient|first|last|middle|full|given|family|maiden|sur|physician|doctor|nurse|contact|person|donor|signatory|signer)_?names?"
    r"|surname|forename|initials|signatory|signed_by|physician|doctor|vorname|nachname|nom|prenom",
    "date of birth": r"dob|d_o_b|(patient_|donor_)?(birth_?date|date_of_birth|birth_?day|year_of_birth)|geburtsdatum|date_de_naissance",
    "medical record number": r"mrn|(patient|hospital|donor)_?mrn|medical_?record(_?(number|no|nr|id))?|(patient|chart)_?(id|no|nr|number|identifier)|hospital_?(no|nr|number)|nhs_?number|patient",
    "e-mail address": r"(.*_)?e_?mails?(_?address)?",
    "phone or fax number": r"(.*_)?(tele)?(phone|fax|mobile)(_?(number|no))?|(.*_)?tel|cell_?(phone|number)",
    "street address": r"(.*_)?(street|address|addr)(_?(line)?_?[0-9]?)?|(home|mailing|postal)_address|zip(_?code)?|post_?code|postal_?code",
    "social security number": r"ssn|social_?security(_?(number|no))?|national_?(id|insurance)(_?number)?|tax_?id",
    "health plan, account or licence number": r"(member|policy|insurance|health_?plan|account|licen[cs]e|passport|medicare|medicaid|beneficiary)_?(id|no|nr|number)",
    "vehicle or personal device": r"licen[cs]e_?plate|vin|imei|mac_?address|pacemaker_?serial",
    "web address": r"(.*_)?(url|website|web_?page)",
    "IP address": r"ip|ip_?address",
    "biometric or photograph": r"fingerprint|biometric|retina|photo(graph)?|face_?image|portrait",
    "global service relation number (GSRN)": r"gsrn|service_?relation(_?number)?",
}
_NAME_PATTERNS = {kind: re.compile(pattern) for kind, pattern in NAME_CLASSES.items()}


def name_class(name: str) -> str | None:
    """Which direct identifier a column of this name would hold, or None."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    plain = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return next((kind for kind, pattern in _NAME_PATTERNS.items() if pattern.fullmatch(plain)), None)


def closeness(column: Column) -> str:
    """How closely the values of a text column are looked at."""
    if column.classification == "pseudonym":
        return PSEUDONYM
    return CODE if column.pattern or column.allowed or column.identifier else FREE


def plain(text: str) -> str:
    """The text as the detectors read it: full-width letters, odd dashes and spaces as the plain ones, nothing invisible."""
    if text.isascii():
        return text
    folded = unicodedata.normalize("NFKC", text)
    return "".join(sign for sign in folded if unicodedata.category(sign) != "Cf").translate(DASHES)


def value_class(text: str, look: str) -> str | None:
    """Which direct identifier the text holds when looked at as closely as `look` (CODE, PSEUDONYM, FREE), or None."""
    text = plain(text)
    if not _any_pattern(look).search(text):
        return None
    for kind, pattern, confirm in _patterns(look):
        if any(confirm(match.group()) for match in pattern.finditer(text)):
            return kind
    return None


OF_COLLEAGUES = frozenset({"name of a person", "e-mail address", "web address"})


def colleague_class(text: str) -> str | None:
    """Which direct identifier stands where a program writes who worked on a file, or None.

    A colleague's name or address is none there: programs write them into every file.
    """
    text = plain(text)
    is_patient = PATIENT.search(text) is not None
    for kind, pattern, confirm in _patterns(FREE):
        if (is_patient or kind not in OF_COLLEAGUES) and any(confirm(match.group()) for match in pattern.finditer(text)):
            return kind
    return None


def cell_class(text: str, column: Column) -> str | None:
    """Which direct identifier a cell of the column holds, or None. A well-formed identifier that the column is meant for is none."""
    is_meant = column.identifier is not None and column.type == "string" and is_valid(column.identifier, text)
    return None if is_meant else value_class(text, closeness(column) if column.type == "string" else FREE)


@cache
def any_pattern(look: str) -> str:
    """One RE2 pattern that finds everything the detectors of `look` might in plain text: a cheap first pass over millions of values."""
    return "|".join(f"(?:{detector.pattern})" for detector in DETECTORS if look in detector.closeness)


@cache
def _any_pattern(look: str) -> re.Pattern[str]:
    # Python wants (?i) at the very start of a pattern; a scoped group means the same.
    parts = [_scoped(detector.pattern) for detector in DETECTORS if look in detector.closeness]
    return re.compile("|".join(parts), re.ASCII)


@cache
def _patterns(look: str) -> tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...]:
    return tuple((d.kind, re.compile(_scoped(d.pattern), re.ASCII), d.confirm) for d in DETECTORS if look in d.closeness)


def _scoped(pattern: str) -> str:
    return f"(?i:{pattern.removeprefix('(?i)')})" if pattern.startswith("(?i)") else f"(?:{pattern})"
