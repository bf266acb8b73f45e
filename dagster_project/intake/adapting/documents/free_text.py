"""Free text of a JSON document is not kept: a name cannot be told from other words, and no feed is made of them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from dagster_project.intake.adapting.documents.json_text import NumberText
from dagster_project.intake.judging.repeating import has_words
from dagster_project.intake.receipt import Refusal

# Fields of remarks, and of data that hold whatever was written into them: their text is dropped also when it is one word.
REMARKS = re.compile(r"(?:.*[:#/])?(?:comments?|notes?|remarks?|description\w*|label|text|stringValue|hexBinaryValue)", re.IGNORECASE)
DATA = re.compile(r"data:", re.IGNORECASE)
# A name for a thing has no words unless somebody wrote spaces into it.
ADDRESS, SPACE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+"), re.compile(r"\s")
NAME = re.compile(r"[A-Za-z@][\w:.@-]{0,60}")
MOST_PLACES = 5


def without_free_text(document: Any) -> tuple[Any, list[str]]:
    """A copy without texts of two words or more, remarks and data; and the places of what was dropped."""
    dropped: list[str] = []
    return _kept(document, "", "", dropped), dropped


def _kept(node: Any, name: str, place: str, dropped: list[str]) -> Any:
    if isinstance(node, list):
        # A dropped item leaves its gap: the places of the others are told in receipts.
        return [_kept(item, name, f"{place}[{number}]", dropped) for number, item in enumerate(node, start=1)]
    if isinstance(node, dict):
        found = {}
        for below, value in node.items():
            is_name = not has_words(below)
            shown = f"{place}.{below if NAME.fullmatch(below) else '(a field)'}".lstrip(".")
            kept = _kept(value, below, shown, dropped) if is_name else None
            if not is_name:
                dropped.append(shown)
            if is_name and (kept is not None or value is None):
                found[below] = kept
        return found
    if not isinstance(node, str) or isinstance(node, NumberText) or not _is_free(node, name):
        return node
    dropped.append(place or "the document")
    return None


def _is_free(text: str, name: str) -> bool:
    if not text or REMARKS.fullmatch(name) or DATA.match(text):
        return bool(text)
    return SPACE.search(unquote(text)) is not None if ADDRESS.fullmatch(text) else has_words(text)


def remark(dropped: list[str]) -> Refusal:
    """The warning that tells where free text was dropped."""
    more = f" and {len(dropped) - MOST_PLACES:,} more" if len(dropped) > MOST_PLACES else ""
    count = f"{len(dropped):,} texts" if len(dropped) > 1 else "1 text"
    hint = "It was removed before anything was stored, because it may name a person; nothing is to be done."
    return Refusal(
        None, None, "removed", f"free text: {count}", "codes, dates and numbers", hint, source_place="; ".join(dropped[:MOST_PLACES]) + more
    )
