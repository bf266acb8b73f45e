"""Proposals: what is matched, with which terms, and what a person is asked to look at."""

from __future__ import annotations

import io

import pytest
import xlsxwriter
from click.testing import CliRunner

from dagster_project import register
from dagster_project.cli import veinway
from dagster_project.intake import check, submit
from dagster_project.intake.adapting.language.model import MappingError
from dagster_project.intake.adapting.language.units import header_unit, step
from dagster_project.intake.adapting.sheets.looks import Values, dates, decimal_sign, words_for_nothing
from dagster_project.intake.adapting.sheets.mapping import mapping_of
from dagster_project.intake.adapting.sheets.propose import keep, propose
from dagster_project.intake.adapting.sheets.words import nearest_word
from dagster_project.intake.receipt import FileRefusedError

FEED = "delivery_history"


def values(*texts):
    counts = {text: texts.count(text) for text in texts}
    return Values("h", counts, len(texts), len(texts))


def terms(proposal):
    return {each.mapping.column: each.mapping for each in proposal.fits}


ROWS = [
    ["N° envoi", "Expéditeur", "Pays", "Mode de transport", "Date prévue", "Date livré", "Poids (lb)", "Commentaire"],
    *[
        [
            f"E{n}",
            "Lyon",
            "Espagne",
            "Truck" if n % 2 else "Sea",
            f"{n + 10}.01.2026",
            f"{n + 11}.01.2026",
            f"{n},5" if n % 3 else "n/a",
            "ok",
        ]
        for n in range(9)
    ],
]


def as_csv(rows, delimiter=";"):
    return "\n".join(delimiter.join(row) for row in rows).encode()


def as_xlsx(rows):
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet("Export")
        sheet.write(0, 0, "Deliveries of January")
        for number, row in enumerate(rows, start=2):
            sheet.write_row(number, 0, row)
    return target.getvalue()


@pytest.mark.parametrize("form", [as_csv, as_xlsx])
def test_a_sheet_in_another_language_is_matched_by_words_values_and_units(state, form):
    proposal = propose(form(ROWS), feed=FEED)
    found = terms(proposal)
    assert {column: of.sources[0] for column, of in found.items()} == {
        "shipment_id": "N° envoi",
        "origin_name": "Expéditeur",
        "country_name": "Pays",
        "mode": "Mode de transport",
        "promised_date": "Date prévue",
        "delivered_date": "Date livré",
        "weight_kg": "Poids (lb)",
    }
    assert found["mode"].values == {"Truck": "road", "Sea": "ocean"}
    assert found["promised_date"].dates == ("%d.%m.%Y",)
    assert (found["weight_kg"].unit, found["weight_kg"].decimal, found["weight_kg"].not_captured) == ("lb", ",", ("n/a",))
    assert (proposal.missing, proposal.left_out) == ((), ("destination_name", "freight_cost_usd"))
    assert proposal.ignored == ("Commentaire",)
    receipt = check(form(ROWS), feed=FEED, mapping=proposal.mapping())
    assert (receipt.status, receipt.rows_accepted) == ("accepted", 9)


def test_check_digits_tell_what_a_name_does_not(state):
    rows = ["where,what,when,how many", *[f"4012345000016,{code},2027-0{month}-01,3" for month, code in ((2, "CART"), (3, "CART"))]]
    proposal = propose("\n".join(rows).encode(), feed="demand_forecast")
    assert terms(proposal)["hospital_id"].sources == ("where",)
    assert "whose check digit is right" in " ".join(next(each.evidence for each in proposal.fits if each.header == "where"))


def test_what_nothing_fits_is_listed_and_the_mapping_cannot_be_used_before_it_is_filled_in(state):
    proposal = propose(b"id,arrived\nA,2026-01-02\nB,2026-01-03\n", feed=FEED)
    assert set(proposal.missing) == {"origin_name", "country_name", "promised_date"}
    with pytest.raises(MappingError, match=r"columns\.promised_date: found nothing"):
        proposal.mapping()


def test_a_column_for_persons_is_told_at_once(state):
    with pytest.raises(FileRefusedError, match="name of a person"):
        propose(b"id,patient name\n1,x\n", feed=FEED)


def test_values_without_a_header_are_not_taken_for_one_that_may_be_repeated(state):
    with pytest.raises(FileRefusedError) as error:
        propose(b"ann.lee@example.org,Oslo\nbo@example.org,Rome\n", feed=FEED)
    assert "ann.lee" not in error.value.message


