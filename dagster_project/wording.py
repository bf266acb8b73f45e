"""Numbers and nouns in sentences for a person: `1 row`, `2 rows`, `an e-mail address`."""

from __future__ import annotations


def count_of(number: int, noun: str) -> str:
    """`1 row`, `1,204 rows`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def one(noun: str) -> str:
    """The noun with its article: `a phone number`, `an e-mail address`, `an Observation`."""
    is_spoken_as_vowel = noun[:1].lower() in "aeiou" and not noun.lower().startswith(("uni", "use", "eu", "one", "url", "uuid"))
    return f"an {noun}" if is_spoken_as_vowel else f"a {noun}"
