"""What of an HL7 FHIR document changes what the rest of it means: elements that nobody may ignore, deletions, and pages that are missing.

The standard says of a modifier that is not understood: do not use the element that has it. So its resource gives no row, nor do those that refer to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dagster_project.contracts import contract as contract_of
from dagster_project.intake.adapting.documents.documents import Objection
from dagster_project.intake.adapting.fhir.fhir_redaction import RESOURCES, TYPE, type_of
from dagster_project.intake.receipt import FileRefusedError, Refusal, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SNAPSHOT = "snapshot"
TAKING_BACK = frozenset({"DELETE", "PATCH"})
# Modifiers that are understood: what they say takes the facts back. Statuses are read by the adapters.
DENIED: dict[tuple[str, str], bool | str] = {
    ("ServiceRequest", "doNotPerform"): True,
    ("ServiceRequest", "status"): "entered-in-error",
    ("Schedule", "active"): False,
}
# A quantity with one of these is no value but a bound.
COMPARATORS = ("<", "<=", ">=", ">", "ad")
MODIFIER_HINT = "Send it without this modifier if it may be ignored; else leave the resource out."
PAGE_HINT = "Send all pages in one file: put the entries of every page into one Bundle, and leave the link out."


def refuse_untakable(bundle: dict[str, Any], feed: str) -> list[Refusal]:
    """FileRefusedError when the bundle deletes, follows rules of its own, or is one page of a plan that is sent whole. Returns warnings."""
    if bundle.get("implicitRules"):
        hint = "Send the Bundle by the rules of FHIR R4 alone, without implicitRules."
        raise refuse("fhir_modifier", "implicitRules in Bundle.implicitRules", "a Bundle that follows no other rules", hint)
    deletions = [
        Refusal(
            None,
            None,
            "fhir_deletion",
            f"the request {method}",
            "resources as they are now",
            "Send what was deleted or changed as a resource with its status, such as cancelled; or leave the entry out.",
            source_column="entry.request.method",
            source_place=f"entry {number}",
        )
        for number, entry in enumerate(bundle.get("entry", []), start=1)
        if (method := _taking_back(entry))
    ]
    if deletions:
        first = deletions[0]
        message = f"The Bundle takes something back in {first.source_place}: found {first.found}; expected {first.expected}. {first.hint}"
        raise FileRefusedError(message, deletions)
    if not _is_one_page(bundle):
        return []
    found, expected = "one page of several: Bundle.link has the relation next", "every page"
    if contract_of(feed).delivery == SNAPSHOT:
        raise refuse("fhir_page", found, f"{expected}, because the feed {feed} is sent whole", PAGE_HINT)
    return [Refusal(None, None, "fhir_page", found, expected, "The entries of this page were read. Send the other pages, too.")]


def _taking_back(entry: Any) -> str | None:
    """The method of a request that takes back a resource of a listed type, or of one that cannot be told."""
    request = entry.get("request") if isinstance(entry, dict) else None
    if not isinstance(request, dict):
        return None
    method, url = str(request.get("method")).upper(), str(request.get("url")).partition("?")[0]
    kind = next((part for part in url.split("/")[-2:] if TYPE.fullmatch(part)), None)
    return method if method in TAKING_BACK and (kind is None or kind in RESOURCES) else None


def _is_one_page(bundle: dict[str, Any]) -> bool:
    links = bundle.get("link")
    listed = links if isinstance(links, list) else []
    return any(isinstance(link, dict) and link.get("relation") == "next" for link in listed)


def modifier_objections(sent: Sequence[Any], entries: Sequence[dict[str, Any]]) -> dict[int, Objection]:
    """The entries, by id(), that have a modifier which changes their meaning, or refer to a resource that has one. References must be resolved."""
    flawed = {
        id(entry["resource"]): found
        for number, (entry, said) in enumerate(zip(entries, sent, strict=True), start=1)
        if isinstance(entry.get("resource"), dict) and (found := next(_modifiers(said, number), None))
    }
    if not flawed:
        return {}
    reached = ((entry, flaw) for entry in entries if (flaw := _reached(entry.get("resource"), flawed)))
    return {id(entry): Objection("fhir_modifier", flaw, "resources without it", MODIFIER_HINT) for entry, flaw in reached}


def _modifiers(entry: Any, number: int) -> Iterator[str]:
    """Each modifier of an entry with its path. Resources that are not kept, such as a patient, say nothing here."""
    resource = entry.get("resource") if isinstance(entry, dict) else None
    if not isinstance(resource, dict) or type_of(resource) not in RESOURCES:
        return
    if entry.get("modifierExtension"):
        yield f"a modifierExtension in entry {number}"
    stack: list[tuple[str, Any]] = [(type_of(resource), resource)]
    while stack:
        path, node = stack.pop()
        if isinstance(node, list):
            stack += [(path, item) for item in node]
        elif isinstance(node, dict):
            if node.get("modifierExtension"):
                yield f"a modifierExtension in {path}.modifierExtension (entry {number})"
            if type_of(node) and node.get("implicitRules"):
                yield f"implicitRules in {path}.implicitRules (entry {number})"
            yield from (f"{said} in {path}.{name} (entry {number})" for name, said in _understood(node))
            stack += [(f"{path}.{name}" if name.isalpha() else path, value) for name, value in node.items()]


def _understood(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Modifiers that are elements of their own, with what they say."""
    if node.get("comparator") in COMPARATORS:
        yield "comparator", f"the comparator {node['comparator']}"
    for (kind, name), value in DENIED.items():
        if type_of(node) == kind and type(node.get(name)) is type(value) and node[name] == value:
            yield name, f"{name} {str(value).lower()}"


def _reached(resource: Any, flawed: dict[int, str]) -> str | None:
    """The first flaw of a resource or of one that its references lead to."""
    seen: set[int] = set()
    stack = [resource]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack += node
        elif isinstance(node, dict) and id(node) not in seen:
            seen.add(id(node))
            if id(node) in flawed:
                return flawed[id(node)]
            stack += node.values()
    return None
