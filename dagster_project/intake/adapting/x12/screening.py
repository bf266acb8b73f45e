"""Direct identifiers of persons anywhere in an X12 file, also in segments that no column is made of: the file is refused before it is kept."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from dagster_project.intake import limits
from dagster_project.intake.adapting.x12.envelope import INTERCHANGE, SET, address, element
from dagster_project.intake.judging.detectors import DESKS
from dagster_project.intake.judging.privacy import FREE, patient_class, value_class
from dagster_project.intake.receipt import FileRefusedError, Refusal
from dagster_project.wording import one

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dagster_project.intake.adapting.x12.envelope import Interchange, TransactionSet

# Parties that are persons (element 98): patient, insured, responsible party, subscriber and dependent, parents and guardians, physicians.
PERSONS = frozenset({"QC", "IL", "QD", "S1", "DQ", "P3", "03", "74", "HK", "EY", "GD", "71", "72", "DK", "PATIENT", "PAT"})
RECORD, SSN, ACCOUNT = "medical record number", "social security number", "health plan, account or licence number"
# What a reference is (element 128), in the segments that carry one: the places of the qualifier and of what it qualifies.
REFERENCES = {"REF": (1, 2, 3), "N9": (1, 2, 3), "L11": (2, 1, 3)}
QUALIFIERS = {
    "EA": RECORD, "MRN": RECORD, "MR": RECORD, "PI": RECORD, "SY": SSN, "SSN": SSN,
    **dict.fromkeys(("1W", "MI", "HJ", "IG", "EJ", "GH", "NQ", "F6", "A6", "0F"), ACCOUNT),
}  # fmt: skip
# To X12 these are a type of merchandise, a mill's order and a price; senders write them for a record, a member and, as in HL7, a patient's number,
# whose values have more than four digits.
AMBIGUOUS = frozenset({"MR", "MI", "PI"})
# How a party is identified (element 66).
IDENTITIES = {"34": SSN, "MR": ACCOUNT, **dict.fromkeys(("MI", "ZY", "EI", "II", "HN", "N", "C"), ACCOUNT)}
BIRTH = "222"
DATES = {"DTM": (2, 6), "DTP": (3,)}
# Contacts: where the name is, and where the numbers.
CONTACTS = {"PER": ((2,), (4, 6, 8)), "G61": ((2,), (4,)), "COM": ((), (2, 4, 6))}
# What each segment is there for; with it the file says who somebody is.
OF_PERSONS = {"DMG": "date of birth", "PAT": "name of a person", "IND": "date of birth"}
TEXTS = frozenset({"K1", "NTE", "N2", "PID", "PKG", "MSG", "MTX", "MIT", "TXT", "L5", "H3", "BIN", "BDS"})
# A company's dock has a street and a parcel's number has the form of a GSRN: there they are expected.
EXPECTED = {"N3": "street address", "MAN": "global service relation number (GSRN)"}
# Waybills, lots, versions and the like have any form: of them only what names a person outright counts.
OF_GOODS = frozenset({
    "2I", "AW", "BM", "BN", "BX", "CN", "CR", "IV", "LO", "LT", "MB", "OI", "PK", "PO", "SE", "SI", "TN", "VN", "VR", "WY",
})  # fmt: skip
FORMS_OF_GOODS = frozenset({
    "global service relation number (GSRN)", "phone or fax number", "IP address", "social security number", "national health or identity number",
})  # fmt: skip
# Years in which no plan, delivery or certificate began, but for those that programs write for "no date".
OLD_DAY = re.compile(r"19(?!00|70)[0-8]\d[01]\d[0-3]\d")
# Companies are addressed by their telephone number, if ISA05 or ISA07 says so.
BY_PHONE = "12"
OF_DESKS = "phone or fax number"
SHORTEST = 6
LEAST_DIGITS = 4
HINT = "Leave it out: no feed needs it. Then send the file again."
# Remarks are often in capitals: then these are words about a patient's material, not the name that follows.
CAPITALS = re.compile(r"\b[A-Z]{2,}\b")
NO_NAMES = re.compile(
    r"ALL|AND|APHERESIS|ARE|AT|BAGS?|BE|BLOOD|BY|CARE|CELLS?|CHAIN|COLLECTION|CONFIRMED|DELIVERY|DO|DOSES?|DRUG|FOR|FROM|HANDLE|HAS|IDENTIFIER"
    r"|IDENTITY|IN|INFUSION|IS|KIT|LABEL|LEUKAPHERESIS|LOT|MATERIAL|MUST|NO|NOT|OF|ON|ONLY|OR|PRODUCTS?|READY|RELATED|SAMPLES?|SHIPMENT|SITE"
    r"|SPECIFIC|STARTS|THE|THERAPY|TO|TREATED|TREATMENT|VISIT|WILL|WITH"
)


def refuse_persons(interchanges: Iterable[Interchange]) -> None:
    """FileRefusedError, naming segments and classes but never a value, when a file names a person, a birth date, a telephone and the like."""
    known: dict[str, str | None] = {}
    hits: list[Refusal] = []
    for interchange in interchanges:
        for number, parts, kind, place, start in islice(_hits(interchange, known), limits.MAX_RECEIPT_REFUSALS - len(hits)):
            name = f"{parts[0]}{place:02}" if place else parts[0]
            before = address(interchange, start, SET if start else INTERCHANGE)
            # What an address repeats, the control numbers, may be what was found.
            where = f"{'' if _class(before) else before}segment {number} ({parts[0]})"
            expected = "no direct identifier of a person"
            hits.append(Refusal(None, None, "direct_identifier", one(kind), expected, HINT, source_column=name, source_place=where))
    if not hits:
        return
    first = hits[0]
    more = f" and {len(hits) - 1} more" if len(hits) > 1 else ""
    raise FileRefusedError(
        f"The file holds a direct identifier of a person and was not kept: {str(first.found).removeprefix('a ')}"
        f" in {first.source_column}, {str(first.source_place).rpartition(', ')[2]}{more}. The value was not stored.",
        hits,
    )


def _hits(interchange: Interchange, known: dict[str, str | None]) -> Iterator[tuple[int, list[str], str, int, int]]:
    """Number and elements of a segment, what was found and at which place, and where its set begins (0 outside of sets)."""
    header = interchange.header
    phones = {element(header, place + 1) for place in (5, 7) if element(header, place) == BY_PHONE}
    for number, parts in [(interchange.first, header), *interchange.outside]:
        cleared = [part if part.strip() not in phones else "" for part in parts]
        yield from ((number, parts, kind, place, 0) for kind, place in _of_values(cleared, known))
    for group in interchange.groups:
        for each in group.sets:
            yield from _of_set(each, interchange.delimiters.component, known)


def _of_set(each: TransactionSet, component: str, known: dict[str, str | None]) -> Iterator[tuple[int, list[str], str, int, int]]:
    before = ["", ""]
    for number, parts in enumerate(each.segments, start=each.first):
        found = [*_of_codes(parts, component), *_of_values(parts, known)] or [*_labelled(parts)]
        if parts[0] in TEXTS:
            # A remark goes on in the next element, and in the next segment of the same name.
            text = " ".join(filter(None, (part.strip() for part in parts[1:])))
            whole = f"{before[1]} {text}" if before[0] == parts[0] else text
            if not found and (kind := _text_class(whole)):
                found = [(kind, max(range(len(parts)), key=lambda place: len(parts[place]) if place else -1))]
            before = [parts[0], text]
        else:
            before = ["", ""]
        yield from ((number, parts, kind, place, each.first) for kind, place in found)


def _of_codes(parts: list[str], component: str) -> Iterator[tuple[str, int]]:
    """What a segment says itself, by its name or a qualifier, to be a person's."""
    name = parts[0]
    if kind := OF_PERSONS.get(name):
        yield kind, 0
    elif name in CONTACTS:
        names, numbers = CONTACTS[name] if not _is_desk(parts) else ((), ())
        yield from (("name of a person", place) for place in names if element(parts, place))
        yield from (
            ("phone or fax number", place)
            for place in numbers
            if any(map(str.isdigit, element(parts, place))) and not (names and element(parts, names[0]))
        )
    elif name in REFERENCES:
        code, *places = REFERENCES[name]
        yield from ((kind, place) for place in places if (kind := _reference(element(parts, code), element(parts, place))))
        pairs = element(parts, 4).split(component) if name == "REF" else []
        yield from ((kind, 4) for code4, value in zip(pairs[::2], pairs[1::2], strict=False) if (kind := _reference(code4, value)))
    elif name in DATES:
        places = [place for place in DATES[name] if element(parts, place)]
        if element(parts, 1) == BIRTH:
            yield "date of birth", next(iter(places), 1)
        else:
            yield from (("date of birth", place) for place in places if OLD_DAY.match(element(parts, place)))
    elif name in ("N1", "NM1"):
        if (name == "NM1" and element(parts, 2) == "1") or element(parts, 1).upper() in PERSONS:
            yield "name of a person", 2 if name == "N1" else 3
        at = 3 if name == "N1" else 8
        if element(parts, at + 1) and (kind := IDENTITIES.get(element(parts, at).upper())):
            yield kind, at + 1


