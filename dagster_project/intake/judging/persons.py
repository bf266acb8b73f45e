"""Names of persons in running text: what they look like beside a title or a cue word, and what only seems to be one."""

from __future__ import annotations

import csv
import re
from functools import cache
from typing import TYPE_CHECKING

from dagster_project.home import PROJECT_ROOT

if TYPE_CHECKING:
    from pathlib import Path

GIVEN_NAMES, FAMILY_NAMES = (PROJECT_ROOT / "partner_feeds" / f"{kind}_names.csv" for kind in ("given", "family"))
UPPER, LOWER = "A-ZÀ-ÖØ-ÞĀ-ž", "a-zß-öø-ÿĀ-ž"
NAME = f"[{UPPER}][{LOWER}]+(?:[-'][{UPPER}][{LOWER}]+)?"
TITLE = r"(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herrn?|Frau|Mme|Monsieur|Madame|Dhr|Mevr|Mevrouw|Mw|Meneer|De heer)"
# Titles that are no other word in any case, so that the name may be in any case, too.
PLAIN_TITLE = r"(?:herrn?|frau|dhr|mevr|mevrouw|meneer|mme|monsieur|madame|mrs)"
PARTICLES = r"(?:(?:de|den|der|ten|ter|van|von|vom|zu) ){0,3}"
CUE = r"(?:patient(?:in|en|e)?(?:enname|s? ?name)?|pati[eë]nt(?:e)?|pt|pat|name|naam|nachname|vorname|signed(?: by)?|signatory|nurse|donor|spender(?:in)?)"
WORD = f"[{UPPER}{LOWER}]{{2,}}(?:[-'][{UPPER}{LOWER}]{{2,}})?"
# A cue and two words in capitals or small letters: whether they are a name, `may_be_a_name` says.
NAME_PATTERN = rf"(?i)\b{CUE}[ :.=]{{1,3}}{WORD}(?:[,;] ?| ){WORD}"
# Words that follow "patient" or "name" in a planner's remark without naming anybody.
NOT_NAMES = re.compile(
    r"(?i)\b(?:access|change|choice|data|demand|flow|forecast|group|materials|numbers?|order|plan|planning|programm?e?|registry|request"
    r"|safety|scheduling|services|slots?|support|transport|travel|volumes?|absage|anmeldung|aufnahme|aufkl.rung|bett|entlassung|station"
    r"|termin|verlegung|versorgung|woche|wunsch|zugang|zahlen|afspraak|opname|vervoer"
    r"|advocacy|blood|cancell?ed|collected|confirmed|consent(?:ed)?|delayed|education|engagement|enrolled|experience|failure|identification"
    r"|infused|journey|leaflet|moved|outcomes?|pending|postponed|progression|recall|relapsed?|reported|screening|suspected|training"
    r"|treated|weeks?|withdrawn"
    r"|apps?|beds?|care|cent(?:er|re)(?:ed|s)?|centric|cohorts?|counts?|dat(?:a|en)|days?|diary|eligibility|enrol(?:l?ment)?|first|focus(?:ed)?"
    r"|hotline|housing|hubs?|identifiers?|insurance|intake|journeys?|lists?|load|mix|navigators?|population|portals?|quality|ready|readiness|records?"
    r"|referrals?|relations|representatives?|satisfaction|selection|service|status|surveys?|team|throughput|tracking|volume|waiting)\b"
)


@cache
def given_names() -> frozenset[str]:
    """Given names in small letters that are no other word of a plan: with a cue beside them, they are somebody's."""
    return _names(GIVEN_NAMES)


@cache
def family_names() -> frozenset[str]:
    """The same of family names: a patient may be called by one alone."""
    return _names(FAMILY_NAMES)


def _names(path: Path) -> frozenset[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return frozenset(row["name"] for row in csv.DictReader(file))


def is_named(text: str) -> bool:
    """Whether a cue and two words with capitals name somebody."""
    return NOT_NAMES.search(text) is None or any(word.lower() in given_names() for word in re.findall(WORD, text))


def is_known_name(text: str) -> bool:
    """Whether the word behind a cue is a name that is no other word."""
    name = re.findall(WORD, text)[-1]
    return name.lower() in family_names() or (name[0].isupper() and name.lower() in given_names())


def may_be_a_name(text: str) -> bool:
    """Whether a cue and two words in any case name somebody: one is a given name, or both stand in capitals behind a colon."""
    match = re.fullmatch(rf"(?i:{CUE})([ :.=]{{1,3}})({WORD})(?:[,;] ?| )({WORD})", text)
    if match is None or NOT_NAMES.search(text):
        return False
    words = match.group(2), match.group(3)
    in_capitals = all(word.isupper() and len(word) > 2 for word in words)
    return any(word.lower() in given_names() for word in words) or (in_capitals and ":" in match.group(1))
