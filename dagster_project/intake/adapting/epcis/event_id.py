"""The id that an EPCIS event gives itself: the SHA-256 of its canonical form, by the Core Business Vocabulary 2.0 and 2.1.

The rules and the worked examples are those of the reference implementation (RalphTro/epcis-event-hash-generator). Where its releases
wrote the same event in different ways, an id is good when one of these writings has its hash: each of them fixes every value.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

from dagster_project.intake.adapting.epcis.digital_link import canonical
from dagster_project.intake.adapting.epcis.event_fields import (
    BEFORE_LISTS,
    CBV,
    CHILDREN,
    ELEMENTS,
    IGNORED,
    LISTS,
    PREFIXES,
    TIMES,
    URN_VOCABULARY,
    VOCABULARIES,
    WEB_VOCABULARY,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NUMBER = re.compile(r"[+-]?\d{1,300}(?:\.\d{1,300})?(?:[eE][+-]?\d{1,2})?", re.ASCII)
FORM = re.compile(r"ni:///sha-256;([0-9a-f]{64})\?ver=CBV2\.[01](?:\.\d+)?")


class UnknownPrefixError(ValueError):
    """A name of the event has a prefix that its @context does not explain, so nobody can say what it means."""


@dataclass(frozen=True)
class Writing:
    """One way in which the canonical form was written.

    `inline`: extensions and the name of the sensor list stand where they belong (CBV 2.1), or at the end and nowhere (2.0).
    """

    inline: bool = False
    vocabulary: str = WEB_VOCABULARY
    certified: bool = False
    # What release 1.9 of the reference implementation makes of JSON.
    lists_last: bool = False
    # The draft of 2021, in which GS1's own example documents have their ids.
    draft: bool = False


VOCABULARY_HOMES = ("https://ref.gs1.org/voc/", WEB_VOCABULARY)


def is_hash(event_id: str) -> bool:
    """Whether the id claims to be the hash of its event, in whatever form."""
    return event_id.startswith("ni:")


def matches(event_id: str, event: Mapping[str, Any], prefixes: Mapping[str, str], *, draft: bool = False) -> bool:
    """Whether the id is the hash of the event. UnknownPrefixError when the event cannot be put into its canonical form."""
    form = FORM.fullmatch(event_id)
    if form is None:
        return False
    return any(
        hashlib.sha256(prehash(event, prefixes, replace(writing, draft=draft)).encode()).hexdigest() == form[1]
        for writing in writings(event)
    )


def writings(event: Mapping[str, Any]) -> list[Writing]:
    """The writings in which this event can differ, the plainest first."""
    has_sensors = "sensorElementList" in event
    is_nested = has_sensors or any(len(event[name]) > 1 for name in ("readPoint", "bizLocation") if isinstance(event.get(name), dict))
    has_lists = has_sensors + sum(name in event for name in LISTS) > 1
    either = (False, True)
    return [
        Writing(inline=inline, vocabulary=vocabulary, certified=certified, lists_last=lists_last)
        for lists_last, certified, vocabulary, inline in product(
            either if has_lists else (False,),
            either if "certificationInfo" in event else (False,),
            VOCABULARY_HOMES if has_sensors else VOCABULARY_HOMES[:1],
            either if is_nested else (False,),
        )
    ]


def event_id_of(event: Mapping[str, Any], prefixes: Mapping[str, str]) -> str:
    """The id of an event by CBV 2.0."""
    return f"ni:///sha-256;{hashlib.sha256(prehash(event, prefixes, writings(event)[0]).encode()).hexdigest()}?ver=CBV2.0"


def prehash(event: Mapping[str, Any], prefixes: Mapping[str, str], writing: Writing) -> str:
    """The canonical form of the event. UnknownPrefixError when a name's prefix is not explained."""
    return _Canonical({**PREFIXES, **prefixes}, writing).event(event)


