"""A document of Veinway's own: JSON with one `veinway_<what>` at the top, holding one statement or a list of them.

What such a document may say is what the adapters of its format read; a word that none of them knows refuses the statement that has it,
because a misspelt term would otherwise be a term that nobody keeps.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

from dagster_project.intake.adapting.documents.documents import Document, Objection, adapter_of, adapters
from dagster_project.intake.adapting.documents.json_text import parsed
from dagster_project.intake.adapting.documents.leftovers import refuse_identifiers
from dagster_project.intake.receipt import refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

# Remarks for people may stand anywhere.
FOR_PEOPLE = frozenset({"about", "note"})


def opened(data: bytes, format_name: str) -> Document:
    """The document in the bytes. FileRefusedError when it is damaged, is no such document or holds a direct identifier."""
    document = parsed(data)
    stated = document.get(format_name) if isinstance(document, dict) else None
    if not isinstance(stated, dict | list) or set(document) - {format_name} - FOR_PEOPLE:
        expected = f"one object whose only name is {format_name}"
        raise refuse("json", "a document that begins otherwise", expected, f'Begin with {{"{format_name}": …}}.')
    refuse_identifiers(document, looks_at_names=True)
    statements = stated if isinstance(stated, list) else [stated]
    known = _known(format_name)
    objections = {id(node): found for node in statements if (found := _objection(node, known))}
    # A statement need not speak of every feed: where it says nothing, something else holds.
    return Document(format_name, document, objections, beside=frozenset(map(id, statements)))


def _known(format_name: str) -> set[str]:
    """Every word that a path of some adapter of the format names."""
    read = [adapter_of(format_name, feed) for feed in adapters()[format_name]]
    paths = [path for adapter in read for path in (*(level.path for level in adapter.each), *adapter.sources())]
    return {word for path in paths for word in re.findall(r"\w+", path)} | FOR_PEOPLE


def _objection(node: Any, known: set[str]) -> Objection | None:
    unknown = next((word for word in _words(node) if word not in known), None)
    if unknown is None:
        return None
    near = difflib.get_close_matches(unknown, known, n=1)
    shown = unknown if re.fullmatch(r"[A-Za-z]\w{0,39}", unknown) else "of a field"
    fix = f"Did you mean {near[0]}? Then write it so." if near else "Remove it, or put it into a note."
    return Objection("unknown_term", f"the term {shown}", "terms that Veinway knows, so that none is agreed on and never kept", fix)


def _words(node: Any) -> Iterator[str]:
    stack = [node]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            yield from node
            stack += reversed(node.values())
        elif isinstance(node, list):
            stack += reversed(node)
