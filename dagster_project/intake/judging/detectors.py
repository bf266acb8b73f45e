"""The looks of direct identifiers: for each class the patterns that find it, in which columns they are looked for, and what has the last word.

A pattern is written so that it means the same to Python and to DuckDB (RE2, ASCII).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagster_project.contracts.identifiers import is_valid
from dagster_project.intake.judging.national_numbers import CLOCK, is_bsn, is_kvnr, is_nhs_number, is_phone
from dagster_project.intake.judging.persons import (
    LOWER,
    NAME,
    NAME_PATTERN,
    PARTICLES,
    PLAIN_TITLE,
    TITLE,
    UPPER,
    WORD,
    is_known_name,
    is_named,
    may_be_a_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable

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


def _is_no_version(text: str) -> bool:
    return text[0].isdigit() and _is_ip(text)


def _is_gsrn(text: str) -> bool:
    # A parcel's SSCC has the same form; whoever calls it one, by its name or its application identifier, is believed.
    return not text.upper().startswith(("SSCC", "(00)")) and is_valid("gsrn", text)


def _is_record_number(text: str) -> bool:
    # "hospital 2026-12-24 closed" names a day, "hospital 2026 budget" a year, and "hospital 9501101530003" the hospital.
    digits = re.sub(r"\D", "", text)
    is_named = re.fullmatch(r"20[1-4]\d", digits) or (text.lower().startswith("hospital") and is_valid("gln", digits))
    if re.fullmatch(rf"(?i)hospital {CLOCK.pattern}", text):
        # "Hospital 0830 pickup"
        return False
    return PLAN_DAY.search(text) is None and not is_named


def _is_birth_date(text: str) -> bool:
    if SINCE.match(text) and re.search(r"20\d\d", text):
        # A contract or a certificate is as old as a child.
        return False
    # What programs write for "no date".
    return "1900" not in text and re.sub(r"\D0?", "-", SINCE.sub("", text)) not in ("1970-1-1", "1-1-1970")


def _is_old_age(text: str) -> bool:
    return re.search(r"(?:h|hours?|d|days?|min|minutes?|weeks?)$", text.lower().rstrip()) is None or text.lower().endswith("old")


def _is_goods(text: str) -> bool:
    return GOODS.match(text) is not None


def _is_kvnr(text: str) -> bool:
    return not _is_goods(text) and is_kvnr(text)


def _is_nhs_or_bsn(text: str) -> bool:
    return not _is_goods(text) and (is_nhs_number(text) or is_bsn(text))


def _is_national_phone(text: str) -> bool:
    return not _is_goods(text) and is_phone(text)


def _is_three_groups(text: str) -> bool:
    # A customer is called on the phone; a lot is not.
    return not _is_goods(text) or PARTIES.match(text) is not None


def _is_called(text: str) -> bool:
    # "fax 2026-12-01" names a day, "cell: 20000000" a count of cells.
    return PLAN_DAY.search(text) is None and re.search(r"(?i)^cell.*0000$", text) is None


def _is_no_plan_day(text: str) -> bool:
    # "CPR 2026-12-01" is a training; a child's "20161212-1212" goes on after the day.
    return not any(match.end() == len(text) for match in PLAN_DAY.finditer(text))


def _is_own_address(text: str) -> bool:
    """Whether an e-mail address is a person's, not the desk's where the mail of many arrives."""
    parts = re.split(r"[._+-]", text.partition("@")[0].lower())
    return not all(part.isdigit() or DESKS.fullmatch(part) for part in parts) or parts[0].isdigit()


def _is_home(text: str) -> bool:
    return re.match(r"(?i)(?:gate|dock|door|bay|ramp|tor|rampe|poort)\b", text) is None and not WORKS.search(text)


def _is_of_a_member(text: str) -> bool:
    # An authority counts the licences of a year: DE-2019-00123.
    return re.match(r"(?i)licen", text) is None or re.search(r"[A-Z]{2,4}-20\d\d-\d+$", text) is None


def _is_ssn(text: str) -> bool:
    area, group, serial = text.split("-")
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


EVERYWHERE, TEXTS, LOOSE = frozenset({CODE, PSEUDONYM, FREE}), frozenset({PSEUDONYM, FREE}), frozenset({FREE})
DAY = r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/. ](?:\d{1,2}|[A-Za-z]{3,9})[-/. ]\d{2,4})"
PLAN_DAY = re.compile(r"\b20(?:1[6-9]|[2-9]\d)[-_. /]?(?:0[1-9]|1[0-2])[-_. /]?(?:[0-2]\d|3[01])\b")
BIRTH_YEAR = r"(?:19\d\d|200\d|201[0-5])"
MONTH = r"(?:Jan|Feb|F[eé]v|Mar|Mär|Mrz|Mrt|Maa|Apr|Avr|May|Mai|Mei|Jun|Jui|Jul|Aug|Ao[uû]|Sep|Oct|Okt|Nov|Dec|Dez|D[eé]c)[a-zéû]*"
# What stands before a day on which something of the business began.
SINCE = re.compile(
    r"(?i)\b(?:since|from|dated|valid|validated|certified|opened|approved|cert|agreement|contract|certificate|standard|baseline|data|seit|vom|ab|gültig|sinds|vanaf|depuis)"
    r"(?: (?:of|from|since|on|am|seit|vom|ab|dd|to))?[ :.]{1,2}"
)
# What a planner calls a number that is a thing's; the patterns below take it along, so that it speaks for what follows.
GOODS = re.compile(
    r"(?i)(?:lot|batch|serial|s/?n|po|order|bestellung|bestelling|auftrag|opdracht|sscc|gtin|gln|awb|waybill|invoice|rechnung|shipment|sendung|booking|logger|tracking|material"
    r"|ticket|reference|referenz|mawb|hawb|job|sap|vendor|supplier|lieferant|leverancier|study|charge|seriennummer|seriennr|consignment|parcel|customer|kunde|klant|protocol|contract|project|projekt|part|p/?n|ean|ndc|claim|capa|deviation|doc|document|report|item|article|artikel|slot|run|ref)\b"
)
PARTIES = re.compile(r"(?i)(?:customer|kunde|klant|vendor|supplier|lieferant|leverancier)")
GOODS_NUMBER = rf"\b{GOODS.pattern.removeprefix('(?i)')}[ .:#=]{{0,3}}(?:(?:no|nr|number)[ .:#]{{1,2}})?"
GOODS_BEFORE = rf"(?:{GOODS_NUMBER})?"
# A record number may be short; "Patient Nr. 123" is as likely the patient in a list.
RECORD_NUMBER = r"(?:MRN|med(?:ical)?[ ._-]?rec(?:ord)?(?:[ ._-]?(?:number|no|nr|id|num))?)"
PATIENT_NUMBER = r"(?:Pati[eë]nt(?:en|innen)?[ ._-]{0,2}(?:nummer|nr|id|kennung)|Pat[ .-]{0,2}(?:nummer|nr|id)|Fall[ ._-]?(?:nummer|nr))"
RECORD_VALUE = r"[ .:;,#=_\"'(-]{0,4}(?:is |ist )?[A-Z]{0,3}[-.]?\d(?:[ .-]?[A-Z]{0,2}\d)"
DAY_IN_WORDS = r"\d{1,2}[-. ]{1,2}[A-Za-zä]{3,9}[-. ]{1,2}\d{2,4}"
# Mailboxes of organisations.
DESKS = re.compile(
    r"(?:admin|apheresis|booking|bookings|care|cell|center|central|centre|clinic|contact|control|coordination|customer|customs|"
    r"desk|dispatch|distribution|dock|export|freight|gmp|hello|helpdesk|import|inbound|info|intake|it|lab|laboratory|logistics|"
    r"logistik|mail|manufacturing|materials|network|noreply|nurse|office|operations|ops|order|orders|outbound|pharmacy|pickup|"
    r"plan|planner|planners|planning|plant|procurement|production|purchasing|qa|qc|quality|receiving|reception|releases|"
    r"returns|sales|schedule|scheduler|schedulers|scheduling|service|services|shipments|shipping|site|slots|supply|support|"
    r"team|therapy|tracking|transport|unit|vector|versand|warehouse|webmaster)"
)
STREET = r"(?:Street|Avenue|Ave|Road|Boulevard|Blvd|Court|Drive|Lane|Terrace)"
# The same in German and Dutch, whose number comes last, and in French.
STREET_OF_NUMBER = rf"[{UPPER}][{LOWER}{UPPER} -]{{2,30}}(?i:stra(?:ß|ss)e|str\.|gasse|allee|weg|straat|laan|gracht|plein|steenweg)"
NUMBER_IN_STREET = r"(?i:rue|avenue|av\.|boulevard|bd\.?|all[eé]e|chemin|place|impasse|quai)"
# Roads within a plant, and words that only end like one.
WORKS = re.compile(
    r"(?i)(?:produktion|fertigung|abfüll|verpackung|montage|prüf|test|förder|sortier|lager|fahr|um|rück|hin|transport|arbeits|liefer|versand|kranken|not|rettungs)s?"
    r"(?:stra(?:ß|ss)e|str\.|weg)|milaan"
)
DETECTORS = (
    Detector("e-mail address", r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}", EVERYWHERE, _is_own_address),
    Detector("e-mail address", r"(?i)[a-z0-9._%+-] ?[(\[]at[)\]] ?[a-z0-9-]+(?:\.| ?[(\[]dot[)\]] ?)[a-z]{2,}", EVERYWHERE),
    Detector("web address", r"(?i)\b(?:https?://|www\.)[a-z0-9]", EVERYWHERE),
    Detector(
        "medical record number",
        r"(?i)\b(?:MRN|med(?:ical)?[ ._-]?rec(?:ord)?|chart|hospital|patient|pat)[ ._-]?(?:number|no|nr|id|num)?[ .:#=_-]{0,4}[A-Z]{0,3}[-.]?\d(?:[ .-]?\d){3,}",
        TEXTS,
        _is_record_number,
    ),
    Detector(
        "medical record number",
        rf"(?i)\b(?:{RECORD_NUMBER}{RECORD_VALUE}{{2,}}|{PATIENT_NUMBER}{RECORD_VALUE}{{3,}})",
        TEXTS,
        _is_record_number,
    ),
    Detector("medical record number", r"(?i)\bpt[ .:#]{1,3}\d{7,10}\b", TEXTS, _is_record_number),
    Detector("medical record number", r"(?i)(?:\b|_)MRN[ .:#=_-]{0,4}[A-Z]{0,3}[-.]?\d{2,}", frozenset({CODE})),
    Detector("medical record number", r"^[A-Z]{0,2}[ -]?\d{5,10}$", frozenset({PSEUDONYM})),
    Detector(
        "date of birth",
        rf"(?i)\b(?:dob|d\.o\.b\.|born(?: on)?|birth ?date|date of birth|birthday|geboren|geb|geburtsdatum|geboortedatum|née?)[ .:=-]{{0,4}}"
        rf"(?:(?:am|op|on)[ :]{{1,2}})?(?:{DAY}|{DAY_IN_WORDS}|(?:19|20)\d{{6}}|\d{{4}}(?:19|20)\d\d)",
        TEXTS,
    ),
    Detector("date of birth", rf"^{DAY}$", frozenset({PSEUDONYM})),
    Detector(
        "date of birth",
        rf"(?i)(?:{SINCE.pattern.removeprefix('(?i)')})?\b(?:{BIRTH_YEAR}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}[-/.]\d{{1,2}}[-/.]{BIRTH_YEAR}"
        rf"|\d{{1,2}}[-. ]{{1,2}}{MONTH}[-., ]{{1,2}}{BIRTH_YEAR}|{MONTH}[. ]\d{{1,2}},? {BIRTH_YEAR})\b",
        LOOSE,
        _is_birth_date,
    ),
    Detector(
        "age above 89",
        r"(?i)\b(?:aged?[ :]{1,2}(?:9\d|1[01]\d)(?: ?[a-z]{1,7})?\b|(?:9\d|1[01]\d)[ -]?(?:years?[ -]old|year-old|y/?o|yrs? old|j(?:ä|ae)hrige?r?|jahre alt|jaar oud)\b)",
        LOOSE,
        _is_old_age,
    ),
    Detector(
        "national health or identity number",
        r"(?i)\b(?:BSN|burgerservicenummer|KVNR|Kranken(?:versicherten|versicherungs|kassen)nummer|Versichertennummer|Versicherten-Nr|NIF|NIE|NIR|AMKA|CPR|NHS|NISS|AHV|AVS|INSEE|Medicare|Sozialversicherungsnummer|rijksregisternummer|PESEL|INSZ|SVNR|personnummer|personnumber|fødselsnummer|codice fiscale)[ .]?(?:number|no|nr|id)?"
        r"[ .:#=-]{0,4}[A-Z]?\d(?:[ .-]?\d){6,}",
        TEXTS,
        _is_no_plan_day,
    ),
    Detector(
        "national health or identity number",
        rf"(?i)(?:{GOODS_NUMBER}\d[\d -]{{8,12}}|\b\d{{3}}[ -]\d{{3}}[ -]\d{{4}}\b|[A-Za-z][,:;.]? \d{{9,10}}\b|\b\d{{9,10}}[,:;.]? [A-Za-z])",
        LOOSE,
        _is_nhs_or_bsn,
    ),
    Detector("national health or identity number", rf"(?i){GOODS_BEFORE}\b[A-Z]\d{{9}}\b", LOOSE, _is_kvnr),
    # The Swiss and the Italian one are known by their look.
    Detector(
        "national health or identity number", r"\b(?:756\.\d{4}\.\d{4}\.\d{2}|[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z])\b", LOOSE
    ),
    Detector("social security number", r"(?i)\b(?:SSN|social security)(?: (?:number|no))?[ .:#=-]{0,3}\d{3}[ -]?\d{2}[ -]?\d{4}\b", TEXTS),
    Detector("social security number", r"\b\d{3}-\d{2}-\d{4}\b", TEXTS, _is_ssn),
    Detector(
        "phone or fax number",
        r"(?:\+\d{1,3}[ .-]?\(?\d{1,4}\)?(?:[ .-]?\d{2,4}){2,4}|\(\d{3}\) ?\d{3}[ .-]?\d{4})",
        TEXTS,
    ),
    Detector("phone or fax number", rf"(?i){GOODS_BEFORE}\b\d{{3}}[-. ]\d{{3}}[-. ]\d{{4}}\b", TEXTS, _is_three_groups),
    Detector(
        "phone or fax number",
        # Britain, the Netherlands and Germany without the code of the country.
        rf"(?i){GOODS_BEFORE}(?:^|[\s,;:(])(?:\(0[1-9]\d{{1,4}}\)[ -]?\d{{3,8}}(?: \d{{2,4}}){{0,3}}|0[1-9]\d{{0,4}} ?[/-] ?\d{{6,8}}|0[1-9]\d{{1,4}} \d{{6,8}}"
        r"|0[1-9]\d{1,3} \d{3,4} \d{3,4}|06(?:[ -]\d{2}){4}|06 \d{8}|0(?:044|031|049)[ .-]?\d(?:[ ./-]?\d){7,10})\b",
        LOOSE,
        _is_national_phone,
    ),
    Detector(
        "phone or fax number",
        r"(?i)\b(?:tel(?:e[fp](?:h?one?|oon))?|phone|fax|handy|mobile?|mobiel|gsm|cell|call)[ .:#]{1,3}\+?\d(?:[ ./-]?\d){5,}",
        TEXTS,
        _is_called,
    ),
    Detector(
        "IP address",
        r"(?i)(?:\b(?:version|firmware|software|release|fw|sw|rev|v)[ .:]{0,2})?\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b",
        TEXTS,
        _is_no_version,
    ),
    Detector("global service relation number (GSRN)", r"(?i)(?:\bSSCC[ .:#=]{0,3})?(?:\(00\) ?)?\b\d{18}\b", TEXTS, _is_gsrn),
    Detector("street address", rf"(?i:\b(?:gate|dock|door|bay|ramp) )?\b\d{{1,5}} (?:{NAME} ){{1,3}}{STREET}\b", LOOSE, _is_home),
    Detector("street address", rf"\b{STREET_OF_NUMBER} \d{{1,4}} ?[a-z]?\b", LOOSE, _is_home),
    Detector(
        "street address",
        rf"\b\d{{1,4}}(?: bis| ter)?,? {NUMBER_IN_STREET} (?:de la |de l'|des? |du |d'|la |le )?[{UPPER}][{LOWER}]+",
        LOOSE,
    ),
    Detector("name of a person", rf"\b{TITLE}\.? {PARTICLES}{NAME}", LOOSE),
    Detector("name of a person", rf"(?i)\b{PLAIN_TITLE}\.? {PARTICLES}[{UPPER}{LOWER}]{{3,}}", LOOSE, is_named),
    Detector("name of a person", rf"(?:^|[A-Za-z,;:.] ?)Hr\. {PARTICLES}{NAME}", LOOSE),
    Detector("name of a person", rf"\b(?:[Pp]atient(?:in)?|[Pp]t)[ :.]{{1,3}}[A-Z]\. ?{NAME}", LOOSE),
    Detector("name of a person", rf"\b{NAME},? geb\.? {NAME}", LOOSE),
    Detector("name of a person", NAME_PATTERN, LOOSE, may_be_a_name),
    Detector("name of a person", rf"(?i)\b(?:pati[eë]nt(?:in|e)?|pt|pat)[ :.]{{1,3}}{WORD}", LOOSE, is_known_name),
    Detector(
        "name of a person",
        rf"\b(?:[Pp]atient(?:in)?|[Pp]t|[Nn]ame|[Ss]igned(?: by)?|[Ss]ignatory|[Nn]urse)[ :.]{{1,3}}{NAME}(?:[,;] ?| ){NAME}",
        LOOSE,
        is_named,
    ),
    Detector("name of a person", rf"^{NAME},? {NAME}$", frozenset({PSEUDONYM})),
    Detector(
        "health plan, account or licence number",
        r"(?i)\b(?:member|policy|insurance|health plan|account|licen[cs]e|passport|nhs|medicare|medicaid)[ .]?(?:number|no|nr|id|#)[ .:#=-]{0,3}[A-Z]{0,4}-?\d(?:[ -]?\d){3,}",
        TEXTS,
        _is_of_a_member,
    ),
)
