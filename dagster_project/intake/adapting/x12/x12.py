"""X12 830, 214 and 856 as nested plain values: what the paths of an adapter walk. The envelope is read in x12_envelope.

A segment is a dict of its elements by reference ("FST01"), and of the segments and loops below it as lists ("REF", "FST").
Beside them stand the pairs of a LIN segment ("LIN_VP"), the levels of whatever depth below an HL segment by their code ("HL_P") and,
where a segment tells a date, a time and a time code, their moment ("DTM02_04"). What is empty is not there. Composite and repeated
elements stay as they were sent: none of these sets needs one.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from dagster_project.intake.adapting.documents import documents
from dagster_project.intake.adapting.x12.envelope import GROUP, INTERCHANGE, SET, Fault, TransactionSet, address, element, read, shown
from dagster_project.intake.adapting.x12.loops import MOMENTS, PAIRS, SETS, Loop, moment
from dagster_project.intake.adapting.x12.redaction import redacted
from dagster_project.intake.adapting.x12.screening import refuse_persons
from dagster_project.intake.adapting.x12.segments import LOST_HINT
from dagster_project.intake.receipt import FileRefusedError, Refusal, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dagster_project.intake.adapting.x12.envelope import Group, Interchange

FORMAT = "x12"
NO_SUCH_SET = "x12_set"
# The versions (GS08) of which files are in the tests.
VERSIONS = ("004010", "004030", "005010")
MOST_PLACES = 5
# ISA15: what an interchange is for.
PRODUCTION = "P"
USAGES = {"T": "T: the file is marked as a test", "I": "I: the file is marked as information"}
# Shipment, order, tare, pack, item and a few more: deeper levels are a loop gone wrong.
DEEPEST = 12
# The words of a receipt for the codes that TA1, AK9 and AK5 segments have for the same fault.
RULES = {
    (INTERCHANGE, "001"): "x12_interchange_number",
    (INTERCHANGE, "017"): "x12_interchange_version",
    (INTERCHANGE, "020"): "x12_test",
    (INTERCHANGE, "021"): "x12_group_count",
    (INTERCHANGE, "022"): "x12_structure",
    (INTERCHANGE, "023"): "x12_interchange_end",
    (INTERCHANGE, "024"): "x12_group_missing",
    (INTERCHANGE, "025"): "x12_interchange_repeated",
    (GROUP, "2"): "x12_version",
    (GROUP, "3"): "x12_group_end",
    (GROUP, "4"): "x12_group_number",
    (GROUP, "5"): "x12_set_count",
    (GROUP, "6"): "x12_group_repeated",
    (SET, "2"): "x12_set_end",
    (SET, "3"): "x12_set_number",
    (SET, "4"): "x12_segment_count",
    (SET, "5"): "x12_segment",
    (SET, "23"): "x12_set_repeated",
}


class Node(dict[str, Any]):
    """A segment with what is below it. `place` says where it stands in the file."""

    def __init__(self, values: dict[str, Any], place: str) -> None:
        super().__init__(values)
        self.place = place


def parse(data: bytes) -> dict[str, Any]:
    """Everything in the file: interchanges, their groups, their transaction sets; those we know with their loops.

    FileRefusedError, with every fault of the envelopes, when there is any.
    """
    interchanges = _read(data)
    if faults := [fault for interchange in interchanges for fault in faults_of(interchange)]:
        raise _refused(interchanges, faults)
    return {
        "interchanges": [
            _node(interchange.header, interchange.first)
            | {
                "groups": [
                    _node(group.header, group.first) | {"transactions": [transaction(each) for each in group.sets]}
                    for group in interchange.groups
                ]
            }
            for interchange in interchanges
        ]
    }


def opened(data: bytes, feed: str) -> documents.Document:
    """The transaction sets that the feed is made of; others are named in the remarks. A set with a fault is objected to.

    FileRefusedError when nothing is left: a faulty interchange, no set of this feed, none without a fault.
    """
    interchanges = _read(data)
    sets = [(interchange, group, each) for interchange in interchanges for group in interchange.groups for each in group.sets]
    kind = _kind(feed, [each.kind for _, _, each in sets])
    taken = [(interchange, group, each) for interchange, group, each in sets if each.kind == kind]
    faults = [fault for interchange in interchanges for fault in faults_of(interchange)]
    if any(fault.level == INTERCHANGE for fault in faults):
        raise _refused(interchanges, faults)
    if not taken:
        raise _no_such_set(kind, feed, sets)
    refuse_persons(interchanges)
    nodes, objections = [], {}
    for _, group, each in taken:
        node = transaction(each)
        nodes.append(node)
        if own := [*_group_faults(group), *each.faults]:
            objections[id(node)] = _objection(own)
    if len(objections) == len(nodes):
        raise _refused(interchanges, faults)
    kept = redacted(interchanges)
    remarks = (*_others([each for _, _, each in sets if each.kind != kind], feed, kind), *([kept[1]] if kept else []))
    return documents.Document(f"{FORMAT}_{kind}", {"transactions": nodes}, objections, remarks, redacted=kept[0] if kept else None)


def faults_of(interchange: Interchange) -> list[Fault]:
    """What is wrong with an interchange, its groups and its sets, in the order of the file."""
    versions = [fault for group in interchange.groups for fault in _version_faults(group)]
    return sorted([*interchange.all_faults(), *_usage_faults(interchange), *versions], key=lambda fault: fault.segment)


def _read(data: bytes) -> list[Interchange]:
    interchanges = read(data)
    for interchange in interchanges:
        for group in interchange.groups:
            for each in group.sets:
                each.faults += _hierarchy_faults(each)
    return interchanges


def _group_faults(group: Group) -> list[Fault]:
    return [*group.faults, *_version_faults(group)]


def _usage_faults(interchange: Interchange) -> Iterator[Fault]:
    usage = element(interchange.header, 15)
    if usage != PRODUCTION:
        found = f"ISA15 is {USAGES.get(usage, shown(interchange.header, 15))}"
        hint = "Have your system write P in ISA15 when the file is meant to be planned with."
        yield Fault(INTERCHANGE, "020", interchange.first, "ISA", found, "P: production", hint)


def _version_faults(group: Group) -> Iterator[Fault]:
    version = element(group.header, 8)
    if version[:6] not in VERSIONS and any(each.kind in SETS for each in group.sets):
        found, expected = f"version {shown(group.header, 8)} in GS08", " or ".join(VERSIONS)
        yield Fault(GROUP, "2", group.first, "GS", found, expected, "Let your system write version 004010.")


def _kind(feed: str, kinds: Sequence[str]) -> str:
    """The set that the feed is made of; for a feed that no set has an adapter for, the first that came."""
    of_feed = [name.removeprefix(f"{FORMAT}_") for name, feeds in documents.adapters().items() if feed in feeds and name.startswith(FORMAT)]
    return next((kind for kind in kinds if kind in of_feed), (of_feed or [kind for kind in kinds if kind in SETS] or ["830"])[0])


def transaction(each: TransactionSet) -> Node:
    """A transaction set as the node of its ST segment."""
    root = SETS.get(each.kind)
    head = _node(each.segments[0], each.first)
    if root is None:
        return head
    open_loops: list[tuple[Loop, Node]] = [(root, head)]
    levels: dict[str, list[Node]] = {}
    chain: list[Node] = []
    for number, parts in enumerate(each.segments[1:], start=each.first + 1):
        name = parts[0]
        node = _node(parts, number)
        depth = _depth_of(name, open_loops)
        loop, owner = open_loops[depth]
        # A segment that no open loop knows stays where it stands; a known one closes the loops that it does not belong to.
        if name in loop.loops:
            open_loops = [*open_loops[: depth + 1], (loop.loops[name], node)]
        elif name in loop.members:
            open_loops = open_loops[: depth + 1]
        if name == "HL":
            # Below a parent that is missing means below the shipment: its rows are refused with the set, not lost.
            above = levels.get(element(parts, 2), chain[:1]) if element(parts, 2) else []
            chain = [*above, node]
            owner = above[-1] if above else head
            levels[element(parts, 1)] = chain
            for upper in above:
                upper.setdefault(f"HL_{element(parts, 3)}", []).append(node)
        owner.setdefault(name, []).append(node)
    return head


def _depth_of(name: str, open_loops: Sequence[tuple[Loop, Node]]) -> int:
    for depth in range(len(open_loops) - 1, -1, -1):
        loop = open_loops[depth][0]
        if name in loop.members or name in loop.loops:
            return depth
    return len(open_loops) - 1


def _node(parts: list[str], number: int) -> Node:
    name = parts[0]
    names = _names(name, len(parts))
    values = {key: value for key, value in zip(names, map(str.strip, parts), strict=True) if value}
    values.pop(names[0], None)
    if name in PAIRS:
        values |= {f"{name}_{parts[place]}": element(parts, place + 1) for place in range(PAIRS[name], len(parts) - 1, 2) if parts[place]}
    if name in MOMENTS and (at := moment(*(element(parts, place) for place in MOMENTS[name]))):
        first, *_, last = MOMENTS[name]
        values[f"{name}{first:02}_{last:02}"] = at
    return Node(values, f"segment {number} ({name})")


@cache
def _names(name: str, width: int) -> tuple[str, ...]:
    return ("", *(f"{name}{place:02}" for place in range(1, width)))


def _hierarchy_faults(each: TransactionSet) -> Iterator[Fault]:
    """HL numbers that are given twice, parents that were not there before, and a hierarchy without bottom."""
    if each.kind not in SETS:
        return
    depths: dict[str, int] = {}
    for number, parts in enumerate(each.segments, start=each.first):
        if parts[0] != "HL":
            continue
        own, parent = element(parts, 1), element(parts, 2)
        if own in depths:
            yield Fault(SET, "5", number, "HL", f"the level {shown(parts, 1)} twice", "a number (HL01) used once in the set", LOST_HINT)
        elif parent and parent not in depths:
            yield Fault(SET, "5", number, "HL", f"the parent {shown(parts, 2)} (HL02)", "the HL01 of a level before it", LOST_HINT)
        depths[own] = depths.get(parent, 0) + 1
        if depths[own] == DEEPEST + 1:
            yield Fault(SET, "5", number, "HL", f"{DEEPEST + 1} levels below each other", f"at most {DEEPEST}", LOST_HINT)


def _objection(faults: Sequence[Fault]) -> documents.Objection:
    first = faults[0]
    more = f"; {len(faults) - 1} more in this transaction set" if len(faults) > 1 else ""
    return documents.Objection(RULES[first.level, first.code], f"{first.found} ({_where(first)}){more}", first.expected, first.hint)


def _where(fault: Fault) -> str:
    return f"segment {fault.segment} ({fault.name})"


def _refused(interchanges: Sequence[Interchange], faults: Sequence[Fault]) -> FileRefusedError:
    """The answer to a file whose envelope is wrong; each reason tells the place so that an acknowledgement can be made of it alone."""
    reasons = []
    for interchange in interchanges:
        own = faults_of(interchange)
        reasons += [
            Refusal(
                None,
                None,
                RULES[fault.level, fault.code],
                fault.found,
                fault.expected,
                fault.hint,
                source_place=f"{address(interchange, fault.segment, fault.level)}{_where(fault)}",
            )
            for fault in own
        ]
    first = faults[0]
    more = f" There is more: {len(faults)} faults in all." if len(faults) > 1 else ""
    message = f"The envelope is wrong in {_where(first)}: found {first.found}; expected {first.expected}. {first.hint}{more}"
    return FileRefusedError(message, reasons)


def _no_such_set(kind: str, feed: str, sets: Sequence[tuple[Interchange, Group, TransactionSet]]) -> FileRefusedError:
    kinds = sorted({shown(each.segments[0], 1) for _, _, each in sets})
    found = f"the transaction set{'s' * (len(kinds) != 1)} {', '.join(kinds)}" if kinds else "no transaction set"
    hint = "Check the name of the feed, or send the feed as CSV, XLSX or JSON."
    refused = refuse(NO_SUCH_SET, found, f"a transaction set {kind} for the feed {feed}", hint)
    if sets:
        interchange, _, each = sets[0]
        place = f"{address(interchange, each.first, SET)}segment {each.first} (ST)"
        refused.refusals = [replace(reason, source_place=place) for reason in refused.refusals]
    return refused


def _others(sets: Sequence[TransactionSet], feed: str, kind: str) -> Iterator[Refusal]:
    """One remark for each other kind of set: nothing that was sent vanishes without a word."""
    by_kind: dict[str, list[TransactionSet]] = {}
    for each in sets:
        by_kind.setdefault(shown(each.segments[0], 1), []).append(each)
    for other, found in by_kind.items():
        places = "; ".join(f"segment {each.first} (ST)" for each in found[:MOST_PLACES])
        more = f" and {len(found) - MOST_PLACES:,} more" if len(found) > MOST_PLACES else ""
        count = f"1 transaction set {other}" if len(found) == 1 else f"{len(found):,} transaction sets {other}"
        hint = "No row was made of it. Send it for the feed it belongs to, if there is one."
        yield Refusal(None, None, "not_read", count, f"for {feed}: {kind}", hint, source_place=places + more)
