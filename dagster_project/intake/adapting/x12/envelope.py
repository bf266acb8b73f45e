"""The envelope of X12: delimiters, interchanges, functional groups and transaction sets, their control numbers and counts. Nothing of a set is understood here.

Every fault carries its code of the TA1, the AK9 or the AK5 segment, so that an acknowledgement can repeat it.
pyx12 is the witness of the tests and not the reader: it ends without a word at an empty segment (rows would be lost), and knows
neither binary segments nor the interchange versions 00400 and 00403, which carriers send.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from dagster_project.intake.adapting.x12.segments import BINARY, LINE_ENDS, LOST_HINT, Delimiters, interchanges
from dagster_project.intake.judging.privacy import FREE, value_class

# ISA, GS, ST and their trailers are the same in all of these; what is in a set is decided by its own version (GS08).
INTERCHANGE_VERSIONS = ("00200", "00204", "00400", "00401", "00403", "00501")
# Segments that may stand between ISA and GS: acknowledgements and optional services.
BETWEEN = frozenset({"TA1", "ISB", "ISE"})
SEGMENT_ID = re.compile(r"[A-Z][A-Z0-9]{1,2}")
# With letters alone only a code: more of them may be somebody's name.
NUMBER = re.compile(r"[A-Za-z]{1,3}|(?=.*\d)[A-Za-z0-9]{1,12}", re.ASCII)
INTERCHANGE, GROUP, SET = "interchange", "group", "set"
NUMBER_HINT = "Header and trailer carry the same control number: let your system write the interchange again."


class Fault(NamedTuple):
    """What is wrong with an envelope, at which segment of the file (from 1), with the code that X12 has for it."""

    level: str
    code: str
    segment: int
    name: str
    found: str
    expected: str
    hint: str


@dataclass
class TransactionSet:
    """ST to SE: the elements of each segment, the number of its first segment in the file, and what is wrong."""

    first: int
    segments: list[list[str]]
    faults: list[Fault] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The transaction set, such as 830."""
        return element(self.segments[0], 1)

    @property
    def control_number(self) -> str:
        """ST02."""
        return element(self.segments[0], 2)


@dataclass
class Group:
    """GS to GE."""

    first: int
    header: list[str]
    sets: list[TransactionSet] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    sets_said: str = ""


@dataclass
class Interchange:
    """ISA to IEA. `outside` are the segments between ISA and IEA that are in no set, with their numbers."""

    first: int
    header: list[str]
    delimiters: Delimiters
    groups: list[Group] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    outside: list[tuple[int, list[str]]] = field(default_factory=list)

    def all_faults(self) -> list[Fault]:
        """The faults of the interchange, its groups and their sets, in the order of the file."""
        groups = [fault for group in self.groups for fault in group.faults]
        sets = [fault for group in self.groups for each in group.sets for fault in each.faults]
        return sorted([*self.faults, *groups, *sets], key=lambda fault: fault.segment)


def element(segment: list[str], place: int) -> str:
    """An element by its place (from 1), empty when the segment is shorter."""
    return segment[place].strip() if place < len(segment) else ""


def read(data: bytes) -> list[Interchange]:
    """Every interchange of a file, with its faults. FileRefusedError when it is no X12 at all."""
    found: list[Interchange] = []
    numbers: set[str] = set()
    number = 1
    for delimiters, segments in interchanges(data):
        interchange = _Reading(delimiters, number, segments).interchange
        _check_header(interchange, numbers)
        found.append(interchange)
        number += len(segments)
    return found


