"""Whatever is done to an X12 file, the door answers with a receipt: no error, no hang, and an answer in X12 that can be read."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from x12_files import SENT_AT, data, forecast, group, interchange, transaction, week, weeks

from dagster_project.home import PROJECT_ROOT
from dagster_project.intake import check
from dagster_project.intake.adapting.x12.acknowledgement import NoAcknowledgementError, acknowledgement
from dagster_project.intake.adapting.x12.envelope import read
from dagster_project.intake.receipt import FileRefusedError
from tests.fuzzing import examples

pytestmark = pytest.mark.fuzz(reader="x12")
SAMPLES = PROJECT_ROOT / "partner_feeds" / "samples"
GOOD = [(path.parent.name, path.read_bytes()) for path in sorted(SAMPLES.glob("*/good_*.x12"))]
LOOK = settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
BYTES = st.sampled_from(
    [b"~", b"*", b">", b"\n", b"\x00", b"\xff", b"ISA", b"IEA*", b"ST*830*0001~", b"BIN*99999999*", b"HL*1*1*P~", b"\xe2\x80", b"-1"]
)


@st.composite
def _mutated(draw: st.DrawFn) -> tuple[str, bytes]:
    """A good file with some bytes cut, put in, exchanged or doubled."""
    feed, raw = draw(st.sampled_from(GOOD))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(raw)))
        end = min(len(raw), start + draw(st.sampled_from([0, 0, 1, 1, 2, 5, 30, 400])))
        piece = draw(st.one_of(BYTES, st.binary(max_size=3), st.just(raw[start:end] * 2), st.just(b"")))
        raw = raw[:start] + piece + raw[end:]
    return feed, raw


@given(_mutated())
@LOOK
def test_a_mutated_file_gets_a_receipt_and_an_answer(sent: tuple[str, bytes]) -> None:
    feed, raw = sent
    receipt = check(raw, feed=feed, as_of=SENT_AT)
    assert receipt.status in {"accepted", "partly_accepted", "refused"}
    assert receipt.refusals or receipt.status == "accepted"
    assert all(reason.expected and reason.hint for reason in receipt.refusals)
    try:
        answer = acknowledgement(receipt, raw if receipt.rows_sent else None)
    except NoAcknowledgementError:
        return
    assert [fault for each in read(answer) for fault in each.all_faults()] == []


ELEMENT = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="*~>"), max_size=12)
SEGMENT = st.builds(
    lambda name, parts: "*".join([name, *parts]),
    st.sampled_from(["FST", "LIN", "N1", "REF", "SDP", "QTY", "XYZ"]),
    st.lists(ELEMENT, max_size=8),
)


@given(st.lists(SEGMENT, max_size=20))
@LOOK
def test_any_segments_in_a_right_envelope_are_all_there(body: list[str]) -> None:
    segments = interchange([group("PS", 1, [transaction("830", 1, body)])])
    found = read(data(segments))
    assert [fault for each in found for fault in each.all_faults()] == []
    assert ["*".join(parts) for parts in found[0].groups[0].sets[0].segments][1:-1] == body


@given(st.binary(max_size=300))
@LOOK
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    for start in (b"", data(forecast(weeks(week(0))))[:106]):
        try:
            read(start + raw)
        except FileRefusedError as refused:
            assert refused.refusals  # noqa: PT017 - both outcomes are right
