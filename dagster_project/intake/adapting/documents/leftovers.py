"""Every text of a document is searched for direct identifiers of persons, also where no adapter looks: the bytes are kept as they were sent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dagster_project.intake.adapting.documents.json_text import NumberText
from dagster_project.intake.adapting.sheets.unread import unread_class
from dagster_project.intake.judging.privacy import name_class
from dagster_project.intake.receipt import FileRefusedError, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

# A name for a thing; one that names a patient is found by the key inside it.
URI = re.compile(r"(?:https?://|urn:|ni:///)[^\s<>\"]+")
# A day with its time of day is no birthday.
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?")
PATIENT_KEY = re.compile(r"urn:epc:(?:id|idpat):gsrn:|https?://.*/(?:8018|gsrn)/\d")
GSRN = "global service relation number (GSRN)"
MAIL = re.compile(r"[^/:\s]+@[^/\s]+\.[a-z]{2,}", re.IGNORECASE)
HINT = "Remove it from the document and send it again."
MOST = 100


def refuse_identifiers(document: Any, *, looks_at_names: bool) -> None:
    """FileRefusedError, naming places and classes but never a value, when a text of the document is an identifier, or the name of a field asks for one."""
    hits = []
    known: dict[tuple[str, str], str | None] = {}
    for place, name, text in _texts(document):
        key = (name, text)
        if key not in known:
            # A name without a text is one of a field.
            known[key] = class_of(text, name) if text else _class_of_name(name) if looks_at_names else None
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


def class_of(text: str, name: str = "") -> str | None:
    """Which direct identifier a text of a document holds, or None. Times, names for things and what the field's name plainly says are none."""
    if TIME.fullmatch(text):
        return None
    if URI.fullmatch(text):
        if PATIENT_KEY.match(text):
            return GSRN
        return "e-mail address" if MAIL.search(text) else None
    return unread_class(text, _words(name))


def _class_of_name(name: str) -> str | None:
    return name_class(_local(name))


def _local(name: str) -> str:
    return re.split(r"[:/#]", name)[-1]


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", _local(name))


def _texts(document: Any) -> Iterator[tuple[str, str, str]]:
    """Every text with its place, such as eventList[2].readPoint.id, and the name of its field; and every name without a text."""
    stack: list[tuple[str, str, Any]] = [("", "", document)]
    while stack:
        place, name, node = stack.pop()
        if isinstance(node, dict):
            for below, value in node.items():
                shown = f"{place}.{below}" if re.fullmatch(r"[A-Za-z@][\w:.@-]{0,60}", below) else f"{place}.(a field)"
                if below != "@context":
                    yield shown.lstrip("."), below, ""
                    stack.append((shown, below, value))
        elif isinstance(node, list):
            stack += [(f"{place}[{number}]", name, item) for number, item in enumerate(node, start=1)]
        elif isinstance(node, str) and node and not isinstance(node, NumberText):
            yield place.lstrip(".") or "the document", name, node
