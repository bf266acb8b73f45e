"""GS1 EPCIS 2.0 in JSON-LD: documents, query results, capture lists and single events as one list of events, in bare words.

What an adapter walks is {"eventList": […]}. In it
- `type`, `bizStep`, `disposition`, the types of lists and of sensor reports, and `uom` are bare words, however they were written;
- names in our own vocabulary begin with `veinway:`, whatever prefix the sender chose;
- a party of `sourceList` or `destinationList` that is `…/partner/<id>` or `urn:veinway:partner:<id>` is that id, and one that is named by
  a GLN is `pgln:<13 digits>`, so that an adapter can list which partner it is;
- `veinway:stepInFile` numbers the events of one business transaction by time, where the file holds its first step.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from dagster_project.intake.adapting.documents.documents import Document, Objection
from dagster_project.intake.adapting.documents.free_text import remark, without_free_text
from dagster_project.intake.adapting.documents.json_text import NumberText, as_bytes, parsed
from dagster_project.intake.adapting.documents.leftovers import refuse_identifiers
from dagster_project.intake.adapting.epcis import event_id
from dagster_project.intake.adapting.epcis.digital_link import canonical
from dagster_project.intake.receipt import Refusal, refuse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NAMESPACE = "https://ns.veinway.example/epcis/"
OWN = "veinway:"
EVENTS = ("ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent")
DOCUMENTS = ("EPCISDocument", "EPCISQueryDocument")
# Fields whose standard words are told by the field itself.
WORDS = frozenset({"type", "bizStep", "disposition", "set", "unset", "exception", "component", "uom"})
WORD = re.compile(
    r"(?:urn:epcglobal:cbv:[a-z]+:|https?://(?:[a-z]+\.)?gs1\.org/(?:voc|cbv|epcis)/(?:[A-Za-z]+-)?|(?:cbv|gs1|epcis):(?:[A-Za-z]+-)?)(\w+)"
)
PARTNER = re.compile(r"(?:https?://[^?#\s]+/partner/|urn:veinway:partner:)([a-z0-9][a-z0-9-]{1,39})")
OFFSET = re.compile(r"[+-]\d\d:\d\d")
FIRST_STEPS = frozenset({"commissioning", "packing"})
SHOWN_ID = re.compile(r"urn:uuid:[0-9A-Fa-f-]{36}|ni:///sha-256;[0-9a-f]{64}\?ver=CBV[0-9.]+")
ID_HINT = "The event was changed after its id was made, or the id was made by other rules: make it anew and send the event again."


def opened(data: bytes) -> Document:
    """The events of a document. FileRefusedError when it is no EPCIS, or carries a direct identifier of a person."""
    document = parsed(data)
    refuse_identifiers(document, looks_at_names=True)
    raw = _events(document)
    prefixes = _prefixes(document)
    events = [_plain(event, {**prefixes, **_prefixes(event)}) for event in raw]
    _number_steps(events)
    objections: dict[int, Objection] = {}
    drafts: list[int] = []
    unchecked: list[int] = []
    for place, (event, sent) in enumerate(zip(events, raw, strict=True), start=1):
        verdict = _id_verdict(sent, {**prefixes, **_prefixes(sent)})
        if isinstance(verdict, Objection):
            objections[id(event)] = verdict
        elif verdict:
            (drafts if verdict == "draft" else unchecked).append(place)
    objections |= _declared_in_error(events)
    kept, dropped = without_free_text(document)
    remarks = (*_id_remarks(drafts, unchecked), *([remark(dropped)] if dropped else []))
    return Document("epcis", {"eventList": events}, objections, remarks, as_bytes(kept) if dropped else None)


def _events(document: Any) -> list[Any]:
    """The events, wherever this kind of document has them."""
    if isinstance(document, list):
        return document
    body = document.get("epcisBody") if isinstance(document, dict) else None
    if isinstance(body, dict):
        results = body.get("queryResults")
        inner = results.get("resultsBody") if isinstance(results, dict) else body
        if isinstance(inner, dict) and isinstance(inner.get("eventList"), list):
            return list(inner["eventList"])
        if "event" in body:
            return [body["event"]]
    if isinstance(document, dict) and _bare(document.get("type")) in EVENTS:
        return [document]
    named = _bare(document.get("type")) if isinstance(document, dict) else None
    found = f"a JSON document of the type {named}" if named in DOCUMENTS else "a JSON document without a list of events"
    raise refuse(
        "epcis", found, "an EPCIS 2.0 document with epcisBody.eventList, a list of events, or one event", "Send the events in JSON-LD."
    )


def _prefixes(document: Any) -> dict[str, str]:
    """What the @context explains by itself. Contexts at web addresses are not fetched; the standard ones are known."""
    context = document.get("@context") if isinstance(document, dict) else None
    parts = context if isinstance(context, list) else [context]
    return {
        prefix: iri
        for part in parts
        if isinstance(part, dict)
        for prefix, iri in part.items()
        if isinstance(iri, str) and prefix[:1] != "@"
    }


def _plain(node: Any, prefixes: Mapping[str, str], field: str = "") -> Any:
    """A copy in plain words: our own names, bare vocabulary, times with their offset, parties by name."""
    if isinstance(node, list):
        return [_plain(item, prefixes, field) for item in node]
    if isinstance(node, dict):
        plain = {_own_name(name, prefixes): _plain(value, prefixes, name) for name, value in node.items()}
        if "isA" in plain and "type" not in plain:
            plain["type"] = _bare(plain["isA"])
        return _with_offset(plain)
    if not isinstance(node, str) or isinstance(node, NumberText):
        return node
    if field in WORDS:
        return _bare(node)
    return _party(node) if field in ("source", "destination") else _without_scheme(node)


def _own_name(name: str, prefixes: Mapping[str, str]) -> str:
    prefix, colon, local = name.partition(":")
    if colon and prefixes.get(prefix) == NAMESPACE:
        return OWN + local
    return OWN + name.removeprefix(NAMESPACE) if name.startswith(NAMESPACE) else name


def _bare(value: Any) -> Any:
    match = WORD.fullmatch(value) if isinstance(value, str) else None
    return match[1] if match else value


def _with_offset(event: dict[str, Any]) -> dict[str, Any]:
    """An event time without its offset gets the event's own."""
    time, offset = event.get("eventTime"), event.get("eventTimeZoneOffset")
    if isinstance(time, str) and isinstance(offset, str) and OFFSET.fullmatch(offset) and re.fullmatch(r"[\d-]{10}T[\d:.]+", time):
        event["eventTime"] = time + offset
    return event


