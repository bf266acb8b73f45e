"""CSV as it is found in the wild: letters, delimiters, numbers of other countries, and what stands around the table."""

from __future__ import annotations

import pytest
from door_files import HEADER, forecast, week
from reading_files import answered, refused, staged

from dagster_project.intake import limits

ACCENTS = "Überweisung bestätigt, déjà vu"


def with_delimiter(data: bytes, delimiter: str) -> bytes:
    return data.replace(b",", delimiter.encode())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_letters_are_read_in_every_common_encoding(encoding: str, delimiter: str) -> None:
    data = "\r\n".join([HEADER, week(48), week(49, comment="@")]).replace(",", delimiter).replace("@", ACCENTS).encode(encoding)
    outcome, rows = staged(data)
    assert (outcome.status, outcome.format) == ("accepted", "csv")
    assert [row["comment"] for row in rows] == [None, ACCENTS]


@pytest.mark.parametrize(
    ("comment", "row"),
    [
        ("caf\xe9".encode()[:-1] + b" closed", 3),
        ("zażółć gęślą".encode("cp1250"), 3),
        ("Привет".encode("cp1251"), 3),
        ("café".encode("mac_roman"), 3),
        ("naïve ".encode() + "naïve".encode("cp1252"), 3),
        (b"\x81\x8d", 3),
    ],
)  # fmt: skip
def test_letters_that_are_neither_utf8_nor_windows_are_refused_with_the_row(comment: bytes, row: int) -> None:
    data = forecast(week(48), week(49, comment="@"), week(50)).replace(b"@", comment)
    assert refused(answered(data)) == [(row, None, "encoding")]


def test_windows_letters_far_into_a_large_file_are_read_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_HEADER_BYTES", 400)
    monkeypatch.setattr(limits, "SCAN_FROM_BYTES", 0)
    rows = [week(48 + place % 5).replace("CART-101", f"CART-{place}") for place in range(50)]
    data = forecast(*rows, week(48, comment=ACCENTS.replace(",", ""))).decode().encode("cp1252")
    outcome, found = staged(data)
    assert (outcome.status, found[-1]["comment"]) == ("accepted", ACCENTS.replace(",", ""))


def test_a_nul_byte_refuses_its_row_by_number_and_not_the_others() -> None:
    outcome = answered(forecast(week(48), week(49, comment="a\0b"), week(50)))
    assert (outcome.rows_accepted, refused(outcome)) == (2, [(3, "comment", "encoding")])


def test_an_identifier_torn_by_a_nul_byte_is_still_found() -> None:
    outcome = answered(forecast(week(48), week(49, comment="MRN 0045\0001234")))
    assert [rule for _, _, rule in refused(outcome)] == ["direct_identifier"]


@pytest.mark.parametrize("above", ["sep=,\n", '"sep=,"\r\n', "Forecast of the centre\n\n", 'Forecast,,\n"Made for, week 47",\n,,,\n'])
def test_lines_above_the_header_are_passed_over_and_rows_numbered_as_in_a_spreadsheet(above: str) -> None:
    outcome = answered(above.encode() + forecast(week(48), week(49, patients="many")))
    lines = above.count("\n")
    assert (outcome.rows_accepted, refused(outcome)) == (1, [(lines + 3, "patients", "type")])


def test_lines_above_the_header_are_passed_over_in_large_files_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SCAN_FROM_BYTES", 0)
    outcome = answered(b"Forecast of the centre\n\n" + forecast(week(48), week(49, patients="many")))
    assert (outcome.rows_accepted, refused(outcome)) == (1, [(5, "patients", "type")])


def test_a_person_above_the_header_refuses_the_file() -> None:
    outcome = answered(b"Forecast by Dr. Zelda Quuxberg\n" + forecast(week(48)))
    assert refused(outcome) == [(1, None, "direct_identifier")]
    assert "Zelda" not in outcome.message


def test_the_line_that_names_the_delimiter_is_believed() -> None:
    data = b"sep=~\r\n" + with_delimiter(forecast(week(48)), "~")
    assert answered(data).status == "accepted"


@pytest.mark.parametrize(
    ("header", "name"),
    [("Hospital", "hospital_id"), ("hospitalId", "hospital_id"), ("Treatment centre", "hospital_id"), ("HÔPITAL", "hospital_id")],
)
def test_partners_own_words_for_a_column_are_understood(header: str, name: str) -> None:
    outcome = answered(forecast(week(48), header=HEADER.replace(name, header)))
    assert outcome.status == "accepted"


