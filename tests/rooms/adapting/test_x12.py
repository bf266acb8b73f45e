"""X12 830, 214 and 856 become nested plain values, and rows of the feeds through the door."""

from __future__ import annotations

import pytest
from x12_files import HEAD_830, HOSPITAL, SENT_AT, data, forecast, group, interchange, transaction, week, weeks

from dagster_project.intake import Receipt, check
from dagster_project.intake.adapting.x12 import x12
from dagster_project.intake.adapting.x12.loops import moment
from dagster_project.intake.receipt import FileRefusedError


def _only_set(kind: str, body: list[str]) -> x12.Node:
    document = x12.parse(data(interchange([group("ZZ", 1, [transaction(kind, 1, body)])])))
    return document["interchanges"][0]["groups"][0]["transactions"][0]


def _answer(segments: list[str], feed: str = "demand_forecast") -> Receipt:
    return check(data(segments), feed=feed, as_of=SENT_AT)


def _reasons(receipt: Receipt) -> list[tuple[str, str | None]]:
    return [(reason.rule, reason.source_place) for reason in receipt.refusals]


def test_forecast_segments_stand_below_their_item_also_after_a_delivery_pattern() -> None:
    found = _only_set(
        "830", [*HEAD_830, "LIN*1*VP*A", "FST*1*D*W*1", "SDP*Y*Y", "FST*2*D*W*2", "LIN*2*BP*B", "N1*ST*X*UL*7", "FST*3*D*W*3", "CTT*2"]
    )
    assert [(item["LIN01"], [week["FST01"] for week in item["FST"]]) for item in found["LIN"]] == [("1", ["1", "2"]), ("2", ["3"])]
    assert found["LIN"][0]["LIN_VP"] == "A"
    assert found["LIN"][1]["N1"][0]["N104"] == "7"
    assert found["CTT"][0].place == "segment 13 (CTT)"


def test_what_follows_a_loop_goes_back_to_the_loop_it_belongs_to() -> None:
    found = _only_set(
        "214", ["B10*1*BK-1*S", "LX*1", "AT7*X1*NS***20261120*0930*UT", "MS1*CITY", "L11*A*ZZ*FROM", "LX*2", "AT7*D1*NS***20261120*1000*UT"]
    )
    first, second = found["LX"]
    assert (first["L11"][0]["L1103"], first["AT7"][0]["MS1"][0]["MS101"]) == ("FROM", "CITY")
    assert second["AT7"][0]["AT705_07"] == "2026-11-20T10:00:00+00:00"


def test_levels_stand_below_their_parent_and_are_listed_by_their_code() -> None:
    body = [
        "BSN*00*1*20261120*0930",
        "HL*1**S",
        "REF*BN*BK-1",
        "HL*2*1*O",
        "HL*3*2*P",
        "MAN*GM*1",
        "HL*4*3*I",
        "LIN**LT*L1",
        "HL*5*2*P",
        "MAN*GM*2",
    ]
    shipment = _only_set("856", body)["HL"][0]
    assert [[below["HL01"] for below in order["HL"]] for order in shipment["HL"]] == [["3", "5"]]
    assert [package["MAN"][0]["MAN02"] for package in shipment["HL_P"]] == ["1", "2"]
    assert shipment["HL_P"][0]["HL_I"][0]["LIN"][0]["LIN_LT"] == "L1"


def test_an_unknown_segment_is_kept_and_closes_nothing() -> None:
    item = _only_set("830", [*HEAD_830, "LIN*1*VP*A", "FST*1*D*W*1", "XYZ*9", "QTY*1*2", "FST*2*D*W*2"])["LIN"][0]
    assert (item["FST"][0]["XYZ"][0]["XYZ01"], item["FST"][0]["QTY"][0]["QTY02"], len(item["FST"])) == ("9", "2", 2)


