"""Every text of a document is searched for direct identifiers of persons, also where no adapter looks: the bytes are kept as they were sent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dagster_project.intake.adapting.json_text import NumberText
from dagster_project.intake.judging.privacy import FREE, name_class, value_class
from dagster_project.intake.receipt import FileRefusedError, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

# A name for a thing; one that names a patient is found by the key inside it.
URI = re.compile(r"(?:https?://|urn:|ni:///)[^\s<>\"]+")
TIME = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?")
OLDEST_PLAN_YEAR = "1985"
PATIENT_KEY = re.compile(r"urn:epc:(?:id|idpat):gsrn:|https?://.*/(?:8018|gsrn)/\d")
GSRN = "global service relation number (GSRN)"
MAIL = re.compile(r"[^/:\s]+@[^/\s]+\.[a-z]{2,}", re.IGNORECASE)
HINT = "Remove it from the document and send it again."
MOST = 100


def refuse_identifiers(document: Any) -> None:
    """FileRefusedError, naming places and classes but never a value, when a text or the name of a sender's own field is an identifier."""
    hits = []
    known: dict[str, str | None] = {}
    for place, text, is_name in _texts(document):
        key = f"{is_name}{text}"
        if key not in known:
            known[key] = _class_of_name(text) if is_name else class_of(text)
        if (kind := known[key]) is not None:
            hits.append(Refusal(None, None, "direct_identifier", f"a {kind}", "no direct identifier of a person", HINT, source_place=place))
            if len(hits) >= MOST:
                break
    if hits:
        more = f" and {len(hits) - 1} more" if len(hits) > 1 else ""
        where = f"{hits[0].found} in {hits[0].source_place}{more}"
        raise FileRefusedError(
            f"The document holds a direct identifier of a person and was not kept: {where}. The value was not stored.", hits
        )


def class_of(text: str) -> str | None:
    """Which direct identifier a text of a document holds, or None. Times and names for things are none."""
    if TIME.fullmatch(text):
        return None if text >= OLDEST_PLAN_YEAR else "date of birth"
    if URI.fullmatch(text):
        if PATIENT_KEY.match(text):
            return GSRN
        return "e-mail address" if MAIL.search(text) else None
    return value_class(text, FREE)


def _class_of_name(name: str) -> str | None:
    # Only names that senders make themselves; the standard's own are known to be harmless.
    return name_class(re.split(r"[:/#]", name)[-1]) if ":" in name else None


def _texts(document: Any) -> Iterator[tuple[str, str, bool]]:
    """Every text with its place, such as eventList[2].readPoint.id, and every name of a field."""
    stack: list[tuple[str, Any]] = [("", document)]
    while stack:
        place, node = stack.pop()
        if isinstance(node, dict):
            for name, value in node.items():
                shown = f"{place}.{name}" if re.fullmatch(r"[A-Za-z@][\w:.@-]{0,60}", name) else f"{place}.(a field)"
                if name != "@context":
                    yield shown.lstrip("."), name, True
                    stack.append((shown, value))
        elif isinstance(node, list):
            stack += [(f"{place}[{number}]", item) for number, item in enumerate(node, start=1)]
        elif isinstance(node, str) and not isinstance(node, NumberText):
            yield place.lstrip(".") or "the document", node, False