NUMBERS = [
    # what stands in `patients` of four rows, and what they mean; None where nobody can know
    (["2,5", "3", "0,125", "1,234"], [2.5, 3, 0.125, 1.234]),
    (["1,234", "3", "4", "5"], [None, 3, 4, 5]),
    (["1,234.5", "1,234", "7", "8.25"], [1234.5, 1234, 7, 8.25]),
    (["1.234,5", "2.000", "7", "8"], [1234.5, None, 7, 8]),
    (["1.234.567", "2,5", "7", "8"], [1234567, 2.5, 7, 8]),
    (["2,5", "2.5", "1,234", "8"], [2.5, 2.5, None, 8]),
    (["2,5", "1,234.5", "1,234", "8"], [2.5, 1234.5, None, 8]),
    (["12 345", "12\u00a0345,5", "7", "8"], [12345, 12345.5, 7, 8]),
    (["-2,5", "+2,5", "7", "8"], [-2.5, 2.5, 7, 8]),
    (["1,23,4", "1,", ",", "1,2,3"], [None, None, None, None]),
]


@pytest.mark.parametrize(("written", "meant"), NUMBERS)
@pytest.mark.parametrize("delimiter", [";", "\t", ","])
@pytest.mark.parametrize("large", [False, True])
def test_numbers_are_read_only_where_the_file_shows_what_they_mean(
    written: list[str], meant: list[float | None], delimiter: str, *, large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SCAN_FROM_BYTES", 0 if large else 1 << 20)
    rows = [week(48 + place, patients="@").replace(",", delimiter) for place in range(4)]
    quote = '"' if delimiter == "," else ""
    text = "\n".join(
        [HEADER.replace(",", delimiter), *(row.replace("@", quote + cell + quote) for row, cell in zip(rows, written, strict=True))]
    )
    outcome, found = staged(text.encode())
    assert [row["patients"] for row in found] == meant
    unread = {row for row, column, rule in refused(outcome) if (column, rule) == ("patients", "type")}
    assert unread == {row for row, value in enumerate(meant, start=2) if value is None}


def test_a_number_is_repeated_to_its_sender_as_it_was_written() -> None:
    outcome = answered(with_delimiter(forecast(week(48, patients="-2@5")), ";").replace(b"@", b","))
    assert {refusal.found for refusal in outcome.refusals if refusal.column == "patients"} == {"-2,5"}


HINTS = [
    ({"patients": '"1,234"'}, "1234 or 1.2340"),
    ({"patients": "3 patients"}, "unit is fixed"),
    ({"patients": "#REF!"}, "formula of the spreadsheet failed"),
]


@pytest.mark.parametrize(("cells", "words"), HINTS)
def test_the_hint_tells_how_the_value_came_to_be(cells: dict[str, str], words: str) -> None:
    outcome = answered(forecast(week(48, **cells)))
    assert words in outcome.refusals[0].hint


@pytest.mark.parametrize(
    ("hospital", "words"), [("614141123452", "0614141123452"), ("9.5011E+12", "rounded number"), ("950110153000", "mistyped or missing")]
)
def test_a_code_that_a_spreadsheet_has_spoilt_is_told_from_a_mistyped_one(hospital: str, words: str) -> None:
    outcome = answered(forecast(week(48).replace("9501101530003", hospital)))
    assert words in outcome.refusals[0].hint


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (HEADER, "header once more"),
        ("Total,,,,12,,,,", "a total"),
        ("Grand total:", "a total"),
        ("# made on Friday", "a remark"),
        ("Source: planning tool", "a remark"),
        ("9501101530003,CART-101", "delimiter"),
    ],
)
def test_a_row_that_is_none_is_told_what_it_looks_like(row: str, words: str) -> None:
    outcome = answered(forecast(week(48), row))
    assert (outcome.rows_accepted, outcome.rows_refused) == (1, 1)
    assert all(words in refusal.hint for refusal in outcome.refusals)


@pytest.mark.parametrize("comment", ['tube"', 'the "new" trial', '"new" trial'])
@pytest.mark.parametrize("large", [False, True])
def test_a_lone_quotation_mark_refuses_its_row_in_small_files_and_large(
    comment: str, *, large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SCAN_FROM_BYTES", 0 if large else 1 << 20)
    outcome = answered(forecast(week(48, comment='"a ""good"" one"'), week(49, comment=comment)))
    assert [rule for _, _, rule in refused(outcome)] == ["csv"]


@pytest.mark.parametrize("large", [False, True])
def test_inches_and_seconds_are_letters_of_a_text(*, large: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SCAN_FROM_BYTES", 0 if large else 1 << 20)
    _, rows = staged(forecast(week(48, comment='5" tube, 37.8"N'.replace(",", ""))))
    assert [row["comment"] for row in rows] == ['5" tube 37.8"N']
