"""How much of a sender's own text a receipt repeats: never a whole page, and no words where only codes or numbers belong."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from dagster_project.intake.judging.privacy import FREE, value_class

MOST_CHARACTERS = 60
KNOWN_ENDINGS = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".parquet", ".json", ".ndjson", ".gz", ".zip"})
# A word, something between words, and another word; the T in a time is no word. Three looks, each of which goes over a text once.
_WORD_BEGINS, _BETWEEN_WORDS = re.compile(r"(?:^|[\W_])[^\W\d_]"), re.compile(r"[\s,;]")
# Plain ranges instead of a class for all letters, which takes RE2 milliseconds to prepare each time.
_LETTER = r"A-Za-z\x{C0}-\x{1FFF}\x{2C00}-\x{2FFF}\x{3040}-\x{10FFFF}"
_WORDS_SQL = rf"(?s)(?:^|[^{_LETTER}0-9])[{_LETTER}].*[\s,;\x{{A0}}\x{{2000}}-\x{{200B}}\x{{3000}}](?:.*[^{_LETTER}0-9])?[{_LETTER}]"
# Programs that show a name, and some registers, stumble over these.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
OF_A_PERSON = re.compile(r"(?i)(?:^|[^a-z])(?:mrn|dob|geb|geboren|geburtsdatum|born|birth)")
WORD_BORDER = re.compile(r"(?<=[a-z])(?=[A-Z])")
PLAN_TIMES = re.compile(r"20[1-9]\d[-_. ]?(?:[01]\d[-_. ]?[0-3]\d|W[0-5]\d)", re.IGNORECASE)


def has_words(text: str) -> bool:
    """Whether the text has two words or more: then it may name somebody."""
    first = _WORD_BEGINS.search(text)
    between = _BETWEEN_WORDS.search(text, first.end()) if first else None
    return between is not None and _WORD_BEGINS.search(text, between.start()) is not None


def withheld(text: str) -> str:
    """What stands in a receipt instead of such a text."""
    return f"(text of {len(text):,} characters, not repeated: it may name a person)"


def found_sql(cell: str, *, takes_words: bool) -> str:
    """DuckDB expression for what is repeated of a cell; `takes_words` is true for columns of free text."""
    count = f"format('{{:,}}', length({cell}))"
    cut = f"CASE WHEN length({cell}) > {MOST_CHARACTERS} THEN left({cell}, {MOST_CHARACTERS}) || '… (' || {count} || ' characters)' ELSE {cell} END"
    if takes_words:
        return cut
    instead = f"'(text of ' || {count} || ' characters, not repeated: it may name a person)'"
    return f"CASE WHEN regexp_matches({cell}, '{_WORDS_SQL}') THEN {instead} ELSE {cut} END"


def file_name_shown(name: str) -> tuple[str, str | None]:
    """The name under which a file is kept, and which direct identifier its own name holds, if any."""
    shown = CONTROL.sub("_", name).strip() or "unnamed"
    # A child's birthday is no older than some plans.
    written = unquote(shown)
    bare = written if OF_A_PERSON.search(written) else PLAN_TIMES.sub(" ", written)
    readings = (bare, bare.replace("_", " "), re.sub(r"[_-]", " ", bare), WORD_BORDER.sub(" ", bare.replace("_", " ")))
    kind = next((kind for reading in readings if (kind := value_class(reading, FREE))), None)
    if kind is None:
        return shown, None
    ending = Path(shown).suffix.lower()
    return "(name withheld)" + (ending if ending in KNOWN_ENDINGS else ""), kind