MOMENTS = {
    ("20261113", "0830", "01"): "2026-11-13T08:30:00+01:00",
    ("20261113", "083015", "UT"): "2026-11-13T08:30:15+00:00",
    ("20261113", "08301525", "24"): "2026-11-13T08:30:15.25-01:00",
    ("20261113", "0830", "ET"): "2026-11-13T08:30:00-05:00",
    ("20260713", "0830", "ET"): "2026-07-13T08:30:00-04:00",
    ("20261113", "0830", "LT"): "2026-11-13T08:30:00 LT",
    ("20261113", "0830", ""): "2026-11-13T08:30:00",
    # The clock goes back: half past one happens twice. It goes forward: half past two never does.
    ("20261101", "0130", "ET"): "2026-11-01T01:30:00 ET",
    ("20260308", "0230", "ET"): "2026-03-08T02:30:00 ET",
    ("20261113", "2561", "ET"): "2026-11-13T25:61:00 ET",
    ("20261313", "0830", "ET"): "20261313 0830 ET",
    ("20261113", "8h", "ET"): "20261113 8h ET",
    ("20261113", "", "ET"): None,
}


@pytest.mark.parametrize("parts", MOMENTS)
def test_a_date_a_time_and_a_code_make_a_moment_only_when_they_do(parts: tuple[str, str, str]) -> None:
    assert moment(*parts) == MOMENTS[parts]


@pytest.mark.parametrize(
    ("version", "is_taken"),
    [("004010", True), ("004030", True), ("005010", True), ("005010X999", True), ("003020", False), ("002001", False)],
)
def test_versions_that_are_tested_are_taken(version: str, *, is_taken: bool) -> None:
    receipt = _answer(forecast(weeks(week(0)), version=version))
    assert (receipt.status == "accepted") is is_taken
    assert is_taken or _reasons(receipt)[0][0] == "x12_version"


def test_a_refused_row_names_its_segment_and_element() -> None:
    receipt = _answer(forecast(weeks(week(0), week(1, patients="-1"), "FST*1*D*M*20261201")))
    assert (receipt.format, receipt.status, receipt.rows_sent, receipt.rows_refused) == ("x12", "partly_accepted", 3, 2)
    found = [(reason.row, reason.column, reason.source_column, reason.source_place, reason.found) for reason in receipt.refusals]
    assert found == [
        (2, "patients", "FST01", "segment 9 (FST)", "-1"),
        (3, "week_start_date", "FST03 and FST04", "segment 10 (FST)", "M 20261201"),
    ]


def test_sets_of_several_groups_and_interchanges_are_all_taken() -> None:
    one = interchange([group("PS", 1, [transaction("830", 1, weeks(week(0)))]), group("PS", 2, [transaction("830", 1, weeks(week(1)))])])
    two = interchange([group("PS", 1, [transaction("830", 1, weeks(week(2)))])], number=2)
    assert (_answer(one + two).status, _answer(one + two).rows_accepted) == ("accepted", 3)


def test_other_sets_are_named_not_dropped() -> None:
    acknowledgement = transaction("997", 1, ["AK1*PS*7", "AK9*A*1*1*1"])
    receipt = _answer(interchange([group("PS", 1, [transaction("830", 1, weeks(week(0)))]), group("FA", 2, [acknowledgement])]))
    assert (receipt.status, receipt.rows_accepted) == ("accepted", 1)
    assert [(warning.rule, warning.found, warning.source_place) for warning in receipt.warnings] == [
        ("not_read", "1 transaction set 997", "segment 13 (ST)"),
        ("removed", "free text, or a name, in 1 N1 segment", "segment 5 (N1)"),
    ]


def test_a_file_of_another_set_is_refused_with_both_names() -> None:
    receipt = _answer(interchange([group("SH", 1, [transaction("856", 1, ["BSN*00*1*20261120*0930", "HL*1**S"])])]))
    assert receipt.status == "refused"
    assert (receipt.refusals[0].found, receipt.refusals[0].expected) == (
        "the transaction set 856",
        "a transaction set 830 for the feed demand_forecast",
    )


def test_a_faulty_set_is_refused_and_its_neighbour_taken() -> None:
    segments = ["SE*99*0001" if segment == "SE*8*0001" else segment for segment in forecast(weeks(week(0)), weeks(week(1)))]
    receipt = _answer(segments)
    assert (receipt.status, receipt.rows_accepted, receipt.rows_refused) == ("partly_accepted", 1, 1)
    assert _reasons(receipt) == [("x12_segment_count", "segment 8 (FST)")]