@pytest.mark.parametrize(
    ("texts", "styles", "in_doubt"),
    [
        (["2-Jun-06", "29-Aug-14", "9/13/2014"], ("%d-%b-%y", "%m/%d/%Y"), False),
        (["01/02/2026", "03/04/2026"], ("%d/%m/%Y",), True),
        (["01/02/2026", "13/04/2026"], ("%d/%m/%Y",), False),
        (["2026-01-02", "2026-01-03"], (), False),
    ],
)
def test_date_styles_are_the_fewest_that_read_all_and_doubt_is_told(texts, styles, in_doubt):
    found = dates(values(*texts), with_times=False)
    assert (found.styles, found.is_in_doubt, found.share) == (styles, in_doubt, 1)


@pytest.mark.parametrize(
    ("texts", "sign"),
    [(["1.5", "2"], None), (["1,5", "1.200,75"], ","), (["1,200.75", "3,400"], "."), (["12", "13"], None)],
)
def test_the_decimal_sign_is_told_by_the_values(texts, sign):
    assert decimal_sign(values(*texts)) == (sign, 1)


def test_words_for_nothing_leave_slips_and_names_alone():
    unread = {"Not weighed": 5, "See DN-1": 1, "See DN-2": 1, "1O5": 4, "odd": 1, "Dr. Hart": 9, "-": 1}
    assert words_for_nothing(unread, known=100) == {"Not weighed": 5, "See *": 2, "-": 1}


@pytest.mark.parametrize(
    ("text", "word"), [("Air Charter", "air"), ("LORRY", "road"), ("by sea", "ocean"), ("Railway", "rail"), ("Drone", None)]
)
def test_words_near_the_contracts(text, word):
    assert nearest_word(text, ("air", "road", "ocean", "rail")) == word


@pytest.mark.parametrize(("header", "unit"), [("weight (kilograms)", "kilograms"), ("Temp °F", "°F"), ("weight_lb", "lb"), ("mode", None)])
def test_units_in_headers(header, unit):
    assert header_unit(header) == unit


@pytest.mark.parametrize(
    ("source", "target", "value", "expected"),
    [
        ("FAH", "celsius", -40, -40),
        ("KEL", "celsius", 0, -273.15),
        ("days", "hours", 2, 48),
        ("fraction", "percent", 0.95, 95),
        ("L", "mL", 1.5, 1500),
    ],
)
def test_units_by_known_pairs(source, target, value, expected):
    assert step(source, target).of(value) == expected


def test_what_is_kept_reads_the_next_file_and_is_in_the_ledger(state):
    data = as_csv(ROWS)
    keep(propose(data, feed=FEED, partner="swiftvein").text(), partner="swiftvein", feed=FEED)
    receipt = submit(data, partner="swiftvein", feed=FEED)
    assert (receipt.status, receipt.mapping) == ("accepted", "swiftvein/delivery_history 1.0.0")
    assert register.verify() == []


def test_another_mapping_gets_another_version(state):
    text = propose(as_csv(ROWS), feed=FEED, partner="swiftvein").text()
    keep(text, partner="swiftvein", feed=FEED)
    keep(text, partner="swiftvein", feed=FEED)
    assert mapping_of("swiftvein", FEED).version == "1.0.0"
    keep(text.replace("Truck: road", "Truck: rail"), partner="swiftvein", feed=FEED)
    assert mapping_of("swiftvein", FEED).version == "1.1.0"


def test_a_stranger_keeps_nothing(state):
    with pytest.raises(ValueError, match="no registered partner"):
        keep("version: 1.0.0", partner="nobody", feed=FEED)


def test_the_command_shows_tries_and_keeps(state, tmp_path):
    file = tmp_path / "january.csv"
    file.write_bytes(as_csv(ROWS))
    out = tmp_path / "proposal.yaml"
    first = CliRunner().invoke(veinway, ["map", str(file), "--feed", FEED, "--partner", "swiftvein", "--out", str(out)])
    assert first.exit_code == 0, first.output
    assert "All 9 rows accepted." in first.output
    assert mapping_of("swiftvein", FEED) is None
    kept = CliRunner().invoke(veinway, ["map", str(file), "--feed", FEED, "--partner", "swiftvein", "--from", str(out), "--keep"])
    assert kept.exit_code == 0, kept.output
    assert mapping_of("swiftvein", FEED).version == "1.0.0"


def test_the_command_keeps_nothing_that_cannot_be_used(state, tmp_path):
    file = tmp_path / "half.csv"
    file.write_bytes(b"id,arrived\nA,2026-01-02\nB,2026-01-03\n")
    found = CliRunner().invoke(veinway, ["map", str(file), "--feed", FEED, "--partner", "swiftvein", "--keep"])
    assert found.exit_code == 2
    assert "columns.origin_name: found nothing" in found.output
    assert mapping_of("swiftvein", FEED) is None