class _Reading:
    """One pass over the segments of an interchange: what is open, and what was wrong when it was closed."""

    def __init__(self, delimiters: Delimiters, first: int, segments: list[list[str]]) -> None:
        self.interchange = Interchange(first, segments[0], delimiters)
        self.group: Group | None = None
        self.set: TransactionSet | None = None
        self.is_closed = False
        self.last_stray = 0
        self.forbidden = _forbidden(delimiters)
        closing = {"ISA": self._isa, "GS": self._gs, "ST": self._st, "SE": self._se, "GE": self._ge, "IEA": self._iea}
        number = first
        for number, parts in enumerate(segments[1:], start=first + 1):
            if parts[0] in ("GS", "GE", "IEA") or (self.set is None and parts[0] != "ST"):
                self.interchange.outside.append((number, parts))
            closing.get(parts[0], self._other)(number, parts)
        self._end(number)

    def _isa(self, number: int, parts: list[str]) -> None:
        self._fault("022", number, "ISA", f"{parts[0]} before the interchange ended", "IEA before the next ISA", LOST_HINT)

    def _gs(self, number: int, parts: list[str]) -> None:
        self._close_set(number, parts[0])
        self._close_group(number, parts[0])
        self.group = Group(number, parts)
        if element(parts, 6) in {element(group.header, 6) for group in self.interchange.groups}:
            found = f"the group control number {shown(parts, 6)} twice"
            self.group.faults.append(Fault(GROUP, "6", number, "GS", found, "a number (GS06) used once in the interchange", LOST_HINT))
        self.interchange.groups.append(self.group)

    def _st(self, number: int, parts: list[str]) -> None:
        self._close_set(number, parts[0])
        if self.group is None:
            self._fault("024", number, "ST", "a transaction set outside a functional group", "GS before ST", LOST_HINT)
            self.group = Group(number, ["GS"])
            self.interchange.groups.append(self.group)
        is_repeated = element(parts, 2) in {each.control_number for each in self.group.sets}
        self.set = TransactionSet(number, [parts])
        self.group.sets.append(self.set)
        if is_repeated:
            self._set_fault("23", number, "ST", f"the control number {shown(parts, 2)} twice", "a number (ST02) used once in the group")

    def _se(self, number: int, parts: list[str]) -> None:
        if self.set is None:
            self._stray(number, parts)
            return
        self.set.segments.append(parts)
        count = number - self.set.first + 1
        if not _is_count(element(parts, 1), count):
            found, expected = f"SE01 counts {shown(parts, 1)} segments", f"{count}: so many are there from ST to SE"
            self._set_fault("4", number, "SE", found, expected)
        if element(parts, 2) != self.set.control_number:
            found = f"SE02 is {shown(parts, 2)}"
            expected = f"{shown(self.set.segments[0], 2)}, as in ST02"
            self.set.faults.append(Fault(SET, "3", number, "SE", found, expected, NUMBER_HINT))
        self.set = None

    def _ge(self, number: int, parts: list[str]) -> None:
        self._close_set(number, parts[0])
        if self.group is None:
            self._stray(number, parts)
            return
        self.group.sets_said = element(parts, 1)
        count = len(self.group.sets)
        if not _is_count(element(parts, 1), count):
            found = f"GE01 counts {shown(parts, 1)} transaction sets"
            self.group.faults.append(Fault(GROUP, "5", number, "GE", found, f"{count}: so many are in the group", LOST_HINT))
        if not _is_same(element(parts, 2), element(self.group.header, 6)):
            found, expected = f"GE02 is {shown(parts, 2)}", f"{shown(self.group.header, 6)}, as in GS06"
            self.group.faults.append(Fault(GROUP, "4", number, "GE", found, expected, NUMBER_HINT))
        self.group = None

    def _iea(self, number: int, parts: list[str]) -> None:
        self._close_set(number, parts[0])
        self._close_group(number, parts[0])
        self.is_closed = True
        count = len(self.interchange.groups)
        if not _is_count(element(parts, 1), count):
            found = f"IEA01 counts {shown(parts, 1)} functional groups"
            self._fault("021", number, "IEA", found, f"{count}: so many are in the interchange", LOST_HINT)
        if not _is_same(element(parts, 2), element(self.interchange.header, 13)):
            found, expected = f"IEA02 is {shown(parts, 2)}", f"{shown(self.interchange.header, 13)}, as in ISA13"
            self._fault("001", number, "IEA", found, expected, NUMBER_HINT)

    def _other(self, number: int, parts: list[str]) -> None:
        if self.set is None:
            if self.group is not None or parts[0] not in BETWEEN:
                self._stray(number, parts)
            return
        self.set.segments.append(parts)
        if not SEGMENT_ID.fullmatch(parts[0]):
            self._set_fault("5", number, "?", "a segment without a name", "a name of two or three capital letters and digits")
        elif parts[0] not in BINARY and any(map(self.forbidden.search, parts)):
            self._set_fault("5", number, parts[0], "a control character", "printable text")

    def _end(self, number: int) -> None:
        self._close_set(number, "the end of the file")
        self._close_group(number, "the end of the file")
        if not self.is_closed:
            self._fault("023", number, "IEA", "the end of the file", "IEA at the end of the interchange", LOST_HINT)

    def _close_set(self, number: int, by: str) -> None:
        if self.set is not None:
            self._set_fault("2", number, "SE", f"{by} before the transaction set ended", "SE at the end of the transaction set")
            self.set = None

    def _close_group(self, number: int, by: str) -> None:
        if self.group is not None:
            found = f"{by} before the functional group ended"
            self.group.faults.append(Fault(GROUP, "3", number, "GE", found, "GE at the end of the group", LOST_HINT))
            self.group = None

    def _stray(self, number: int, parts: list[str]) -> None:
        name = parts[0] if SEGMENT_ID.fullmatch(parts[0]) else "?"
        if number != self.last_stray + 1:
            self._fault("022", number, name, "a segment outside a transaction set", "every segment between ST and SE", LOST_HINT)
        self.last_stray = number

    def _fault(self, code: str, number: int, name: str, found: str, expected: str, hint: str) -> None:
        self.interchange.faults.append(Fault(INTERCHANGE, code, number, name, found, expected, hint))

    def _set_fault(self, code: str, number: int, name: str, found: str, expected: str) -> None:
        if self.set is not None:
            self.set.faults.append(Fault(SET, code, number, name, found, expected, LOST_HINT))