def test_a_faulty_interchange_is_refused_whole_with_every_fault() -> None:
    segments = [*forecast(weeks(week(0)))[:-2], "GE*1*9", "IEA*2*000000001"]
    receipt = _answer(segments)
    assert (receipt.status, receipt.rows_accepted) == ("refused", 0)
    assert _reasons(receipt) == [
        ("x12_group_number", "interchange 000000001 of 261120 0930, group PS 1, segment 11 (GE)"),
        ("x12_group_count", "interchange 000000001 of 261120 0930, segment 12 (IEA)"),
    ]


def test_a_shipment_without_package_is_refused_not_lost() -> None:
    receipt = _answer(
        interchange([group("SH", 1, [transaction("856", 1, ["BSN*00*1*20261120*0930", "HL*1**S", "REF*BN*BK-1"])])]), "shipment_booking"
    )
    assert (receipt.rows_sent, receipt.rows_refused) == (1, 1)
    assert ("sscc", "required") in [(reason.column, reason.rule) for reason in receipt.refusals]


HIERARCHIES = {
    "the parent 7 (HL02)": ["HL*1**S", "HL*2*7*P"],
    "the level 1 twice": ["HL*1**S", "HL*1*1*P"],
    "13 levels below each other": ["HL*1**S", *(f"HL*{number + 1}*{number}*P" for number in range(1, 2000))],
}


@pytest.mark.parametrize("found", HIERARCHIES)
def test_a_broken_hierarchy_is_a_fault_of_its_set(found: str) -> None:
    raw = data(interchange([group("SH", 1, [transaction("856", 1, ["BSN*00*1*20261120*0930", *HIERARCHIES[found]])])]))
    with pytest.raises(FileRefusedError) as refused:
        x12.opened(raw, "shipment_booking")
    assert [reason.found for reason in refused.value.refusals] == [found]


PERSONS = {
    "PER*SC*Nobody Known": "name of a person",
    "PER*SC**TE*5550100199": "phone or fax number",
    "PER*SC*Kim Shipping*TE*5550100199": "name of a person",
    "PER*SC*Shipping Desk*TE*5550100199*EM*nobody.known@example.org": "e-mail address",
    "REF*PI*00451234": "medical record number",
    "NM1*QC*1*NOBODY*KNOWN": "name of a person",
    "N1*QC*NOBODY KNOWN": "name of a person",
    "DMG*D8*19000101*F": "date of birth",
    "REF*ZZ*MRN 00012345": "medical record number",
    "PID*F****call +1 555 010 0199": "phone or fax number",
    "REF*EA*00481513": "medical record number",
    "REF*MRN*00481513": "medical record number",
    "REF*SY*123456789": "social security number",
    "REF*1W*QX481513": "health plan, account or licence number",
    "REF*ZZ*COM**EA>00481513": "medical record number",
    "N9*EJ*00481513": "health plan, account or licence number",
    "DTM*222*19560211": "date of birth",
    "DTP*222*D8*19560211": "date of birth",
    "L11*00481517*MR": "medical record number",
    "L11*00481517*EA": "medical record number",
    "L11*123456789*SY": "social security number",
    "N1*BY*QUUX ANNA*34*123456787": "social security number",
    "N1*BY*QUUX ANNA*MI*QX123456787": "health plan, account or licence number",
    "N1*PATIENT*QUUX ANNA": "name of a person",
    "N1*BY*PATIENT QUUX ANNA": "name of a person",
    "G61*IC*Quux Anna*TE*0305550188": "name of a person",
    "G61*IC**TE*0305550188": "phone or fax number",
    "PER*SC****EM*0305550188": "phone or fax number",
    "K1*PATIENT QUUX ANNA 00481512": "name of a person",
    "K1*PATIENT*QUUX ANNA": "name of a person",
    "NTE*OTH*PATIENT QUUX ANNA 00481512": "name of a person",
    "N2*PATIENT QUUX ANNA 00481512": "name of a person",
    "PID*F****PATIENT QUUX ANNA": "name of a person",
    "PKG*F****PATIENT QUUX ANNA": "name of a person",
    "MSG*PATIENT QUUX ANNA 00481512": "name of a person",
    "BDS*ASC*41*Patient Anna Quutb MRN 00482002 a@quutb.exam": "e-mail address",
    "BIN*28*Patient Anna Quutb MRN 00482": "medical record number",
    "REF*ZZ*00482005*MRN": "medical record number",
    "L11*00482005*ZZ*PATIENT ID": "medical record number",
    "XYZ*MRN*00482005": "medical record number",
    "DTM*007*19610314": "date of birth",
    "REF*ZZ*DOB19610314": "date of birth",
    "COM*TE*6175550123": "phone or fax number",
}