def _party(uri: str) -> str:
    partner = PARTNER.fullmatch(uri)
    if partner:
        return partner[1]
    link = canonical(uri) or ""
    gln = re.match(r"https://id\.gs1\.org/(?:417|414)/(\d{13})", link)
    return f"pgln:{gln[1]}" if gln else _without_scheme(uri)


def _without_scheme(text: str) -> str:
    """A web address that is no GS1 key is some sender's own name for a thing; no rule should take it for a person's home page."""
    return re.sub(r"^https?://(?:www\.)?", "", text) if canonical(text) is None else text


def _number_steps(events: Sequence[Any]) -> None:
    """Number the events of each business transaction by time, if the first of them begins the custody: else the file has only a part."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        listed = event.get("bizTransactionList") if isinstance(event, dict) else None
        first = next((item.get("bizTransaction") for item in listed if isinstance(item, dict)), None) if isinstance(listed, list) else None
        if isinstance(first, str) and _moment(event) is not None and "errorDeclaration" not in event:
            groups.setdefault(first, []).append(event)
    for group in groups.values():
        group.sort(key=lambda event: _moment(event) or dt.datetime.max.replace(tzinfo=dt.UTC))
        if str(group[0].get("bizStep")) in FIRST_STEPS:
            for number, event in enumerate(group, start=1):
                event[OWN + "stepInFile"] = NumberText(number)


def _moment(event: Mapping[str, Any]) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(str(event.get("eventTime")))
        return moment.astimezone(dt.UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _id_verdict(event: Any, prefixes: Mapping[str, str]) -> Objection | str | None:
    """Why the event's own hash does not hold, "draft" or "unchecked", or nothing to say."""
    own_id = event.get("eventID") if isinstance(event, dict) else None
    if not isinstance(own_id, str) or not event_id.is_hash(own_id):
        return None
    if not event_id.FORM.fullmatch(own_id):
        found = "an eventID that begins like a hash and is none"
        return Objection("event_id", found, "ni:///sha-256;<64 hex digits in small letters>?ver=CBV2.0", "Make the eventID anew.")
    try:
        if event_id.matches(own_id, event, prefixes):
            return None
        if event_id.matches(own_id, event, prefixes, draft=True):
            return "draft"
    except event_id.UnknownPrefixError:
        return "unchecked"
    return Objection(
        "event_id", "an eventID that is not the hash of its event", "the hash by CBV 2.0 or 2.1 of the event as it was sent", ID_HINT
    )