def _check_header(interchange: Interchange, numbers: set[str]) -> None:
    version, control = element(interchange.header, 12), element(interchange.header, 13)
    if version not in INTERCHANGE_VERSIONS:
        found, expected = f"ISA12 is {shown(interchange.header, 12)}", f"one of {', '.join(INTERCHANGE_VERSIONS)}"
        hint = "Let your system write 00401 or 00501."
        interchange.faults.append(Fault(INTERCHANGE, "017", interchange.first, "ISA", found, expected, hint))
    if control in numbers:
        found, expected = f"the interchange control number {shown(interchange.header, 13)} twice", "a number (ISA13) used once in a file"
        interchange.faults.append(Fault(INTERCHANGE, "025", interchange.first, "ISA", found, expected, LOST_HINT))
    numbers.add(control)


def address(interchange: Interchange, segment: int, level: str) -> str:
    """The interchange, group and set in which a segment lies, by their control numbers, to be put before its place."""
    header = interchange.header
    words = [f"interchange {shown(header, 13)} of {shown(header, 9)} {shown(header, 10)}"]
    group = next((group for group in reversed(interchange.groups) if group.first <= segment), None)
    if group is not None and level != INTERCHANGE:
        words.append(f"group {shown(group.header, 1)} {shown(group.header, 6)}")
        each = next((each for each in reversed(group.sets) if each.first <= segment), None)
        if each is not None and level == SET:
            words.append(f"set {shown(each.segments[0], 1)} {shown(each.segments[0], 2)}")
    return ", ".join(words) + ", "


def shown(parts: list[str], place: int) -> str:
    """A control number, count or code as it may be repeated in an answer: only if it looks like one, and like no name or record number."""
    value = element(parts, place)
    return value if is_number(value) else "empty" if not value else "no such number"


def is_number(value: str) -> bool:
    """Whether a text looks like a control number, a count or a short code of an envelope."""
    return NUMBER.fullmatch(value) is not None and value_class(value, FREE) is None


def _forbidden(delimiters: Delimiters) -> re.Pattern[str]:
    allowed = {*delimiters, *LINE_ENDS, "\t"}
    return re.compile("[" + "".join(f"\\x{code:02x}" for code in (*range(32), 127) if chr(code) not in allowed) + "]")


def _is_count(text: str, count: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10 and int(text) == count


def _is_same(one: str, other: str) -> bool:
    """Control numbers of interchanges and groups are numbers: leading zeros do not count."""
    return one == other or (_is_number(one) and _is_number(other) and int(one) == int(other))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 20
