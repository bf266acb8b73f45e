"""Every text of a document is searched for direct identifiers of persons, also where no adapter looks: the bytes are kept as they were sent."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from dagster_project.contracts.identifiers import is_valid
from dagster_project.intake.adapting.documents.json_text import NumberText
from dagster_project.intake.adapting.sheets.unread import ALONE, unread_class
from dagster_project.intake.judging.privacy import FREE, name_class, value_class
from dagster_project.intake.receipt import FileRefusedError, Refusal
from dagster_project.wording import one

if TYPE_CHECKING:
    from collections.abc import Iterator

# A name for a thing; one that names a patient is found by the key inside it.
URI = re.compile(r"(?:https?://|urn:|ni:///)[^\s<>\"]+")
# A day with its time of day is no birthday.
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?")
PATIENT_KEY = re.compile(r"(?i)urn:epc:(?:id|idpat|class|pat|tag|raw):gsrnp?(?:-96)?:|https?://.*/(?:801[78]|gsrnp?)/\d")
# A hash or a number made by a program: nothing in it was written by a person.
MADE = re.compile(r"urn:uuid:[0-9A-Fa-f-]{36}|ni:///sha-256;[0-9a-f]{64}\?ver=CBV[0-9.]+")
# Before a number of 18 digits: a GS1 key that is no person's.
KEY_WORD = re.compile(r"\d{2,4}|sscc|grai|giai|gdti|gtin", re.IGNORECASE)
# Attributes of places, products and companies.
MASTER_DATA = re.compile(r"(?:urn:epcglobal:cbv:mda[:#]|https?://(?:[a-z]+\.)?gs1\.org/(?:voc|cbv)/|(?:cbv|gs1):)\S+")
# What a part of an address may say that is no name of a person's number: a page, a street or a machine is one of a company there.
OF_ADDRESSES = frozenset({"web address", "IP address", "street address", "vehicle or personal device"})
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
            known[key] = class_of(text, name) if text else _class_of_name(name, looks_at_names=looks_at_names)
        if (kind := known[key]) is not None:
            hits.append(Refusal(None, None, "direct_identifier", one(kind), "no direct identifier of a person", HINT, source_place=place))
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
        return class_of_uri(text)
    return unread_class(text, _words(name))


def class_of_uri(text: str) -> str | None:
    """Which direct identifier a name for a thing holds, or None: each of its parts is looked at, and what the part before calls it."""
    if MADE.fullmatch(text):
        return None
    if PATIENT_KEY.match(text):
        return GSRN
    if MAIL.search(unquote(text)):
        return "e-mail address"
    scheme, _, rest = text.partition("://") if "://" in text else ("", "", text)
    host, _, path = rest.partition("/") if scheme else ("", "", rest)
    parts = [part for part in (*host.split("."), *re.split(r"[/:=&?#;]", path)) if part]
    for before, part in zip(["", *parts], parts, strict=False):
        if (kind := _class_of_part(part, before)) is not None:
            return kind
    return None


def _class_of_part(part: str, before: str) -> str | None:
    asked = name_class(before) if before else None
    if asked is not None and asked not in OF_ADDRESSES:
        return asked
    text = unquote(part)
    for look in (text, re.sub(r"[_+]", " ", text)):
        kind = value_class(look, FREE)
        is_known = kind == GSRN and KEY_WORD.fullmatch(before)
        is_day = kind == "date of birth" and ALONE.fullmatch(look)
        if kind is not None and kind not in OF_ADDRESSES and not is_known and not is_day:
            return kind
    return None


def _class_of_name(name: str, *, looks_at_names: bool) -> str | None:
    return _class_of_key(name) or (name_class(_local(name)) if looks_at_names else None)


@lru_cache(maxsize=10_000)
def _class_of_key(name: str) -> str | None:
    """Which direct identifier the name of a field itself is, or None."""
    if URI.fullmatch(name):
        return class_of_uri(name)
    return value_class(name, FREE) or value_class(re.sub(r"[_:]", " ", name), FREE)


def _class_of_attribute(node: dict[str, Any]) -> str | None:
    """Which direct identifier an attribute of master data asks for: {"id": "urn:x:mrn", "attribute": …}."""
    said = node.get("id")
    if "attribute" not in node or not isinstance(said, str) or MASTER_DATA.fullmatch(said):
        return None
    return name_class(_local(said))


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
            if _class_of_attribute(node):
                yield f"{place}.id".lstrip("."), _local(node["id"]), ""
            for below, value in node.items():
                is_shown = re.fullmatch(r"[A-Za-z@][\w:.@-]{0,60}", below) and _class_of_key(below) is None
                shown = f"{place}.{below}" if is_shown else f"{place}.(a field)"
                # The terms of a context are words for fields, not fields.
                if name != "@context" or _class_of_key(below):
                    yield shown.lstrip("."), below, ""
                stack.append((shown, "@context" if name == "@context" else below, value))
        elif isinstance(node, list):
            stack += [(f"{place}[{number}]", name, item) for number, item in enumerate(node, start=1)]
        elif isinstance(node, str) and node and (not isinstance(node, NumberText) or is_valid("gsrn", node)):
            yield place.lstrip(".") or "the document", name, node
