"""JSON from strangers: decoded and parsed within limits, numbers left as they were written, nothing overwritten silently."""

from __future__ import annotations

import json
import re
from typing import Any

from dagster_project.intake.reading.encodings import encoding_of
from dagster_project.intake.receipt import refuse

# Official documents nest about a dozen levels; code that walks a document may rely on this.
MAX_DEPTH = 64
MAX_NUMBER_CHARACTERS = 64
ODD_ESCAPE = re.compile(r"\\u(?:0000|[dD][89A-Fa-f])")
COMPLETE_HINT = "Send the file again; the transfer may have been cut off, or it was edited by hand."


class NumberText(str):
    """A JSON number as the sender wrote it: `26.10` stays 26.10, and a thousand digits cost nothing."""

    __slots__ = ()


class _TwiceError(ValueError):
    """An object has a name twice; readers disagree about which value counts."""


class _NumberError(ValueError):
    """A number that is none, or too long to be one."""


def parsed(data: bytes) -> Any:
    """The document as dicts, lists, texts, booleans and NumberText. FileRefusedError when it is no JSON or beyond the limits."""
    try:
        text = data.decode(encoding_of(data)).lstrip("\ufeff")
    except UnicodeDecodeError as error:
        place = f"byte {error.start + 1:,}"
        raise refuse("encoding", f"letters that are not UTF-8, at {place}", "JSON in UTF-8", "Save the document as UTF-8.") from error
    try:
        document = json.loads(text, parse_float=_number, parse_int=_number, parse_constant=_no_constant, object_pairs_hook=_each_name_once)
    except _TwiceError as error:
        raise refuse("json", f"the name {error} twice in one object", "each name once", "Keep one of the two values.") from None
    except _NumberError as error:
        raise refuse("json", str(error), "numbers such as 26.1", "Leave a value out when there is none.") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno:,}, sign {error.colno:,}"
        raise refuse("json", f"broken JSON at {place}", "a complete JSON document", COMPLETE_HINT) from None
    except RecursionError:
        raise _too_deep() from None
    _check_depth(document)
    if "\0" in text or ODD_ESCAPE.search(text):
        _check_letters(document)
    return document


def _check_letters(document: Any) -> None:
    """An escape may name a sign that no text can hold: NUL, or half of a pair."""
    letters = json.dumps(document, ensure_ascii=False, check_circular=False)
    try:
        letters.encode()
    except UnicodeEncodeError:
        raise refuse("json", "half of a letter (a lone surrogate)", "whole letters", COMPLETE_HINT) from None
    if re.search(r"(?<!\\)(?:\\\\)*\\u0000", letters):
        raise refuse("json", "a NUL character within a text", "letters and digits only", COMPLETE_HINT)


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _TwiceError(twice if twice.isidentifier() and len(twice) <= 40 else "of a field")
    return found


def _number(text: str) -> NumberText:
    if len(text) > MAX_NUMBER_CHARACTERS:
        raise _NumberError(f"a number of {len(text):,} characters")
    return NumberText(text)


def _no_constant(text: str) -> None:
    raise _NumberError(text)


def _check_depth(document: Any) -> None:
    layer, depth = [document], 0
    while layer:
        if depth > MAX_DEPTH:
            raise _too_deep()
        layer = [
            child
            for node in layer
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
        depth += 1


def _too_deep() -> Exception:
    return refuse("json", "brackets nested too deeply", f"at most {MAX_DEPTH} levels", "Send an ordinary document of this format.")


def as_bytes(document: Any) -> bytes:
    """JSON with its numbers as they were written."""
    return _text(document).encode()


def _text(node: Any) -> str:
    if isinstance(node, dict):
        return "{" + ",".join(f"{json.dumps(name, ensure_ascii=False)}:{_text(value)}" for name, value in node.items()) + "}"
    if isinstance(node, list):
        return "[" + ",".join(map(_text, node)) + "]"
    return str(node) if isinstance(node, NumberText) else json.dumps(node, ensure_ascii=False)
