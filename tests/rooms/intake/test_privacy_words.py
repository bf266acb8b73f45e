"""Persons in the words of German, Dutch and British plans, in any case, and the many numbers and words that are none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dagster_project.contracts import contract
from dagster_project.intake.judging.detectors import FREE
from dagster_project.intake.judging.national_numbers import is_bsn, is_kvnr, is_nhs_number
from dagster_project.intake.judging.privacy import CODE, cell_class, name_class, value_class

SECRETS = {
    "Patient KOWALSKI ANNA": "name of a person",
    "patient anna kowalski moved": "name of a person",
    "pt: SMITH JOHN": "name of a person",
    "PATIENT: QUUXBERG ZELDA": "name of a person",
    "patient name: anna kowalski": "name of a person",
    "Patientin Anna Müller kommt": "name of a person",
    "Frau Müller am Montag": "name of a person",
    "frau müller am Montag": "name of a person",
    "HERR SCHMIDT": "name of a person",
    "Herrn Öztürk": "name of a person",
    "Dhr. Jansen": "name of a person",
    "Mevr. de Vries": "name of a person",
    "mevr. de vries": "name of a person",
    "Mw. Bakker": "name of a person",
    "De heer Bakker": "name of a person",
    "Anna Müller geb. Schmidt": "name of a person",
    "geb. 03.02.2016": "date of birth",
    "geboren am 3. Februar 1961": "date of birth",
    "geboren op 12 maart 1961": "date of birth",
    "geb. am 03.02.61": "date of birth",
    "geboortedatum: 12-03-1961": "date of birth",
    "BSN 111222333": "national health or identity number",
    "burgerservicenummer 111222333": "national health or identity number",
    "KVNR A123456780": "national health or identity number",
    "siehe A123456780": "national health or identity number",
    "Versichertennummer A123456780": "national health or identity number",
    "NHS 943 476 5919": "national health or identity number",
    "see 9434765919 for transport": "national health or identity number",
    "transport for 9434765919": "national health or identity number",
    "943 476 5919": "national health or identity number",
    "ring 020 7946 0958": "phone or fax number",
    "ring 07700 900123": "phone or fax number",
    "ring 0151 23456789": "phone or fax number",
    "ring 089 1234567": "phone or fax number",
    "bel 06-12345678": "phone or fax number",
    "bel 06 12 34 56 78": "phone or fax number",
    "030/1234567": "phone or fax number",
    "(089) 1234567": "phone or fax number",
    "(020) 7946 0958": "phone or fax number",
    "0049 89 1234 5678": "phone or fax number",
    "0161 496 0123": "phone or fax number",
    "\u041cRN 00451234": "medical record number",
    "P\u0430tient id 48813377": "medical record number",
    "see 111222333 for transport": "national health or identity number",
    "DOB 19610314": "date of birth",
    "geb. 14031961": "date of birth",
    "14 maart 1961": "date of birth",
    "14. März 1961": "date of birth",
    "2012-05-03, child": "date of birth",
    "MRN (00451234)": "medical record number",
    'MRN "00451234"': "medical record number",
    "MRN is 00451234": "medical record number",
    "MRN# A12-B34-99": "medical record number",
    "Patientennummer 4711008": "medical record number",
    "Pat.-Nr. 4711008": "medical record number",
    "Fallnummer 4711008": "medical record number",
    "patiëntnummer 1234567": "medical record number",
    "personnummer 20161212-1212": "national health or identity number",
    "pt 00451234": "medical record number",
    "Patient Z. Quuxberg": "name of a person",
    "mit Hr. Meier": "name of a person",
    "anna.kovacs(at)example.org": "e-mail address",
    "anna.kovacs [at] example [dot] org": "e-mail address",
    "mobiel 0612345678": "phone or fax number",
    "Handy 01711234567": "phone or fax number",
    "06 12345678": "phone or fax number",
    "(020) 123 45 67": "phone or fax number",
    "customer 617-555-0123": "phone or fax number",
    "SSN 512449981": "social security number",
    "AHV 756.1234.5678.97": "national health or identity number",
    "RSSMRA85T10A562S": "national health or identity number",
    "91-jährig": "age above 89",
    "Patient Kovacs": "name of a person",
    "patient kovacs moved": "name of a person",
    "PATIENT: KOWALSKI": "name of a person",
    "Patientin Müller": "name of a person",
    "patiënt Bakker": "name of a person",
    "Patient Anna": "name of a person",
    "Patient Anna Day": "name of a person",
    "wohnt Lindenstraße 12": "street address",
    "wohnt in der Kastanienallee 7a": "street address",
    "Berliner Str. 44": "street address",
    "woont Dorpsstraat 3": "street address",
    "Prins Hendriklaan 12b": "street address",
    "12 rue de la Paix": "street address",
    "5 bis, avenue Foch": "street address",
    "3, place d'Armes": "street address",
    "lives at 4 Main Street": "street address",
    "anna.planning@example.org": "e-mail address",
    "planning.anna@example.org": "e-mail address",
    "4511@example.org": "e-mail address",
    "driving licence number 4471820": "health plan, account or licence number",
    "policy no. AB-2019-00123": "health plan, account or licence number",
    "Hospital no 0830": "medical record number",
    "hospital 99120830": "medical record number",
}
HARMLESS = [
    "SN 555-123-4567",
    "serial 555-123-4567",
    "courier ref 617-555-0123",
    "courier reference 9434765919",
    "batch 943 476 5919",
    "MAWB 020 1234 5678",
    "SSCC (00) 095287654321012346",
    "(00)095287654321012346",
    "firmware 2.4.1.12",
    "version 1.2.3.4",
    "ISO 13485 audit since 12.03.2015",
    "contract dated 1 March 2014",
    "gültig ab 01.05.2014",
    "validated since 2013-11-05",
    "Hospital 2026 budget",
    "hospital 9501101530003 closed",
    "Patient Blood Management",
    "Patient Screening Failure",
    "Patient Moved To W50",
    "fax 2026-12-01",
    "call 2026-12-01 10:00",
    "cell: 20000000 per kg",
    "24 Hr. Slot",
    "Fall 2026 campaign",
    "PATIENT NR 3",
    "Patient Nr. 123 verschoben",
    "PT 120000 IU",
    "CPR 2026-12-01",
    "Medicare 2026-12-01 coverage",
    "SAP Auftrag 1000123456",
    "ISO cert 2015-03-12",
    "days since 1970-01-01",
    "PATIENT ACCESS PROGRAM",
    "patient moved to week 50",
    "patient demand higher",
    "Patient Neue Anmeldung",
    "patient: moved to monday",
    "name: new line",
    "Patientin Termin Montag",
    "PATIENT TRANSPORT DELAYED",
    "patient may arrive",
    "Patient CART-101",
    "MR scan",
    "mr imaging",
    "dr shortage",
    "Frau",
    "lot B123456780",
    "batch A123456780",
    "Lot 026-0004417",
    "SN 0123-456789",
    "0614141123452",
    "09506000134352",
    "06141411234528 in",
    "08:00-16:30",
    "0830 1230 1630",
    "2026 1234567",
    "PO 4500012345",
    "PO 9434765919",
    "order 9434765919",
    "AWB 020-12345675",
    "LOT-0123-456789",
    "CART-101",
    "tisagenlecleucel",
    "axicabtagene ciloleucel",
    "geb. Halle 3",
    "Order 0151 23456789",
    "GLN 9501101530003",
    "A123456781 pallet",
    "week 48 0800 1600",
    "temperature 0.5 123456",
    "ref 089 1234567",
    "Herstellung",
    "herr",
    "fraunhofer institut",
    "Call plant",
    "signed by courier dispatch",
    "name of the lane",
    "naam van de lijn",
    "pt 3 bags",
    "patient bed moved",
    "Patient Aufnahme Montag",
    "DS-0042",
    "02 8012 1234 lot",
    "SW-2025-10021",
    "12/14",
    "Lentiviral Vector Name change",
    "Charge 0123456789",
    "+1 week",
    "product name kymriah suspension",
    "Name: CART Therapy",
    "PT INR check",
    "pat. pending",
    "donor lymphocyte infusion",
    "nurse station moved",
    "nurse staffing short",
    "signed agreement pending",
    "patient ward a",
    "\u041f\u0430\u0446\u0438\u0435\u043d\u0442 \u043f\u0435\u0440\u0435\u0432\u0435\u0434\u0435\u043d",
    "\u041a\u043b\u0438\u043d\u0438\u043a\u0430 \u041c\u043e\u0441\u043a\u0432\u0430",
    "ticket 111222333",
    "customer 111222333 moved",
    "hold 123456789 bags",
    "SSCC 095287654321012346 arrives",
    "Patient Centric Care",
    "Patient Portal Ready",
    "Patient Enrollment Status",
    "patient long stay",
    "patient hall moved",
    "Patient May arrive",
    "gate 4 Main Street",
    "Dock 12 Harbour Road",
    "Fertigungsstraße 3",
    "Abfüllstraße 2 steht",
    "Umweg 3 km",
    "Milaan 12 december",
    "licence number DE-2019-00123",
    "import license no. BE-2024-118",
    "mail planning@northgate.example",
    "supply.planning@northgate.example",
    "cell-therapy@northgate.example",
    "Hospital 0830 pickup",
    "hospital 1630",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_a_person_is_seen_in_free_text(secret: str) -> None:
    assert value_class(secret, FREE) == SECRETS[secret]


@pytest.mark.parametrize("text", HARMLESS)
def test_words_and_numbers_of_things_pass(text: str) -> None:
    assert value_class(text, FREE) is None


@pytest.mark.parametrize(
    ("check", "right"), [(is_bsn, "111222333"), (is_nhs_number, "9434765919"), (is_kvnr, "A123456780")], ids=["bsn", "nhs", "kvnr"]
)
def test_one_wrong_digit_is_no_number_of_a_person(check, right: str) -> None:
    assert check(right)
    for place in range(1, len(right)):
        others = [right[:place] + digit + right[place + 1 :] for digit in "0123456789" if digit != right[place]]
        assert not any(map(check, others)), place


@pytest.mark.parametrize("text", ["617-555-0123", "9434765919", "020-7946-0958", "111222333", "0151 23456789"])
def test_a_number_like_a_phones_is_the_key_of_a_shipment_and_no_remark(text: str) -> None:
    key = contract("delivery_history").column("shipment_id")
    assert cell_class(text, key) is None
    assert value_class(text, CODE) is None
    assert cell_class(f"call {text} for Frau Bakker", key) is not None


def test_the_key_of_a_row_still_names_nobody() -> None:
    key = contract("delivery_history").column("shipment_id")
    assert cell_class("+49 89 1234 5678", key) == "phone or fax number"
    assert cell_class("512-44-9981", key) == "social security number"
    assert cell_class("617-555-0123", replace(key, is_key=False)) == "phone or fax number"


def test_a_header_in_look_alikes_is_read_as_it_looks() -> None:
    assert name_class("\u041cRN") == "medical record number"
