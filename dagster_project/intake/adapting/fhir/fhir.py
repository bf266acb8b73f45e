"""HL7 FHIR R4 in JSON: a bundle, one resource, or one resource per line, without anything that names a person.

What an adapter walks is {"entry": [{"resource": …}]}. In it
- an identifier of a listed system says so by a short word: {"of": "gln", "value": …};
- a reference to another resource of the document has that resource as `resolved`;
- our own extensions (https://ns.veinway.example/fhir/<name>) are values under `own`: own.sessions, own.material_state;
- a quantity has its UCUM code, or else its unit, as `uom`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dagster_project.intake.adapting.documents.documents import Document, Objection
from dagster_project.intake.adapting.documents.json_text import as_bytes, parsed
from dagster_project.intake.adapting.documents.leftovers import refuse_identifiers
from dagster_project.intake.adapting.fhir.fhir_redaction import OWN, REPLACES, RESOURCES, SYSTEMS, Redaction, type_of
from dagster_project.intake.adapting.fhir.modifiers import modifier_objections, refuse_untakable
from dagster_project.intake.receipt import FileRefusedError, Refusal, refuse
from dagster_project.wording import one

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_NAMED = 6
WRONG = "entered-in-error"


def opened(data: bytes, feed: str) -> Document:
    """The document without persons.

    FileRefusedError when it is no FHIR, when it cannot be taken for this feed as it is, or what may be kept still holds a direct identifier.
    """
    sent = _bundle(data)
    pages = refuse_untakable(sent, feed)
    redaction = Redaction(sent)
    kept = redaction.resource(sent)
    bytes_kept = as_bytes(kept)
    refuse_identifiers(kept, looks_at_names=False)
    entries = [entry if isinstance(entry, dict) else {} for entry in kept.get("entry", [])]
    _say_plainly(entries)
    resolved = _resolve(entries)
    objections = {
        id(entry): Objection(
            "entered_in_error", f"{one(type_of(entry['resource']))} entered in error", "facts", "It was left out.", is_settled=True
        )
        for entry in entries
        # An appointment says so to the plan, which knows the word.
        if isinstance(entry.get("resource"), dict)
        and entry["resource"].get("status") == WRONG
        and type_of(entry["resource"]) != "Appointment"
    }
    objections |= modifier_objections(sent.get("entry", []), entries)
    removed = {id(entry) for entry in entries if type_of(entry.get("resource")) not in RESOURCES}
    beside = removed | {id(entry) for entry in entries if id(entry.get("resource")) in resolved}
    return Document("fhir", {"entry": entries}, objections, (*pages, *_dropped(redaction)), bytes_kept, frozenset(beside))


def _bundle(data: bytes) -> dict[str, Any]:
    """The document as a bundle: as it came, around one resource, or around the resources of many lines."""
    try:
        document = parsed(data)
    except FileRefusedError:
        lines = [line for line in data.splitlines() if line.strip()]
        if len(lines) < 2 or not all(line.lstrip().startswith(b"{") and line.rstrip().endswith(b"}") for line in lines):
            raise
        document = _of_lines(lines)
    if type_of(document) == "Bundle":
        if not isinstance(document.get("entry", []), list):
            raise refuse("fhir", "a Bundle whose entry is no list", "Bundle.entry as a list", "Send the bundle as your system exports it.")
        return dict(document)
    if type_of(document):
        return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": document}]}
    hint = "Send a Bundle in JSON (R4)."
    raise refuse("fhir", "a JSON document without resourceType", "an HL7 FHIR R4 Bundle or resource", hint)


def _of_lines(lines: list[bytes]) -> dict[str, Any]:
    entries = []
    for number, line in enumerate(lines, start=1):
        try:
            entries.append({"resource": parsed(line)})
        except FileRefusedError as error:
            first = error.refusals[0]
            raise refuse(first.rule, f"{first.found} (resource {number:,})", first.expected, first.hint) from None
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _say_plainly(node: Any) -> None:
    """Add the short words of identifiers, our extensions as values, and the units of quantities."""
    for part in _nodes(node):
        system = part.get("system")
        # An identifier that was given up identifies nothing any more.
        if isinstance(system, str) and system in SYSTEMS and part.get("use") != "old":
            part["of"] = SYSTEMS[system]
        if "code" in part or "unit" in part:
            part["uom"] = part.get("code") or part.get("unit")
        extensions = part.get("extension")
        if isinstance(extensions, list):
            own: dict[str, list[Any]] = {}
            for extension in extensions:
                if isinstance(extension, dict):
                    values = [value for name, value in extension.items() if name.startswith("value")]
                    own.setdefault(_short(str(extension.get("url"))), []).extend(values)
            part["own"] = {name: values[0] if len(values) == 1 else values for name, values in own.items()}


def _short(url: str) -> str:
    return "replaces" if url == REPLACES else url.removeprefix(OWN).replace("-", "_")


def _resolve(entries: list[dict[str, Any]]) -> set[int]:
    """Give each reference the resource that it leads to; returns the id()s of those."""
    targets: dict[str, Any] = {}
    for entry in entries:
        resource = entry.get("resource")
        if isinstance(resource, dict):
            names = [entry.get("fullUrl"), f"{type_of(resource)}/{resource.get('id')}"]
            targets |= {name: resource for name in names if isinstance(name, str)}
    links = []
    for entry in entries:
        resource = entry.get("resource")
        contained = resource.get("contained", []) if isinstance(resource, dict) else []
        inside = {f"#{part.get('id')}": part for part in (contained if isinstance(contained, list) else []) if isinstance(part, dict)}
        for part in _nodes(resource):
            target = part.get("reference")
            if isinstance(target, str):
                bare = target.partition("/_history/")[0]
                found = inside.get(target) or targets.get(target) or targets.get(bare) or targets.get("/".join(bare.split("/")[-2:]))
                links.append((part, found))
    # Linked at the end: a linked document may have circles, which nobody should walk.
    for part, found in links:
        if found is not None:
            part["resolved"] = found
    return {id(found) for _, found in links if found is not None}


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    stack = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, dict):
            yield part
            stack += list(part.values())
        elif isinstance(part, list):
            stack += part


def _dropped(redaction: Redaction) -> Iterator[Refusal]:
    """One remark on what was removed before anything was stored."""
    counts = [(name, count) for name, count in sorted(redaction.dropped.items()) if count]
    if not counts:
        return
    named = [f"{count:,} {name}{'s' * (count > 1)}" for name, count in counts[:MOST_NAMED]]
    more = sum(count for _, count in counts[MOST_NAMED:])
    found = ", ".join(named) + (f" and {more:,} more" if more else "")
    yield Refusal(
        None,
        None,
        "removed",
        found,
        "no persons, narratives, display texts, notes or identifiers of systems that are not listed",
        "They were removed before anything was stored; nothing is to be done. Leave them out of the export if you can.",
    )
