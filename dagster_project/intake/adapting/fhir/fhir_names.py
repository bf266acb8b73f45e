"""Whether the name of a unit or a line is one of a place: a name that is not may be a person's, and is not kept."""

from __future__ import annotations

import re

# Stems of words for places of care and making, in the languages of the network; one of them makes a name one of a place.
PLACE = re.compile(
    r"apher|aféres|ambul|abteil|anlage|bank|\bbay\b|\bbeds?\b|blood|blut|sang|build|\bbau\b|campus|cell|zell|célul|centr|zentr|center|chair|clin|klin"
    r"|collect|entnahme|d[ée]partment|department|d[ée]part|\bdock\b|don(?:or|ation)|spende|facilit|fabri|floor|etage|stock|h[aäeé]+mat|hospi|hôpi|spital|krankenh"
    r"|hub|immun|infus|institut|isolator|labo?|\blabs?\b|level|\bline\b|linie|ligne|l[ií]nea|lounge|manufact|medic|mediz|médec|onco|onko|outpat|parc|park|pavil"
    r"|pharm|plant|process|produ|raum|room|reinraum|salle|sala|saal|service|servi[cz]|site|standort|station|stem|suite|therap|thérap|tower|transfu|transpl|trakt"
    r"|treat|unidad|unit|unité|einheit|ward|wing|zimmer|\bzone\b",
    re.IGNORECASE,
)
LETTERS = re.compile(r"[^\W\d_]{2,}")
HOME = re.compile(
    r"(?i)\b(?:home|house|residence|flat|apartment) of\b|\bc/o\b|\bpatient(?:in)? [A-Z]|\b(?:wohnung|domicile|chez|bei) (?:von |de )?[A-Z]|'s (?:home|house)\b"
)


def names_a_place(text: str) -> bool:
    """Whether a text has a word for a place and is nobody's home, or is a code: digits with at most one word."""
    if HOME.search(text):
        return False
    is_code = any(map(str.isdigit, text)) and len(LETTERS.findall(text)) <= 1
    return is_code or PLACE.search(text) is not None or not LETTERS.search(text)