class _Canonical:
    """The rules of one writing, with the prefixes of one document; a class because each rule needs both."""

    def __init__(self, prefixes: Mapping[str, str], writing: Writing) -> None:
        self.prefixes, self.writing = prefixes, writing
        self.trailing: list[str] = []
        self.known: dict[tuple[str, str, str], str] = {}

    def event(self, event: Mapping[str, Any]) -> str:
        lists = [(name, self.typed_list(name, event.get(name))) for name in LISTS]
        sensors = self.sensors(event.get("sensorElementList"))
        middle = [sensors, *(text for _, text in sorted(lists))] if self.writing.lists_last else [*(text for _, text in lists), sensors]
        standard = [self.field(name, event[name], "") for name in BEFORE_LISTS if name in event and self.is_hashed(name)]
        known = {*BEFORE_LISTS, *LISTS, "sensorElementList"}
        others = [self.extension(name, value) for name, value in event.items() if name not in known | IGNORED]
        return "".join([f"eventType={event.get('type', '')}", *standard, *middle, *sorted([*others, *self.trailing])])

    def is_hashed(self, name: str) -> bool:
        return name != "certificationInfo" or self.writing.certified

    def field(self, name: str, value: Any, parent: str) -> str:
        """A standard field with what is below it."""
        if name in ELEMENTS:
            return self.listed(name, [self.field(ELEMENTS[name], item, name) for item in _items(value)])
        if isinstance(value, list):
            return "".join(sorted(self.field(name, item, parent) for item in value))
        if isinstance(value, dict):
            inner = self.inner(name, value)
            return name + inner if inner else ""
        text = self.value(value, name, parent)
        return f"{name}={text}" if text else ""

    def inner(self, name: str, value: Mapping[str, Any]) -> str:
        """The fields below a standard field in their order, then its extensions: here, or at the end of the event."""
        standard = [self.field(child, value[child], name) for child in CHILDREN.get(name, ()) if child in value]
        extensions = sorted(self.extension(key, item) for key, item in value.items() if key not in {*CHILDREN.get(name, ()), *IGNORED})
        if extensions and not self.writing.inline:
            self.trailing.append(name + "".join(extensions))
            extensions = []
        return "".join([*standard, *extensions])

    def listed(self, name: str, texts: list[str]) -> str:
        found = sorted(text for text in texts if text)
        return name + "".join(found) if found else ""

    def typed_list(self, name: str, value: Any) -> str:
        key = name.removesuffix("List")
        texts = []
        for item in _items(value):
            pairs = item if isinstance(item, dict) else {key: item}
            order = (key, "type") if self.writing.draft else ("type", key)
            texts.append("".join(f"{field}={self.value(pairs[field], field, key)}" for field in order if pairs.get(field)))
        return self.listed(name, texts)

    def sensors(self, value: Any) -> str:
        texts = sorted(self.field("sensorElement", item, "") for item in _items(value))
        name = "sensorElementList" if self.writing.inline else ""
        return name + "".join(texts) if "".join(texts) else ""

    def extension(self, name: str, value: Any) -> str:
        """A sender's own field, or ILMD, with all that is below it in alphabetical order."""
        if isinstance(value, list):
            return "".join(sorted(self.extension(name, item) for item in value))
        key = self.full_name(name)
        if isinstance(value, dict):
            return key + "".join(sorted(self.extension(child, item) for child, item in value.items() if child not in IGNORED))
        text = self.value(value, "", "")
        return f"{key}={text}" if text else key

    def full_name(self, name: str) -> str:
        prefix, colon, local = name.partition(":")
        if not colon:
            return name
        if prefix not in self.prefixes:
            raise UnknownPrefixError(prefix)
        return f"{{{self.prefixes[prefix]}}}{local}"

    def value(self, value: Any, name: str, parent: str) -> str:
        if isinstance(value, bool):
            return str(value) if self.writing.lists_last else str(value).lower()
        if value is None or isinstance(value, dict | list):
            return ""
        key = (str(value), name, parent)
        if key not in self.known:
            self.known[key] = self.text(key[0].strip(), name, parent)
        return self.known[key]

    def text(self, text: str, name: str, parent: str) -> str:
        if name in TIMES:
            return _in_utc(text)
        text = _numeric(self.vocabulary(text, name, parent))
        return text if self.writing.draft else canonical(text) or text

    def vocabulary(self, text: str, name: str, parent: str) -> str:
        """Bare words, CURIEs and URNs of the standard vocabularies as web addresses."""
        prefix, colon, rest = text.partition(":")
        if colon and prefix in self.prefixes:
            text = self.prefixes[prefix] + rest
        urn = re.fullmatch(r"urn:epcglobal:cbv:([a-z]+):(.+)", text)
        if urn and urn[1] in URN_VOCABULARY:
            text = CBV + URN_VOCABULARY[urn[1]] + urn[2]
        namespace = VOCABULARIES.get((parent, name))
        if namespace and re.fullmatch(r"[A-Za-z_]+", text):
            text = namespace + text
        if namespace == WEB_VOCABULARY and text.startswith(WEB_VOCABULARY):
            text = self.writing.vocabulary + text.removeprefix(WEB_VOCABULARY)
        return _as_urn(text) if self.writing.draft else text


def _as_urn(text: str) -> str:
    for name, term in URN_VOCABULARY.items():
        if text.startswith(CBV + term):
            return f"urn:epcglobal:cbv:{name}:{text.removeprefix(CBV + term)}"
    return text


def _items(value: Any) -> Iterator[Any]:
    if value is not None:
        yield from value if isinstance(value, list) else [value]


def _in_utc(text: str) -> str:
    """A time in UTC with milliseconds, rounded half up; a text that is no time stays."""
    try:
        moment = dt.datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
        milliseconds = (moment.microsecond + 500) // 1000
        moment = moment.replace(microsecond=0) + dt.timedelta(milliseconds=milliseconds)
    except (ValueError, OverflowError):
        return text
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _numeric(text: str) -> str:
    """A number without what does not change it: 26.10 as 26.1, 1.0 as 1."""
    if not NUMBER.fullmatch(text):
        return text
    number = float(text)
    return str(int(number)) if number.is_integer() else str(number)
