"""Identifiers that stay the same from export to export, made from the keys of the plan."""

from __future__ import annotations

import uuid

# The name space of this platform: version 5 UUIDs in it depend on the words alone.
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "veinway")


def identity(*words: str) -> str:
    """A UUID for these words: the same words give the same one, on every machine."""
    return str(uuid.uuid5(NAMESPACE, "|".join(words)))
