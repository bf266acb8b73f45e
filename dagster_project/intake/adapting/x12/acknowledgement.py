"""The answer to an X12 file in X12: TA1 for its envelope, 997 for its transaction sets, made from the receipt and what was kept.

TA1 says whether an interchange could be read, AK5 for every transaction set whether it was accepted (A), accepted with errors (E) or
rejected (R), AK3 which segment a refused row stands in. The same submission always gets the same bytes.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from dagster_project.home import home
from dagster_project.intake.adapting.documents import documents
from dagster_project.intake.adapting.documents.walking import walk
from dagster_project.intake.adapting.x12 import x12
from dagster_project.intake.adapting.x12.envelope import GROUP, INTERCHANGE, SET, element, read
from dagster_project.intake.adapting.x12.writing import NOT_HELD, Reply, written
from dagster_project.intake.judging.privacy import FREE, value_class
from dagster_project.intake.judging.repeating import has_words
from dagster_project.intake.reading.content import open_content
from dagster_project.intake.reading.unwrap import unwrapped
from dagster_project.intake.receipt import REFUSED, FileRefusedError, Receipt, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from dagster_project.intake.adapting.x12.envelope import Group, Interchange, TransactionSet

ACCEPTED, WITH_ERRORS, PARTLY, REJECTED = "A", "E", "P", "R"
# TA105: nothing is wrong; what stands in the interchange is.
NO_ERROR, INVALID_CONTENT = "000", "024"
UNSUPPORTED_SET, SEGMENTS_IN_ERROR = "1", "5"
# A 997 is never answered with a 997.
ACKNOWLEDGEMENTS = ("FA",)
ADDRESS = re.compile(
    r"interchange (?P<number>\w+) of (?P<day>\w+) (?P<time>\w+)(?:, group (?P<id>\w+) (?P<group>\w+))?"
    r"(?:, set (?P<kind>\w+) (?P<set>\w+))?, segment (?P<segment>\d+) \((?P<name>[\w?]+)\)"
)
SEGMENT = re.compile(r"segment (\d+) \(([\w?]+)\)$")
ELEMENT = re.compile(r"\b([A-Z][A-Z0-9]{1,2})(\d\d)(?:_\d\d)?\b")
CODES = {rule: key for key, rule in x12.RULES.items()}
# AK403: what is wrong with an element, by the rule of the contract; 7 says that the value is not one of those expected.
MISSING, INVALID, BAD_DAY = "1", "7", "8"
OF_DAYS, DAY = ("type", "iso_week"), re.compile(r"\b(?:date|time|Monday)\b")
LONGEST_COPY = 99


class NoAcknowledgementError(ValueError):
    """There is nothing to acknowledge in X12: another format, or a file without a readable ISA segment."""


class Note(NamedTuple):
    """AK3 and AK4: a segment, counted from ST, with its wrong elements as (place, code, what was found)."""

    position: int
    name: str
    elements: tuple[tuple[int, str, str], ...]


@dataclass
class SetAnswer:
    """AK2 to AK5."""

    kind: str
    number: str
    verdict: str
    codes: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


@dataclass
class GroupAnswer:
    """AK1 to AK9."""

    functional_id: str
    number: str
    said: int
    sets: list[SetAnswer] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        """AK901."""
        verdicts = {each.verdict for each in self.sets}
        if self.codes or verdicts == {REJECTED}:
            return REJECTED
        return PARTLY if REJECTED in verdicts else WITH_ERRORS if WITH_ERRORS in verdicts else ACCEPTED


@dataclass
class InterchangeAnswer:
    """What is said of one interchange. `header` are the elements of its ISA segment as far as they are known."""

    header: list[str]
    wants_ta1: bool
    note: str = NO_ERROR
    groups: list[GroupAnswer] = field(default_factory=list)


class _Judged(NamedTuple):
    """What became of a file: reasons and rows by segment, the sets its feed is made of, and whether nothing of it was taken."""

    by_segment: dict[int, list[Refusal]]
    rows: Counter[int]
    kinds: frozenset[str]
    is_refused: bool


def for_submission(submission_id: str) -> bytes:
    """The acknowledgement of a submission. LookupError when there is none, NoAcknowledgementError when it was no X12."""
    from dagster_project import register  # noqa: PLC0415 - the register needs a database, the rest of this file does not

    entry = register.submission(submission_id)
    if entry is None:
        raise LookupError(f"There is no submission {submission_id}.")
    found = register.receipt(submission_id)
    if found is None:
        raise LookupError(f"There is no receipt of {submission_id}.")
    raw = home().raw / entry["raw_sha256"][:2] / entry["raw_sha256"] if entry["raw_sha256"] else None
    data = _kept(raw) if raw is not None and raw.is_file() else None
    refused = entry["refused_path"]
    return acknowledgement(Receipt.from_dict(found), data, _all_refusals(str(home().root / refused)) if refused else None)


def acknowledgement(receipt: Receipt, data: bytes | None = None, refusals: Sequence[Refusal] | None = None) -> bytes:
    """The acknowledgement of a file: `data` is the file where it was kept, `refusals` all of them where the receipt has only the first.

    Without `data` the reasons of the receipt say which interchange, group and set they are about. NoAcknowledgementError when neither does.
    """
    if not (receipt.format or "").startswith(x12.FORMAT):
        raise NoAcknowledgementError(f"This submission was no X12 but {receipt.format or 'unread'}: see its receipt.")
    reasons = receipt.refusals if refusals is None else refusals
    answers = _from_reasons(reasons) if data is None else _from_file(receipt, data, reasons)
    if not answers:
        raise NoAcknowledgementError(
            "Nothing is kept of this file that names its interchange, so X12 has no answer to it: see the receipt."
        )
    moment = dt.datetime.fromisoformat(receipt.received_at)
    return written(
        [_reply(answer) for answer in answers], at=moment, number=int(receipt.submission_id, 16), partner=receipt.partner_id or ""
    )


def _kept(path: Path) -> bytes:
    """The X12 itself, also where it came in an archive."""
    with unwrapped(open_content(path)) as (inner, _):
        return b"".join(inner.chunks())


def _all_refusals(path: str) -> list[Refusal]:
    import pyarrow.parquet as pq  # noqa: PLC0415 - most receipts are told without it

    names = ("row_number", "column_name", "rule", "found", "expected", "hint", "source_column", "source_place")
    return [Refusal(*(row[name] for name in names)) for row in pq.read_table(path, columns=list(names)).to_pylist()]


def _from_file(receipt: Receipt, data: bytes, reasons: Sequence[Refusal]) -> list[InterchangeAnswer]:
    """The answers when the file is at hand: every set of it is named."""
    by_segment: dict[int, list[Refusal]] = {}
    for reason in reasons:
        if reason.source_place and (found := SEGMENT.search(reason.source_place)):
            by_segment.setdefault(int(found.group(1)), []).append(reason)
    kinds = frozenset(name.removeprefix(f"{x12.FORMAT}_") for name, feeds in documents.adapters().items() if receipt.feed in feeds)
    judged = _Judged(by_segment, _rows(receipt.feed, data) if receipt.rows_sent else Counter(), kinds, receipt.status == REFUSED)
    return [_interchange_answer(judged, each) for each in read(data)]


def _rows(feed: str, data: bytes) -> Counter[int]:
    """How many rows each segment gave."""
    try:
        document = documents.opened(data, x12.FORMAT, feed)
        adapter = documents.adapter_of(document.format, feed)
    except FileRefusedError:
        # The adapter is another one than when the file was judged.
        return Counter()
    places = (SEGMENT.search(row.place) for row in walk(document.root, adapter.each).rows)
    return Counter(int(place.group(1)) for place in places if place)


def _interchange_answer(judged: _Judged, interchange: Interchange) -> InterchangeAnswer:
    faults = x12.faults_of(interchange)
    note = next((fault.code for fault in faults if fault.level == INTERCHANGE), NO_ERROR)
    answer = InterchangeAnswer(interchange.header, note != NO_ERROR or element(interchange.header, 14) == "1", note)
    for group in interchange.groups:
        if element(group.header, 1) not in ACKNOWLEDGEMENTS:
            end = group.first + 1 + sum(len(each.segments) for each in group.sets)
            own = [fault.code for fault in faults if fault.level == GROUP and group.first <= fault.segment <= end]
            answer.groups.append(_group_answer(judged, group, own))
    return answer


def _group_answer(judged: _Judged, group: Group, codes: list[str]) -> GroupAnswer:
    said = int(group.sets_said) if re.fullmatch(r"[0-9]{1,6}", group.sets_said) else len(group.sets)
    sets = [_set_answer(judged, each, is_rejected=bool(codes)) for each in group.sets]
    return GroupAnswer(element(group.header, 1), element(group.header, 6), said, sets, codes)


def _set_answer(judged: _Judged, each: TransactionSet, *, is_rejected: bool) -> SetAnswer:
    answer = SetAnswer(each.kind, each.control_number, REJECTED)
    inside = range(each.first, each.first + len(each.segments))
    found = {number: judged.by_segment[number] for number in inside if number in judged.by_segment}
    refused = len({reason.row for reasons in found.values() for reason in reasons})
    if each.faults:
        answer.codes = list(dict.fromkeys(fault.code for fault in each.faults))
    elif each.kind not in judged.kinds:
        answer.codes = [UNSUPPORTED_SET]
    elif refused:
        answer.codes = [SEGMENTS_IN_ERROR]
        answer.notes = [_note(number - each.first + 1, each.segments[number - each.first], found[number]) for number in found]
        is_whole = refused >= sum(judged.rows[number] for number in inside)
        answer.verdict = REJECTED if is_rejected or is_whole or judged.is_refused else WITH_ERRORS
    elif not is_rejected and not judged.is_refused:
        answer.verdict = ACCEPTED
    return answer


def _note(position: int, segment: list[str], reasons: Sequence[Refusal]) -> Note:
    wrong: dict[int, tuple[int, str, str]] = {}
    for reason in reasons:
        for name, number in ELEMENT.findall(reason.source_column or ""):
            if name == segment[0]:
                wrong.setdefault(int(number), (int(number), _element_code(reason), _copy(element(segment, int(number)))))
    return Note(position, segment[0], tuple(wrong[number] for number in sorted(wrong)))


def _element_code(reason: Refusal) -> str:
    if reason.rule == "required":
        return MISSING
    return BAD_DAY if reason.rule in OF_DAYS and DAY.search(reason.expected) else INVALID


def _copy(value: str) -> str:
    """AK404: what stood there, as far as an element of an answer can hold it; nothing where it may name a person."""
    return "" if has_words(value) or value_class(value, FREE) else NOT_HELD.sub(" ", value)[:LONGEST_COPY].strip()


def _from_reasons(reasons: Iterable[Refusal]) -> list[InterchangeAnswer]:
    """The answers when nothing was kept of the file: what its reasons are about, by control numbers."""
    answers: dict[str, InterchangeAnswer] = {}
    for reason in reasons:
        address = ADDRESS.match(reason.source_place or "")
        if address is None:
            continue
        number = address["number"]
        answer = answers.setdefault(number, InterchangeAnswer(_header(address), wants_ta1=False))
        level, code = CODES.get(reason.rule, (SET, UNSUPPORTED_SET if reason.rule == x12.NO_SUCH_SET else SEGMENTS_IN_ERROR))
        if level == INTERCHANGE:
            answer.wants_ta1, answer.note = True, code if answer.note == NO_ERROR else answer.note
        elif address["kind"] or (level == GROUP and address["id"]):
            _add(answer, address, level, code)
        elif answer.note == NO_ERROR:
            # Outside every set, such as a person in the envelope: nothing of the file was taken.
            answer.wants_ta1, answer.note = True, INVALID_CONTENT
    return list(answers.values())


def _header(address: re.Match[str]) -> list[str]:
    header = ["ISA", *[""] * 16]
    header[9], header[10], header[13] = address["day"], address["time"], address["number"]
    return header


def _add(answer: InterchangeAnswer, address: re.Match[str], level: str, code: str) -> None:
    group = next((each for each in answer.groups if each.number == address["group"]), None)
    if group is None:
        group = GroupAnswer(address["id"], address["group"], 0)
        answer.groups.append(group)
    if level == GROUP:
        group.codes.append(code)
    elif address["kind"]:
        held = next((each for each in group.sets if each.number == address["set"]), None)
        if held is None:
            held = SetAnswer(address["kind"], address["set"], REJECTED)
            group.sets.append(held)
        held.codes = list(dict.fromkeys([*held.codes, code]))
    group.said = max(group.said, len(group.sets), 1)


def _reply(answer: InterchangeAnswer) -> Reply:
    verdict = ACCEPTED if answer.note == NO_ERROR else REJECTED
    ta1 = [["TA1", element(answer.header, 13), element(answer.header, 9), element(answer.header, 10), verdict, answer.note]]
    groups = [group for group in answer.groups if group.functional_id not in ACKNOWLEDGEMENTS]
    return Reply(answer.header, ta1 if answer.wants_ta1 or not groups else [], [list(_functional(group)) for group in groups])


def _functional(group: GroupAnswer) -> Iterator[list[str]]:
    """The segments of a 997 between ST and SE."""
    yield ["AK1", group.functional_id, group.number]
    for each in group.sets:
        yield ["AK2", each.kind, each.number]
        for note in each.notes:
            yield ["AK3", note.name, str(note.position), "", "8"]
            for place, code, found in note.elements:
                yield ["AK4", str(place), "", code, *([found] if found else [])]
        yield ["AK5", each.verdict, *each.codes[:5]]
    taken = sum(each.verdict != REJECTED for each in group.sets)
    yield ["AK9", group.verdict, str(group.said), str(len(group.sets)), str(taken), *dict.fromkeys(group.codes[:5])]
