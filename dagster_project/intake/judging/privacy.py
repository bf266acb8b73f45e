"""Direct identifiers of persons: found by the name of a column and by the look of a value. Values never leave this file's callers.

The classes are those of the HIPAA limited data set, and dates of birth; how each looks is in `detectors.py`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from dagster_project.contracts.identifiers import is_valid
from dagster_project.intake.judging.detectors import CODE, DETECTORS, FREE, PSEUDONYM

if TYPE_CHECKING:
    from collections.abc import Callable

    from dagster_project.contracts import Column

__all__ = [
    "CODE", "DISGUISE", "FREE", "PSEUDONYM", "any_pattern", "cell_class", "closeness", "colleague_class", "name_class", "patient_class", "plain", "value_class",
]  # fmt: skip
# Cyrillic and Greek letters that look like Latin ones.
LOOK_ALIKES = str.maketrans(
    "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0430\u0435\u0455\u0456\u0458"
    "\u043e\u0440\u0441\u0443\u0445\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf",
    "ABESIJKMHOPCTYXaesijopcyxABEZHIKMNOPTYXo",
)
DASHES = str.maketrans(dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-"))
# What `plain` changes: soft and odd spaces, invisible signs, dashes, and the styled, raised, circled, small and full-width letters.
DISGUISE = (
    r"[\x{A0}\x{AD}\x{370}-\x{52F}\x{2000}-\x{2015}\x{2024}\x{202A}-\x{202F}\x{205F}-\x{209F}\x{2100}-\x{214F}\x{2212}\x{2460}-\x{24FF}\x{3000}"
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
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", plain(name).strip())
    words = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return next((kind for kind, pattern in _NAME_PATTERNS.items() if pattern.fullmatch(words)), None)


def patient_class(name: str) -> str | None:
    """Which direct identifier of a patient a label asks for, or None: names and numbers of companies and colleagues are none."""
    kind = name_class(name.strip(" :.#*"))
    is_patient = kind in OF_PATIENTS or (kind == "name of a person" and OF_A_PATIENT.search(name) is not None)
    # "Patients: 12" counts them.
    return kind if is_patient and not PATIENT.fullmatch(name.strip(" :.#*")) else None


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
    return "".join(sign for sign in folded if unicodedata.category(sign) != "Cf").translate(DASHES).translate(LOOK_ALIKES)


def value_class(text: str, look: str) -> str | None:
    """Which direct identifier the text holds when looked at as closely as `look` (CODE, PSEUDONYM, FREE), or None."""
    text = plain(text)
    if not _any_pattern(look).search(text):
        return None
    for kind, pattern, confirm in _patterns(look):
        if any(confirm(match.group()) for match in pattern.finditer(text)):
            return kind
    return None


OF_PATIENTS = frozenset({
    "medical record number", "date of birth", "social security number", "global service relation number (GSRN)",
})  # fmt: skip
OF_A_PATIENT = re.compile(r"(?i)patient|donor|surname|forename|first|last|maiden|family|given|vorname|nachname|prenom|prénom")
OWN_NUMBERS = frozenset({"phone or fax number", "national health or identity number"})
NUMBER_IN_GROUPS = re.compile(r"\d+(?:[-./ ]\d+)*")
PATIENT = re.compile(r"(?i)\b(?:patient|pt)\b")
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
    kind = None if is_meant else value_class(text, closeness(column) if column.type == "string" else FREE)
    # The key of a row, when it is a number in groups, is a number of the sender's own: shipment 617-555-0123.
    return None if column.is_key and kind in OWN_NUMBERS and NUMBER_IN_GROUPS.fullmatch(text) else kind


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
