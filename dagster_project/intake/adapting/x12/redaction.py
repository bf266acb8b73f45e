"""What of an X12 file may be kept: free text, of which no feed is made, is taken out before anything is stored.

A name cannot be told from other words, so a remark, a party's name, an address line or whatever else has words leaves its place empty.
Segments, their numbers and counts stay, so that the file that is kept is read and answered as the one that was sent.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from dagster_project.intake.adapting.x12.segments import BINARY
from dagster_project.intake.judging.repeating import has_words
from dagster_project.intake.receipt import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dagster_project.intake.adapting.x12.envelope import Interchange

# Where free text stands: it is removed also when it is one word, which may be a surname.
ALL = range(1, 100)
FREE_TEXT: dict[str, Sequence[int]] = {
    **dict.fromkeys(("K1", "K2", "K3", "MIT", "TXT", "H3", "N2", "N3"), ALL),
    **dict.fromkeys(("N1", "NTE", "L5"), (2,)),
    **dict.fromkeys(("PID", "PKG"), (5,)),
    **dict.fromkeys(("PER", "G61"), (2, 4, 6, 8)),
    "NM1": (3, 4, 5, 6, 7, 10),
    "MSG": (1,),
    "MTX": (2, 3),
    "AT5": (3,),
    "BIN": (2,),
    "BDS": (3,),
}
# Authorization and security information: of an envelope, they are passwords.
SECRETS = (2, 4)
MAY_BE_WORDS = re.compile(r"[\s,;]")
MOST_PLACES = 5


def redacted(interchanges: Sequence[Interchange]) -> tuple[bytes, Refusal] | None:
    """The file without its free text, and the warning that says so; None when it has none and may be kept as it was sent."""
    removed: list[tuple[int, str]] = []
    text = "".join(piece for interchange in interchanges for piece in _kept(interchange, removed))
    return (text.encode(), _remark(removed)) if removed else None


def _kept(interchange: Interchange, removed: list[tuple[int, str]]) -> Iterator[str]:
    sign, end = interchange.delimiters.element, interchange.delimiters.segment
    line_end = "" if end in "\r\n" else "\n"
    yield sign.join(_header(interchange, removed)) + end + line_end
    inside = ((each.first + at, parts) for group in interchange.groups for each in group.sets for at, parts in enumerate(each.segments))
    for number, parts in sorted([*interchange.outside, *inside], key=lambda numbered: numbered[0]):
        kept = _without_text(parts)
        if kept != parts:
            removed.append((number, parts[0]))
        yield sign.join(kept) + end + line_end


def _header(interchange: Interchange, removed: list[tuple[int, str]]) -> list[str]:
    header = list(interchange.header)
    for place in SECRETS:
        header[place] = " " * len(header[place])
    if header != interchange.header:
        removed.append((interchange.first, "ISA"))
    return header


def _without_text(parts: list[str]) -> list[str]:
    name = parts[0]
    free = FREE_TEXT.get(name, ())
    kept = [
        name,
        *("" if place in free or (MAY_BE_WORDS.search(value) and has_words(value)) else value for place, value in enumerate(parts[1:], 1)),
    ]
    if name in BINARY and len(kept) > BINARY[name] + 1:
        kept[BINARY[name]] = "0"
    return kept


def _remark(removed: Sequence[tuple[int, str]]) -> Refusal:
    counts = Counter(name for _, name in removed)
    named = ", ".join(f"{count:,} {name} segment{'s' * (count > 1)}" for name, count in sorted(counts.items()))
    places = "; ".join(f"segment {number} ({name})" for number, name in removed[:MOST_PLACES])
    more = f" and {len(removed) - MOST_PLACES:,} more" if len(removed) > MOST_PLACES else ""
    hint = "It was removed before anything was stored, because it may name a person; nothing is to be done."
    return Refusal(None, None, "removed", f"free text, or a name, in {named}", "codes, dates and numbers", hint, source_place=places + more)
