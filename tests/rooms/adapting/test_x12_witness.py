"""Others look at the same X12: pyx12 as a second reader, plain counting, and files that nobody here wrote."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from x12_files import INDEPENDENT, INDEPENDENT_FILES, SENT_AT, data, forecast, plain_segments, week, weeks

from dagster_project.intake import check
from dagster_project.intake.adapting.x12 import x12
from dagster_project.intake.adapting.x12.envelope import GROUP, INTERCHANGE, SET, read
from dagster_project.intake.receipt import FileRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LEVELS = {"isa": INTERCHANGE, "gs": GROUP, "st": SET}
# What is wrong with a file beyond its counts and control numbers.
NO_HEADER = {"NonEdi.edi", "CorruptIsa.txt", "MixedTransactionsNoEnvelopes.txt", "862_jit_two_fst_loops_id66795102335.edi"}
SQUEEZED = {"x12.Issue172.edi", "x12.Issue91.edi", "830_amazon_celigo_id3724977479.edi"}
BEYOND_COUNTS = {
    "CorruptSt.txt": {(INTERCHANGE, "022", 3)},
    "DuplicateGroup.txt": {(GROUP, "6", 19)},
    "DuplicateInterchange.txt": {(INTERCHANGE, "025", 20)},
    "DuplicateMessage.txt": {(SET, "23", 18)},
    "MixedTransactions.txt": {(GROUP, "6", 19)},
    "862_oem_sample_id68545979519.edi": {(INTERCHANGE, "023", 12), (GROUP, "3", 12)},
}
BINARY = {"simple_with_binary_segment.edi"}

independent = pytest.mark.skipif(not INDEPENDENT_FILES, reason="the independent X12 files are not at hand")
readable = [path for path in INDEPENDENT_FILES if path.name not in NO_HEADER | SQUEEZED]


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _own_faults(raw: bytes) -> set[tuple[str, str, int]]:
    return {(fault.level, fault.code, fault.segment) for each in read(raw) for fault in each.all_faults()}


def _own_segments(raw: bytes) -> list[list[str]]:
    return [parts for each in read(raw) for held in each.groups for inner in held.sets for parts in inner.segments]


def _counted(segments: list[list[str]]) -> Iterator[tuple[str, str, int]]:
    """Wrong counts and control numbers, found by counting."""
    opened: dict[str, tuple[int, str]] = {}
    counts = {"ST": 0, "GS": 0}
    for number, (name, *elements) in enumerate(segments, start=1):
        match name:
            case "ISA":
                opened["ISA"], counts["GS"] = (number, elements[12]), 0
            case "GS":
                opened["GS"], counts["ST"] = (number, elements[5]), 0
                counts["GS"] += 1
            case "ST":
                opened["ST"] = (number, elements[1])
                counts["ST"] += 1
            case "SE" if "ST" in opened:
                start, control = opened.pop("ST")
                yield from [(SET, "4", number)] * (int(elements[0]) != number - start + 1)
                yield from [(SET, "3", number)] * (elements[1] != control)
            case "GE":
                yield from [(GROUP, "5", number)] * (int(elements[0]) != counts["ST"])
                yield from [(GROUP, "4", number)] * (elements[1].lstrip("0") != opened["GS"][1].lstrip("0"))
            case "IEA":
                yield from [(INTERCHANGE, "021", number)] * (int(elements[0]) != counts["GS"])
                yield from [(INTERCHANGE, "001", number)] * (elements[1].lstrip("0") != opened["ISA"][1].lstrip("0"))


@independent
@pytest.mark.parametrize("path", [path for path in readable if path.name not in BINARY], ids=_name)
def test_counts_and_numbers_are_those_that_plain_counting_finds(path: Path) -> None:
    segments = plain_segments(path.read_text(encoding="utf-8"))
    assert _own_faults(path.read_bytes()) == {*_counted(segments), *BEYOND_COUNTS.get(path.name, ())}


@independent
@pytest.mark.parametrize("path", [path for path in readable if path.name not in BINARY | {"CorruptSt.txt"}], ids=_name)
def test_every_segment_of_a_set_is_read_as_it_stands(path: Path) -> None:
    plain = [
        parts for parts in plain_segments(path.read_text(encoding="utf-8")) if parts[0] not in {"ISA", "GS", "GE", "IEA", "ISB", "ISE"}
    ]
    assert [[element.strip() for element in parts] for parts in _own_segments(path.read_bytes())] == [
        [element.strip() for element in parts] for parts in plain
    ]


@independent
@pytest.mark.parametrize("path", [path for path in INDEPENDENT_FILES if path.name in NO_HEADER | SQUEEZED], ids=_name)
def test_what_is_no_interchange_is_refused_for_that(path: Path) -> None:
    with pytest.raises(FileRefusedError) as refused:
        read(path.read_bytes())
    words = "no ISA segment" if path.name in NO_HEADER else "fixed widths"
    assert words in str(refused.value.refusals[0].found)


@independent
def test_binary_data_are_taken_by_their_length() -> None:
    sizes = [
        len(parts[2])
        for parts in _own_segments((INDEPENDENT / "staedi" / "simple_with_binary_segment.edi").read_bytes())
        if parts[0] == "BIN"
    ]
    assert sizes == [25, 25, 25]


@independent
@pytest.mark.parametrize("feed", ["demand_forecast", "custody_event", "shipment_booking"])
def test_the_door_answers_every_independent_file_with_reasons(feed: str) -> None:
    for path in INDEPENDENT_FILES:
        receipt = check(path, feed=feed, as_of=SENT_AT)
        assert receipt.status != "accepted", path
        assert receipt.refusals, path
        assert all(reason.expected and reason.hint.endswith(".") for reason in receipt.refusals), path
        if path in readable and (receipt.rows_sent or receipt.refusals[0].rule.startswith("x12_")):
            assert all(reason.source_place for reason in receipt.refusals if reason.rule != "direct_identifier"), path


@independent
def test_shipment_statuses_are_those_of_the_expected_answer() -> None:
    folder = INDEPENDENT / "omniparser"
    raw = (folder / "1_canadapost_edi_214.input.txt").read_bytes()
    expected = [
        record["TransformedRecord"] for record in json.loads((folder / "expected_CanadaPost_EDI_214.json").read_text(encoding="utf-8"))
    ]
    sets = x12.parse(raw)["interchanges"][0]["groups"][0]["transactions"]
    assert len(sets) == len(expected) > 10
    for found, wanted in zip(sets, expected, strict=True):
        status = found["LX"][0]["AT7"][0]
        place = {"city": "MS101", "state": "MS102", "country": "MS103"}
        told = {word: status["MS1"][0].get(name) for word, name in place.items()}
        event = wanted["events"][0]
        assert (found["B10"][0]["B1001"], told) == (wanted["tracking_number"], event["location"])
        if "AT707" not in status or status["AT707"] in ("PT", "ET"):
            assert status["AT705_07"] == event["date"]


@independent
def test_the_hierarchy_is_that_of_the_expected_answer() -> None:
    folder = INDEPENDENT / "EdiEngine"
    raw = (folder / "856.Crossdock.OK.edi").read_bytes()
    found = x12.parse(raw)["interchanges"][0]["groups"][0]["transactions"][0]
    wanted = json.loads((folder / "856.Crossdock.OK.json").read_text(encoding="utf-8"))
    levels = [loop for loop in wanted["Content"] if loop["Name"] == "L_HL"]
    assert [_level(level) for level in found["HL"]] == [_wanted_level(level) for level in levels]


def _level(node: Any) -> Any:
    inner = {
        name: len(held) for name, held in node.items() if isinstance(held, list) and name not in {"HL", "N1"} and not name.startswith("HL_")
    }
    return node["HL01"], inner, [_level(below) for below in node.get("HL", [])]


def _wanted_level(loop: Any) -> Any:
    inner: dict[str, int] = {}
    below = []
    for entry in loop["Content"]:
        if entry["Type"] == "L" and entry["Name"] == "L_HL":
            below.append(_wanted_level(entry))
        for name in [entry["Name"]] if entry["Type"] == "S" else [each["Name"] for each in entry["Content"] if entry["Name"] != "L_HL"]:
            if name not in {"HL", "N1", "N3", "N4"}:
                inner[name] = inner.get(name, 0) + 1
    return str(loop["HL01_HierarchicalIdNumber"]), inner, below


def _by_pyx12(text: str) -> tuple[list[list[str]], set[tuple[str, str]]]:
    x12file = pytest.importorskip("pyx12.x12file")
    reader = x12file.X12Reader(io.StringIO(text))
    segments, errors = [], []
    for segment in reader:
        segments.append(segment.format().rstrip(reader.seg_term).split(reader.ele_term))
        errors += reader.pop_errors()
    reader.cleanup()
    errors += reader.pop_errors()
    return segments, {(LEVELS[kind], code) for kind, code, *_ in errors if kind in LEVELS}


def _is_for_pyx12(text: str) -> bool:
    """pyx12 knows two interchange versions, drops an unterminated end and stops at an empty segment."""
    return text[84:89] in {"00401", "00501"} and text.rstrip().endswith(text[105]) and "ISA" not in text[106:]


@independent
@pytest.mark.parametrize("path", [path for path in readable if path.name not in BINARY], ids=_name)
def test_pyx12_finds_the_same_faults(path: Path) -> None:
    text = path.read_text(encoding="utf-8-sig")
    if not _is_for_pyx12(text):
        pytest.skip("pyx12 does not read this one")
    segments, errors = _by_pyx12(text)
    assert errors == {(level, code) for level, code, _ in _own_faults(path.read_bytes())}
    assert len(segments) == len(plain_segments(text))


@pytest.mark.parametrize("change", ["", "SE*9*0001", "SE*8*0009", "GE*1*1", "GE*2*5", "IEA*3*000000001", "IEA*1*000000002", "ST*830*0001"])
def test_pyx12_agrees_on_our_own_files(change: str) -> None:
    good = forecast(weeks(week(0)), weeks(week(1)))
    name = change.split("*", 1)[0]
    place = max((at for at, segment in enumerate(good) if segment.startswith(f"{name}*")), default=0)
    raw = data([change if change and at == place else segment for at, segment in enumerate(good)])
    segments, errors = _by_pyx12(raw.decode())
    assert errors == {(level, code) for level, code, _ in _own_faults(raw)}
    assert bool(errors) is bool(change)
    assert [parts for parts in segments if parts[0] not in {"ISA", "GS", "GE", "IEA"}] == _own_segments(raw)


def test_why_pyx12_is_the_witness_and_not_the_reader() -> None:
    """When one of these no longer holds, the choice is to be looked at again."""
    whole = data(forecast(weeks(week(0), week(1)))).decode()
    silent, _ = _by_pyx12(whole.replace("CTT*1~\n", "~\nCTT*1~\n"))
    assert len(silent) < len(plain_segments(whole)), "it ends at an empty segment without a word"
    errors = pytest.importorskip("pyx12.errors")
    with pytest.raises(errors.X12Error):
        _by_pyx12(whole.replace("*U*00401*", "*U*00403*"))
    with pytest.raises(IndexError):
        _by_pyx12(whole.split("~\n")[0] + "~\nSE*1*0001~\nGE*1*1~\nIEA*1*000000001~\n")
