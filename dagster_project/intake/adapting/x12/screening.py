"""Direct identifiers of persons anywhere in an X12 file, also in segments that no column is made of: the file is refused before it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_project.intake import limits
from dagster_project.intake.adapting.x12.envelope import SET, address, element
from dagster_project.intake.adapting.x12.segments import BINARY
from dagster_project.intake.judging.privacy import FREE, value_class
from dagster_project.intake.receipt import FileRefusedError, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dagster_project.intake.adapting.x12.envelope import Interchange

# Parties that are persons (element 98): patient, insured, responsible party, subscriber and dependent.
PERSONS = frozenset({"QC", "IL", "QD", "S1", "DQ", "P3"})
# What each segment is there for; with it the file says who somebody is.
OF_PERSONS = {"DMG": "date of birth", "PAT": "name of a person", "IND": "date of birth"}
# A company's dock has a street and a parcel's number has the form of a GSRN: there they are expected.
EXPECTED = {"N3": "street address", "MAN": "global service relation number (GSRN)"}
SHORTEST = 6
HINT = "Leave it out: no feed needs it. Then send the file again."


def refuse_persons(interchanges: Iterable[Interchange]) -> None:
    """FileRefusedError, naming segments and classes but never a value, when a set names a person, a birth date, a telephone and the like."""
    known: dict[str, str | None] = {}
    hits: list[Refusal] = []
    sets = [(interchange, each) for interchange in interchanges for group in interchange.groups for each in group.sets]
    for interchange, each in sets:
        for number, parts in enumerate(each.segments, start=each.first):
            for kind, place in _found(parts, known):
                name = f"{parts[0]}{place:02}" if place else parts[0]
                where = f"{address(interchange, each.first, SET)}segment {number} ({parts[0]})"
                expected = "no direct identifier of a person"
                hits.append(Refusal(None, None, "direct_identifier", f"a {kind}", expected, HINT, source_column=name, source_place=where))
            if len(hits) >= limits.MAX_RECEIPT_REFUSALS:
                break
    if not hits:
        return
    first = hits[0]
    more = f" and {len(hits) - 1} more" if len(hits) > 1 else ""
    raise FileRefusedError(
        f"The file holds a direct identifier of a person and was not kept: {str(first.found).removeprefix('a ')}"
        f" in {first.source_column}, {str(first.source_place).rpartition(', ')[2]}{more}. The value was not stored.",
        hits,
    )


def _found(parts: list[str], known: dict[str, str | None]) -> Iterator[tuple[str, int]]:
    name = parts[0]
    if name in BINARY:
        return
    if kind := OF_PERSONS.get(name):
        yield kind, 0
    elif name == "PER" and (element(parts, 2) or element(parts, 4)):
        yield ("name of a person", 2) if element(parts, 2) else ("phone or fax number", 4)
    elif (name == "NM1" and element(parts, 2) == "1") or (name in ("N1", "NM1") and element(parts, 1) in PERSONS):
        yield "name of a person", 2 if name == "N1" else 3
    for place, value in enumerate(parts[1:], start=1):
        # Most elements are codes, dates and quantities, and the same ones again and again.
        if len(value) >= SHORTEST and not (value.isdigit() and len(value) < 18):
            if value not in known:
                known[value] = value_class(value, FREE)
            if (found := known[value]) and found != EXPECTED.get(name):
                yield found, place
