"""A partner's own sheet through the door, by the mapping that comes with Veinway: every cell accounted for, every reason in the sender's words."""

from __future__ import annotations

import csv
import io

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.contracts import contract
from dagster_project.intake import check, limits, submit
from dagster_project.intake.adapting.language.model import MAPPINGS_FOLDER
from dagster_project.intake.adapting.sheets.mapping import mapping_of, source_contract
from dagster_project.intake.adapting.sheets.unread import speaks_of_a_person, unread_class
from dagster_project.wording import one

FEED = "delivery_history"


def landed(state):
    path = next((state / "landing").rglob("*.parquet"))
    return duckdb.sql(f"FROM '{path}' ORDER BY row_number").fetchall()


@pytest.mark.parametrize("scanned", [False, True], ids=["exactly", "scanned"])
def test_the_export_enters_unedited(state, export, monkeypatch, scanned):
    if scanned:
        monkeypatch.setattr(limits, "SCAN_FROM_BYTES", 0)
    receipt = submit(export, partner="northarc", feed=FEED)
    assert (receipt.rows_sent, receipt.rows_accepted, receipt.mapping) == (4, 3, "northarc/delivery_history 1.0.0")
    assert [row[:9] for row in landed(state)] == [
        ("7001", "Lakeside Works, Hall 3", None, "Portugal", "air", *days("2006-06-02", "2006-06-02"), 13.0, 780.34),
        ("7002", "Regional distribution centre", None, "Spain", "road", *days("2006-08-14", "2006-08-15"), None, None),
        ("7003", "Regional distribution centre", None, "Côte d'Ivoire", None, *days("2006-08-27", "2006-08-26"), None, None),
    ]
    assert [(r.row, r.column, r.source_column, r.rule, r.found) for r in receipt.refusals] == [
        (5, "promised_date", "scheduled delivery date", "type", "Tuesday"),
        (5, "mode", "shipment mode", "allowed", "Drone"),
    ]
    assert [(w.row, w.column, w.source_column) for w in receipt.warnings] == [(4, "mode", "shipment mode")]


def days(*texts):
    return [duckdb.sql(f"SELECT DATE '{text}'").fetchall()[0][0] for text in texts]


def test_without_the_partner_the_same_file_is_refused_by_the_contract(state, export):
    assert check(export, feed=FEED).status == "refused"
    assert check(export, feed=FEED, partner="swiftvein").mapping is None


def test_a_file_in_the_contracts_own_columns_is_read_by_the_contract(state):
    own = b"shipment_id,origin_name,country_name,mode,promised_date,delivered_date\nA1,Depot,Spain,road,2026-01-02,2026-01-02\n"
    receipt = submit(own, partner="northarc", feed=FEED)
    assert (receipt.status, receipt.mapping) == ("accepted", None)


def test_a_header_that_the_mapping_does_not_know_is_refused_with_the_way_out(state, export):
    more = b"\n".join(line + (b",mood" if number == 0 else b",calm") for number, line in enumerate(export.rstrip(b"\n").split(b"\n")))
    receipt = submit(more, partner="northarc", feed=FEED)
    assert receipt.status == "refused"
    assert [(r.rule, r.found) for r in receipt.refusals] == [("unknown_column", "mood")]
    assert "ignored:" in receipt.refusals[0].hint
    assert "northarc/delivery_history 1.0.0" in receipt.message


def test_a_header_that_is_gone_is_named_as_the_sender_calls_it(state, export):
    receipt = submit(export.replace(b"scheduled delivery date", b"project_code_2", 1), partner="northarc", feed=FEED)
    assert ("missing_column", "scheduled delivery date") in [(r.rule, r.column) for r in receipt.refusals]


@pytest.mark.parametrize(
    ("column", "value", "kind"),
    [
        (b"P-1", b"write to ann.lee@example.org", "e-mail address"),
        (b"Hill & Co.", b"patient MRN 0048213", "medical record number"),
        (b"1/2/2015", b"4/7/1951", "date of birth"),
        (b"Pre-PQ Process", b"born 4/7/1991", "date of birth"),
    ],
)
def test_what_nobody_reads_is_still_searched_for_persons(state, export, column, value, kind):
    receipt = submit(export.replace(column, value, 1), partner="northarc", feed=FEED)
    assert receipt.status == "refused"
    assert [(r.rule, r.found) for r in receipt.refusals] == [("direct_identifier", one(kind))]
    assert value.decode() not in str(receipt.to_dict())
    assert not (state / "landing").exists()


@pytest.mark.parametrize(
    ("header", "text", "kind"),
    [
        ("pq first sent to client date", "9/11/2014", None),
        ("pq first sent to client date", "9/11/1961", "date of birth"),
        ("remarks", "9/11/2014", "date of birth"),
        ("delivery notes", "9/11/2014 call Mrs Smith", "date of birth"),
        ("vendor", "Dr. Hart's Laboratories", None),
        ("remarks", "Dr. Hart", "name of a person"),
        ("vendor", "Dr. Hart, 555-201-9876", "phone or fax number"),
        ("tracking number", "555-201-9876", None),
        ("contact", "555-201-9876", "phone or fax number"),
        ("parcel", "095287654321012346", None),
        ("info", "095287654321012346", "global service relation number (GSRN)"),
        ("vendor", "hart@example.org", "e-mail address"),
    ],
)
def test_what_a_header_plainly_says_is_no_person(header, text, kind):
    assert unread_class(text, header) == kind