def _is_desk(parts: list[str]) -> bool:
    """Whether a contact is the desk of an organisation, called by nothing but what it does."""
    words = re.findall(r"[^\W_]+", element(parts, 2).lower()) if parts[0] in ("PER", "G61") else []
    return bool(words) and all(DESKS.fullmatch(word) or word.isdigit() for word in words)


def _labelled(parts: list[str]) -> Iterator[tuple[str, int]]:
    """A number beside a word that says whose it is: REF*ZZ*00451234*MRN."""
    kind = next(filter(None, map(patient_class, parts[1:])), None)
    place = next((place for place, value in enumerate(parts) if place and sum(map(str.isdigit, value)) >= LEAST_DIGITS), None)
    if kind and place:
        yield kind, place


def _reference(code: str, value: str) -> str | None:
    code = code.strip().upper()
    is_meant = bool(value.strip()) and (code not in AMBIGUOUS or sum(map(str.isdigit, value)) > 4)
    return QUALIFIERS.get(code) if is_meant else None


def _of_values(parts: list[str], known: dict[str, str | None]) -> Iterator[tuple[str, int]]:
    """What an element looks like."""
    name = parts[0]
    is_goods = name in REFERENCES and element(parts, REFERENCES[name][0]).strip().upper() in OF_GOODS
    for place, value in enumerate(parts[1:], start=1):
        # Most elements are codes, dates and quantities, and the same ones again and again.
        if len(value) >= SHORTEST and not (value.isdigit() and len(value) < 18):
            key = f"{name in TEXTS}{value}"
            if key not in known:
                known[key] = _text_class(value) if name in TEXTS or "PATIENT" in value else _class(value)
            if (
                (found := known[key])
                and not (found == OF_DESKS and _is_desk(parts))
                and found != EXPECTED.get(name)
                and not (is_goods and found in FORMS_OF_GOODS)
            ):
                yield found, place


def _class(text: str) -> str | None:
    return value_class(text, FREE)


def _text_class(text: str) -> str | None:
    """As the detectors see a remark, also when its names are in capitals."""
    spelled = CAPITALS.sub(lambda word: word[0].lower() if NO_NAMES.fullmatch(word[0]) else word[0].capitalize(), text)
    return _class(text) or (_class(spelled) if spelled != text else None)
