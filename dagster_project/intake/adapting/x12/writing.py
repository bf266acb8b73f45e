"""Writing X12: the envelope of an acknowledgement, addressed back to whoever sent, with its counts and control numbers."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, NamedTuple

from dagster_project.intake.adapting.x12.envelope import element

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

US = "VEINWAY"
# The widths of the elements of ISA, and of its signs.
SEPARATOR, COMPONENT, TERMINATOR = "*", ">", "~\n"
# An interchange is answered in its own version, where pyx12 (in the tests) and most systems read it; else in the older one.
VERSIONS = {"00501": ("00501", "^", "005010")}
OLDER = ("00401", "U", "004010")
LARGEST_NUMBER = 999_999_999
# What an element of an answer cannot hold: what is repeated of a sender's file may hold anything.
NOT_HELD = re.compile(r"[^ -~]|[*>~^]")


class Reply(NamedTuple):
    """The answer to one interchange: the elements of its ISA, TA1 segments, and one 997 for each functional group."""

    header: list[str]
    ta1: list[list[str]]
    functional: list[list[list[str]]]


def written(replies: Sequence[Reply], *, at: dt.datetime, number: int, partner: str) -> bytes:
    """The interchanges that carry the replies. The control numbers follow from `number`, so that the same answer has the same ones."""
    at = at.astimezone(dt.UTC)
    first = number % (LARGEST_NUMBER - len(replies)) + 1
    segments = [
        segment for place, reply in enumerate(replies) for segment in _interchange(reply, at=at, control=first + place, partner=partner)
    ]
    return "".join(f"{SEPARATOR.join(segment)}{TERMINATOR}" for segment in segments).encode()


def _interchange(reply: Reply, *, at: dt.datetime, control: int, partner: str) -> Iterator[list[str]]:
    version, repetition, release = VERSIONS.get(element(reply.header, 12), OLDER)
    us = _party(reply.header, 7, 8, US)
    them = _party(reply.header, 5, 6, partner.upper())
    usage = element(reply.header, 15) if element(reply.header, 15) in ("P", "T") else "P"
    moment = [at.strftime("%y%m%d"), at.strftime("%H%M")]
    yield ["ISA", "00", " " * 10, "00", " " * 10, *us, *them, *moment, repetition, version, f"{control:09}", "0", usage, COMPONENT]
    yield from map(_clean, reply.ta1)
    if reply.functional:
        yield [
            "GS", "FA", us[1].strip(), them[1].strip(), at.strftime("%Y%m%d"), at.strftime("%H%M"), str(control), "X", release,
        ]  # fmt: skip
        for place, segments in enumerate(reply.functional, start=1):
            yield ["ST", "997", f"{place:04}"]
            yield from map(_clean, segments)
            yield ["SE", str(len(segments) + 2), f"{place:04}"]
        yield ["GE", str(len(reply.functional)), str(control)]
    yield ["IEA", str(int(bool(reply.functional))), f"{control:09}"]


def _clean(segment: list[str]) -> list[str]:
    return [NOT_HELD.sub(" ", value) for value in segment]


def _party(header: list[str], qualifier: int, identity: int, otherwise: str) -> list[str]:
    """Qualifier and id as they were sent, the id with its fixed width; ZZ and our own word when nothing was."""
    named, kind = element(header, identity), element(header, qualifier)
    if not named or not re.fullmatch(r"[A-Z0-9]{2}", kind):
        kind = "ZZ"
    text = NOT_HELD.sub("", named or otherwise) or "UNKNOWN"
    return [kind, f"{text[:15]:15}"]
