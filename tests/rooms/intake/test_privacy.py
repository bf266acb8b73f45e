"""A direct identifier refuses the file whole, and its value stays with the sender."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from door_files import AS_OF, HEADER, forecast, week

from dagster_project import intake, register
from dagster_project.contracts import contract, contracts
from dagster_project.contracts.identifiers import gs1_check_digit
from dagster_project.intake.judging.privacy import CODE, FREE, PSEUDONYM, cell_class, name_class, value_class

if TYPE_CHECKING:
    from pathlib import Path

GSRN = "40123456789012345" + gs1_check_digit("40123456789012345")
SECRETS = {
    "MRN 00451234": "medical record number",
    "see MRN: KH-884-2231": "medical record number",
    "patient id 48813377": "medical record number",
    "DOB 1961-02-03": "date of birth",
    "born on 3 Feb 1961": "date of birth",
    "ask anna.kovacs@example.org": "e-mail address",
    "call +49 89 1234 5678": "phone or fax number",
    "(617) 555-0123": "phone or fax number",
    "SSN 512-44-9981": "social security number",
    "Mr. Kowalski prefers mornings": "name of a person",
    "signed by Anna Kovacs": "name of a person",
    "lives at 221 Baker Street": "street address",
    "https://ehr.example.org/p/77": "web address",
    "from 192.168.17.4": "IP address",
    "policy no. AB-4471820": "health plan, account or licence number",
    "med rec no: 77811235": "medical record number",
    "anna.kovacs\uff20example.org": "e-mail address",
    "an\u200bna.kovacs@exam\u200bple.o\u200brg": "e-mail address",
    "SSN 512\u201144\u20139981": "social security number",
    "ZQ 03/14/1961": "date of birth",
    "ZQ, 14 March 1961": "date of birth",
    "1961-03-14 ZQ": "date of birth",
    "BSN 111222333": "national health or identity number",
    "NIF: 12345678Z": "national health or identity number",
    "NIR 2 55 08 14 168 025 38": "national health or identity number",
    "AMKA 01013099997": "national health or identity number",
    "CPR 010130-1234": "national health or identity number",
    "NHS no. 943 476 5919": "national health or identity number",
    "personnummer 19611212-1212": "national health or identity number",
    "pt: Quuxberg; Zelda": "name of a person",
    "patient Zelda,Quuxberg": "name of a person",
    "aged 93, ZIP 02139": "age above 89",
    "94-year-old near ZIP 02139": "age above 89",
    GSRN: "global service relation number (GSRN)",
}
HARMLESS = [
    "New trial opens",
    "Second shift from 2027-01-04",
    "3 patients moved to week 50",
    "Line L02 down 08:00-16:30",
    "volume 1,250 mL at -182.4 C",
    "Dr shortage",
    "patient choice",
    "CART-101 capacity 12/14",
    "lot LV26-014, probability 0.85",
    "model 2.4.1",
    "Shutdown 2026-12-21 to 2027-01-03",
    "2nd shift from 2026-12-01",
    "call plant before Friday",
    "call plant on 2026-12-01 at 08:30",
    "Lot LV26-014 delayed",
    "SSCC 095287654321012346",
    "sscc: 095287654321012346",
    "NCT01234567",
    "slot SLOT-K1-26W48-03",
    "Hospital 2026-12-24 closed",
    "patient 2026-12-24 moved",
    "Patient Access Program delayed",
    "Patient numbers under review",
    "Name Change Request open",
    "shipment aged 92 hours",
    "aged 95 d, hold time 120 h",
    "week 48\u201350 closed",
    "capacity 1\u00bd shifts",
    "3\u00a0patients more",
    "no date 1900-01-01",
    "PO 4500012345",
    "batch 26-0004417 released 12.11.2026",
    "validated to -196 \u00b0C",
    "delivery window 08:00\u201310:00 CET",
    "room 12, bay 4",
    "GTIN 09506000134352",
    "GLN 9501101530003",
    "protocol ABC-123 v2.1",
    "CPR training on Monday",
    "NHS England pathway",
    "Chart reviewed",
    "new site opens Q1 2027",
    "10% more than the 2026 plan",
    "Call for slots opens 2026-12-01",
    "Medical recall drill",
    "Prof services contract",
    "waiting for BSN import licence",
    "lane MUC-BOS 36 h",
    "12/14 bags usable",
]


def everything_on_disk(root: Path) -> bytes:
    """All bytes below the state folder, and every cell of every Parquet file in plain text, because Parquet packs its values."""
    plain = [path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()]
    cells = [str(pq.read_table(path, partitioning=None).to_pylist()).encode() for path in root.rglob("*.parquet")]
    return b"\n".join([*plain, *cells])


@pytest.mark.parametrize("secret", SECRETS)
def test_a_value_that_names_a_person_is_seen_in_free_text(secret: str) -> None:
    assert value_class(secret, FREE) == SECRETS[secret]


@pytest.mark.parametrize("text", HARMLESS)
def test_a_planners_remark_passes(text: str) -> None:
    assert value_class(text, FREE) is None


@pytest.mark.parametrize("text", ["00451234", "MR 4512345", "1961-02-03", "Anna Kovacs", "MRN-4451"])
def test_what_does_not_belong_in_place_of_a_pseudonym_is_seen(text: str) -> None:
    assert value_class(text, PSEUDONYM) is not None


def test_the_examples_of_every_contract_pass() -> None:
    seen = [
        (feed, column.name, value)
        for feed, of in contracts().items()
        for column in of.columns
        if column.type == "string"
        for value in (*column.examples, *column.allowed)
        if cell_class(str(value), column)
    ]
    assert seen == []


@pytest.mark.parametrize("text", ["LOT-20261124-000123", "SN 555-123-4567", "095287654321012346", "DS-0042", GSRN])
def test_serials_and_lots_pass_in_columns_of_their_own(text: str) -> None:
    assert value_class(text, CODE) is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("MRN", "medical record number"),
        ("Patient ID", "medical record number"),
        ("patientName", "name of a person"),
        ("DOB", "date of birth"),
        ("date of birth", "date of birth"),
        ("e-mail", "e-mail address"),
        ("Phone No", "phone or fax number"),
        ("home address", "street address"),
        ("GSRN", "global service relation number (GSRN)"),
    ],
)
def test_a_column_is_known_by_its_name(name: str, kind: str) -> None:
    assert name_class(name) == kind


def test_no_column_of_a_contract_but_its_own_names_looks_like_an_identifier() -> None:
    named = [(feed, column.name) for feed, of in contracts().items() for column in of.columns if name_class(column.name)]
    assert named == []


def csv_file(secret: str) -> bytes:
    return forecast(week(48), week(49, comment=f'"{secret}"'))


def csv_in_a_number(secret: str) -> bytes:
    return forecast(week(48), week(49, patients=f'"{secret}"'))


def csv_in_a_ragged_row(secret: str) -> bytes:
    return forecast(week(48), f'1,"{secret}"')


def workbook(secret: str) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for row, line in enumerate([HEADER, week(48), week(49, comment=secret)]):
            sheet.write_row(row, 0, line.split(","))
    return target.getvalue()


def parquet(secret: str) -> bytes:
    rows = [line.split(",") for line in (week(48), week(49, comment=secret))]
    target = io.BytesIO()
    pq.write_table(pa.table(dict(zip(HEADER.split(","), zip(*rows, strict=True), strict=True))), target)
    return target.getvalue()


@pytest.mark.parametrize("make", [csv_file, csv_in_a_number, csv_in_a_ragged_row, workbook, parquet])
def test_the_value_is_nowhere_on_disk(state: Path, make: object, capfd: pytest.CaptureFixture[str]) -> None:
    secret = "MRN 00451234"
    receipt = intake.submit(make(secret), partner="north-hospital", feed="demand_forecast", as_of=AS_OF)  # type: ignore[operator]
    assert (receipt.status, receipt.rows_accepted, receipt.refusals[0].rule) == ("refused", 0, "direct_identifier")
    assert receipt.refusals[0].row in (2, 3)
    assert "00451234" not in json.dumps(receipt.to_dict())
    assert b"00451234" not in everything_on_disk(state)
    assert "00451234" not in "".join(capfd.readouterr())
    assert not (state / "raw").exists()
    assert register.verify() == []


def test_the_search_for_values_would_find_one(state: Path) -> None:
    intake.submit(forecast(week(48, comment="Second shift")), partner="north-hospital", feed="demand_forecast", as_of=AS_OF)
    assert b"Second shift" in everything_on_disk(state)


def test_a_column_that_names_an_identifier_refuses_the_file(state: Path) -> None:
    receipt = intake.submit(
        forecast(week(48) + ",77441", header=HEADER + ",patient_id"), partner="north-hospital", feed="demand_forecast", as_of=AS_OF
    )
    assert [(refusal.rule, refusal.column) for refusal in receipt.refusals] == [("direct_identifier", "patient_id")]
    assert b"77441" not in everything_on_disk(state)


def test_a_file_without_a_header_does_not_have_its_first_row_repeated(state: Path) -> None:
    receipt = intake.submit(
        b"Anna Kovacs,1961-02-03\nBela Nagy,1958-07-11\n", partner="north-hospital", feed="demand_forecast", as_of=AS_OF
    )
    assert receipt.status == "refused"
    assert "Kovacs" not in json.dumps(receipt.to_dict())
    assert b"Kovacs" not in everything_on_disk(state)


@pytest.mark.parametrize("are_many", [False, True])
def test_a_disguised_value_is_found_by_the_door(state: Path, are_many: bool) -> None:
    rows = [week(48 + place % 5) for place in range(100_001 if are_many else 3)]
    for hidden in ("anna.kovacs\uff20example.org", "M\u200bRN 00451234", "\U0001d40cRN 00451234"):
        receipt = intake.check(forecast(*rows, week(48, comment=hidden)), feed="demand_forecast", as_of=AS_OF)
        assert [refusal.rule for refusal in receipt.refusals] == ["direct_identifier"]


def test_among_millions_of_equal_values_the_one_is_found(state: Path, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    lines = [week(48 + place % 5) for place in range(120_000)]
    lines[100_000] = week(48, comment="MRN 00451234")
    path.write_bytes(forecast(*lines))
    receipt = intake.submit(path, partner="north-hospital", feed="demand_forecast", as_of=AS_OF)
    assert [(refusal.row, refusal.column) for refusal in receipt.refusals] == [(100_002, "comment")]
    assert b"00451234" not in everything_on_disk(state)
    assert contract("demand_forecast").column("comment").type == "string"