def _id_remarks(drafts: Sequence[int], unchecked: Sequence[int]) -> list[Refusal]:
    remarks = []
    if drafts:
        found = f"{len(drafts):,} eventID(s) made by the draft of 2021; the events are as they were then"
        remarks.append(
            _remark("event_id", found, "the hash by CBV 2.0", "Have the software that makes the ids brought up to CBV 2.0.", drafts)
        )
    if unchecked:
        found = f"{len(unchecked):,} eventID(s) that could not be checked: a name has a prefix that @context does not explain"
        remarks.append(_remark("event_id", found, "every prefix in @context", "Add the prefix and its address to @context.", unchecked))
    return remarks


def _remark(rule: str, found: str, expected: str, hint: str, places: Sequence[int]) -> Refusal:
    shown = ", ".join(f"event {place}" for place in places[:5]) + (f" and {len(places) - 5:,} more" if len(places) > 5 else "")
    return Refusal(None, "eventID", rule, found, expected, hint, source_place=shown)


def _declared_in_error(events: Sequence[Any]) -> dict[int, Objection]:
    """Events declared in error, and what stands in the same file under the same id: neither is a fact.

    With the corrective event in the same file all is settled: it has the key of the wrong row and replaces it. Without it the wrong row
    would stand, so the declaration is refused and says what to send.
    """
    numbers = {
        event["eventID"]: number
        for number, event in enumerate(events, start=1)
        if isinstance(event, dict) and isinstance(event.get("eventID"), str) and "errorDeclaration" not in event
    }
    declared = [event for event in events if isinstance(event, dict) and "errorDeclaration" in event]
    objections = {}
    for event in declared:
        correctives = _correctives(event)
        inside = [numbers[name] for name in correctives if name in numbers and name != event.get("eventID")]
        objection = _error_objection(correctives, inside)
        objections[id(event)] = objection
        original = numbers.get(event["eventID"]) if isinstance(event.get("eventID"), str) else None
        if original is not None:
            objections[id(events[original - 1])] = objection
    return objections


def _correctives(event: Mapping[str, Any]) -> list[str]:
    declaration = event["errorDeclaration"]
    listed = declaration.get("correctiveEventIDs") if isinstance(declaration, dict) else None
    return [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []


def _error_objection(correctives: Sequence[str], inside: Sequence[int]) -> Objection:
    shown = [name if SHOWN_ID.fullmatch(name) else "an event with an id of another form" for name in correctives[:3]]
    named = f"; corrected by {', '.join(shown)}" if shown else "; no corrective event is named"
    places = " and ".join(f"event {number}" for number in inside)
    if inside:
        hint = f"It was left out; {places} of this file replaces it."
        return Objection("declared_in_error", f"an event declared in error{named}", "facts", hint, is_settled=True)
    hint = "Send the event that corrects it: with the same key it replaces the row that was accepted before."
    return Objection("declared_in_error", f"an event declared in error{named}", "the corrective event in the same file", hint)
