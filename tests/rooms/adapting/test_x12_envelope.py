"""The envelope of X12 is read as the standard has it, and every fault is found where it is, with X12's own code for it."""

from __future__ import annotations

import pytest
from x12_files import data, forecast, group, interchange, isa, transaction, week, weeks

from dagster_project.intake.adapting.x12.envelope import GROUP, INTERCHANGE, SET, read
from dagster_project.intake.receipt import FileRefusedError

GOOD = forecast(weeks(week(0), week(1)), weeks(week(2)))


def _faults(segments: list[str], **how: str) -> list[tuple[str, str, int]]:
    return [(fault.level, fault.code, fault.segment) for each in read(data(segments, **how)) for fault in each.all_faults()]


def _elements(raw: bytes) -> list[list[str]]:
    return [parts for each in read(raw) for held in each.groups for inner in held.sets for parts in inner.segments]


def test_a_right_interchange_has_no_fault() -> None:
    assert _faults(GOOD) == []


@pytest.mark.parametrize("end", ["~", "~\n", "~\r\n", "\n", "\r\n", "\x1c", "'", "…"])
def test_any_terminator_with_or_without_line_breaks_reads_the_same(end: str) -> None:
    assert _elements(data(GOOD, end=end)) == _elements(data(GOOD))


@pytest.mark.parametrize("sign", ["|", "+", "\t", "\x1d", "^", "¤"])
def test_any_element_separator_reads_the_same(sign: str) -> None:
    assert _elements(data(GOOD).replace(b"*", sign.encode())) == _elements(data(GOOD))


def test_lines_broken_anywhere_read_the_same() -> None:
    whole = data(GOOD, end="~").decode()
    wrapped = "\r\n".join(whole[at : at + 80] for at in range(0, len(whole), 80))
    assert _elements(wrapped.encode()) == _elements(data(GOOD))


@pytest.mark.parametrize("around", [(b"\xef\xbb\xbf", b""), (b"\n\n  ", b"\n\n"), (b"", b"\x1a"), (b"", b"\x00\x00\r\n")])
def test_a_byte_order_mark_and_padding_are_no_content(around: tuple[bytes, bytes]) -> None:
    assert _elements(around[0] + data(GOOD) + around[1]) == _elements(data(GOOD))


def test_the_last_terminator_may_be_missing() -> None:
    assert _faults(GOOD) == [
        (fault.level, fault.code, fault.segment) for each in read(data(GOOD).rstrip(b"~\n")) for fault in each.all_faults()
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_letters_beyond_ascii_are_read_in_both_encodings(encoding: str) -> None:
    segments = [segment.replace("NORTHGATE*UL", "KLINIK MÜNCHEN*UL") for segment in GOOD]
    parts = _elements("".join(f"{segment}~\n" for segment in segments).encode(encoding))
    assert ["N1", "ST", "KLINIK MÜNCHEN", "UL", "9501101530003"] in parts


def test_an_empty_segment_hides_nothing_behind_it() -> None:
    assert _elements(data(GOOD).replace(b"CTT*1~\n", b"CTT*1~~\n~\n", 1)) == _elements(data(GOOD))


def test_binary_data_may_hold_every_sign() -> None:
    inside = "1~ST*999\n*é"
    segments = interchange([group("PI", 1, [transaction("000", 1, [f"BIN*{len(inside.encode())}*{inside}", "REF*ZZ*AFTER"])])])
    assert _faults(segments) == []
    assert _elements(data(segments))[1:3] == [["BIN", "12", inside], ["REF", "ZZ", "AFTER"]]


def test_several_interchanges_may_have_their_own_signs() -> None:
    one, other = data(GOOD), data(interchange([group("PS", 7, [transaction("830", 9, weeks(week(4)))])], number=2))
    both = read(one + other.replace(b"*", b"|").replace(b"~", b"'"))
    assert [(each.first, each.header[13]) for each in both] == [(1, "000000001"), (len(GOOD) + 1, "000000002")]
    assert [fault for each in both for fault in each.all_faults()] == []


WRONG = {
    "a count of segments": ("SE*9*0001", "SE*8*0001", [(SET, "4", 11)]),
    "a number of a set": ("SE*9*0001", "SE*9*0009", [(SET, "3", 11)]),
    "a count of sets": ("GE*2*1", "GE*1*1", [(GROUP, "5", 20)]),
    "a number of a group": ("GE*2*1", "GE*2*5", [(GROUP, "4", 20)]),
    "a count of groups": ("IEA*1*000000001", "IEA*3*000000001", [(INTERCHANGE, "021", 21)]),
    "a number of an interchange": ("IEA*1*000000001", "IEA*1*000000002", [(INTERCHANGE, "001", 21)]),
    "a version": (isa(1), isa(1, version="00302"), [(INTERCHANGE, "017", 1)]),
    "a set twice": ("ST*830*0002", "ST*830*0001", [(SET, "23", 12), (SET, "3", 19)]),
    "a segment without name": ("CTT*1", "*1", [(SET, "5", 10), (SET, "5", 18)]),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_fault_is_found_where_it_is(case: str) -> None:
    right, wrong, found = WRONG[case]
    assert right in GOOD
    assert _faults([wrong if segment == right else segment for segment in GOOD]) == found


MISSING = {
    "SE*9*0001": [(SET, "2", 11)],
    "ST*830*0002": [(INTERCHANGE, "022", 12), (GROUP, "5", 19)],
    "GE*2*1": [(GROUP, "3", 20)],
    "IEA*1*000000001": [(INTERCHANGE, "023", 20)],
}


@pytest.mark.parametrize("segment", MISSING)
def test_a_missing_segment_of_the_envelope_is_named(segment: str) -> None:
    assert _faults([each for each in GOOD if each != segment]) == MISSING[segment]


def test_a_missing_group_header_is_named_and_its_sets_are_still_seen() -> None:
    found = read(data([segment for segment in GOOD if not segment.startswith("GS")]))
    assert [len(held.sets) for held in found[0].groups] == [2]
    assert (INTERCHANGE, "024", 2) in [(fault.level, fault.code, fault.segment) for fault in found[0].all_faults()]


def test_every_length_of_a_cut_file_is_noticed() -> None:
    whole = data(GOOD, end="~")
    for length in range(106, len(whole) - 2):
        assert [fault for each in read(whole[:length]) for fault in each.all_faults()], f"cut after {length} bytes"


NOT_X12 = [
    b"NONEDI",
    b"ISA",
    b"ISA*00*2*00*3*ZZ*A*B*1032*U*00400*000000112*0*P*3*3*>~",
    isa(1).encode(),
    isa(1).replace("*>", "**").encode() + b"~",
]


@pytest.mark.parametrize("raw", NOT_X12)
def test_what_has_no_readable_header_is_refused_with_a_reason(raw: bytes) -> None:
    with pytest.raises(FileRefusedError) as refused:
        read(raw)
    assert refused.value.refusals[0].rule == "x12_envelope"
    assert refused.value.refusals[0].hint.endswith(".")