@pytest.mark.parametrize("segment", PERSONS)
def test_a_person_anywhere_refuses_the_file_and_is_not_repeated(segment: str) -> None:
    receipt = _answer(forecast(weeks(segment, week(0))))
    assert (receipt.status, receipt.rows_accepted, receipt.refusals[0].rule) == ("refused", 0, "direct_identifier")
    assert PERSONS[segment] in str(receipt.refusals[0].found)
    told = str(receipt.to_dict())
    assert not [part for part in segment.split("*")[2:] if len(part) > 5 and part in told]


def test_a_remark_goes_on_in_the_next_segment() -> None:
    receipt = _answer(forecast(weeks("MSG*HANDLE WITH CARE, PATIENT", "MSG*QUUX ANNA", week(0))))
    assert [(each.rule, each.source_column) for each in receipt.refusals] == [("direct_identifier", "MSG01")]


ENVELOPES = {
    "ISA06": ("*ZZ*NORTHGATE      *", "*ZZ*MRN00482004    *", "MRN00482004"),
    "GS02": ("GS*PS*NORTHGATE*", "GS*PS*a@quutc.example*", "a@quutc.example"),
    "GE03": ("GE*1*1", "GE*1*1*a@quutc.example", "a@quutc.example"),
    "ST02": ("*830*0001", "*830*MRN004820", "MRN004820"),
}


@pytest.mark.parametrize("place", ENVELOPES)
def test_a_person_in_the_envelope_refuses_the_file(place: str) -> None:
    old, new, value = ENVELOPES[place]
    both = f"*{value}" if place == "ST02" else "*0001"
    receipt = _answer([segment.replace(old, new).replace("*0001", both) for segment in forecast(weeks(week(0)))])
    assert (receipt.status, receipt.refusals[0].rule, receipt.refusals[0].source_column) == ("refused", "direct_identifier", place)
    assert value not in str(receipt.to_dict())


NO_PERSONS = [
    "N1*ST*NORTHGATE CELL THERAPY*UL*9501101530003",
    "N3*251 Industrial Drive*Dock 4",
    "N4*BRATTLEBORO*VT*05301*US",
    "REF*BM*0000000008741",
    "MAN*GM*00095287654321000015",
    "MAN*AA*095287654321000015",
    "TD5*B*2*SWFT*A*OVERNIGHT DRY SHIPPER",
    "NM1*CA*2*SWIFTVEIN LOGISTICS",
    "REF*MR*FROZEN",
    "REF*PI*0073",
    "PER*SC*SHIPPING DESK*TE*+49 89 1234 5678",
    "PER*IC*Logistics Control Center 24*TE*6175550123*EM*logistics@northgate.example",
    "REF*MR*0073",
    "REF*CN*095287654321012346",
    "REF*BM*617-555-0123",
    "REF*VR*2.4.1.12",
    "REF*BN*PATIENT LEG*BK-20261",
    "DTM*007*19000101",
    "K1*PATIENT MATERIAL DO NOT X-RAY",
    "NTE*OTH*PATIENT SPECIFIC PRODUCT, KEEP UPRIGHT",
    "MSG*PATIENT DEMAND OF THE WEEK",
    "BIN*20*DRY SHIPPER LABEL 12",
    "DTM*017*20261127*1200*UT",
]


@pytest.mark.parametrize("segment", NO_PERSONS)
def test_companies_docks_and_parcels_are_no_persons(segment: str) -> None:
    assert _answer(forecast([*weeks(week(0))[:1], f"N1*ST*X*UL*{HOSPITAL}", segment, *weeks(week(0))[2:]])).status == "accepted"