@pytest.mark.parametrize(
    ("header", "is_person"),
    [
        *(
            (header, True)
            for header in ("Consignee Name", "recipient", "Empfaenger", "Empfänger", "Destinataire", "Contact", "Ansprechpartner")
        ),
        *((header, True) for header in ("vendor contact", "Patient ID", "Surname", "attn")),
        *(
            (header, False)
            for header in ("consignee company", "Recipient Country", "vendor", "contact date", "manufacturing site", "brand")
        ),
    ],
)
def test_a_header_that_speaks_of_a_person_is_told_from_one_of_a_company(header, is_person):
    assert speaks_of_a_person(header) == is_person


@pytest.mark.parametrize("header", [b"consignee name", b"Empfaenger"])
def test_an_ignored_column_of_persons_refuses_the_file(state, export, header):
    sent = export.replace(b",vendor,", b"," + header + b",", 1)
    folder = state / "mappings" / "northarc"
    folder.mkdir(parents=True)
    own = (MAPPINGS_FOLDER / "northarc" / "delivery_history.yaml").read_text(encoding="utf-8")
    (folder / "delivery_history.yaml").write_text(own.replace("- vendor\n", f"- {header.decode()}\n", 1), encoding="utf-8")
    receipt = submit(sent, partner="northarc", feed=FEED)
    assert (receipt.status, [r.rule for r in receipt.refusals]) == ("refused", ["direct_identifier"])
    assert not (state / "raw").exists()


@pytest.mark.parametrize("scanned", [False, True], ids=["exactly", "scanned"])
def test_a_row_with_cells_that_nobody_reads_is_not_lost(state, export, monkeypatch, scanned):
    if scanned:
        monkeypatch.setattr(limits, "SCAN_FROM_BYTES", 0)
    total = b",,,,,,,,,,40751,,\n"
    receipt = submit(export + total, partner="northarc", feed=FEED)
    assert receipt.rows_sent == 5
    assert ("shipment_id", 6) in [(r.column, r.row) for r in receipt.refusals]


def test_the_header_of_the_sender_counts_the_cells_of_a_row(state, export):
    receipt = submit(export + b"7009,P-2\n", partner="northarc", feed=FEED)
    assert [(r.row, r.expected) for r in receipt.refusals if r.rule == "columns"] == [(6, "13 cells, like the header")]


def test_a_mapping_that_cannot_be_used_is_told_and_nothing_is_read_by_it(state, export):
    folder = state / "mappings" / "northarc"
    folder.mkdir(parents=True)
    (folder / "delivery_history.yaml").write_text("version: 1.0.0\nfeed: delivery_history\ncolumns: {mode: {from: a, unit: lb}}\n")
    receipt = submit(export, partner="northarc", feed=FEED)
    assert (receipt.status, receipt.refusals[0].rule) == ("refused", "mapping")


def test_the_same_bytes_are_judged_again_once_the_mapping_is_another(state, export):
    folder = state / "mappings" / "swiftvein"
    first = submit(export, partner="swiftvein", feed=FEED)
    text = (MAPPINGS_FOLDER / "northarc" / "delivery_history.yaml").read_text(encoding="utf-8")
    folder.mkdir(parents=True)
    (folder / "delivery_history.yaml").write_text(text, encoding="utf-8")
    second = submit(export, partner="swiftvein", feed=FEED)
    assert (first.status, second.rows_accepted, second.is_repeat) == ("refused", 3, False)
    assert submit(export, partner="swiftvein", feed=FEED).is_repeat


@pytest.mark.parametrize("partner", ["../northarc", "northarc/..", "", None])
def test_no_path_is_made_of_a_name_that_is_no_partners(partner):
    assert mapping_of(partner, FEED) is None


CELL = st.text(alphabet=st.sampled_from("aZ09 -./:,;%'\"(#é€\u00a0"), max_size=12)


@settings(deadline=None, max_examples=60)
@given(rows=st.lists(st.tuples(CELL, CELL, CELL, CELL, CELL), max_size=6))
def test_any_cells_are_answered_and_every_row_is_accounted_for(rows):
    of = contract(FEED)
    mapping = mapping_of("northarc", FEED)
    header = [column.name for column in source_contract(mapping, of).columns]
    there = ["id", "country", "scheduled delivery date", "weight (kilograms)", "vendor"]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    for row in rows:
        writer.writerow([row[there.index(name)] if name in there else "x" for name in header])
    receipt = check(text.getvalue().encode(), feed=FEED, partner="northarc")
    if rows and not any(refusal.rule == "direct_identifier" for refusal in receipt.refusals):
        assert (receipt.rows_sent, receipt.rows_accepted) == (len(rows), 0)
