"""Phrases, safe HTML and downloads: no app, no disk."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pandas as pd
import pytest

from apps.shared_views import answers, cards, exports, provenance, sending, words
from dagster_project import intake
from dagster_project.commands import summary
from dagster_project.contracts import contract


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (3.0, "3"),
        (2.46, "2.5"),
        (12.46, "12"),
        (1234567, "1,234,567"),
        (-4.5, "\u22124.5"),
        (None, "\u2013"),
        (float("nan"), "\u2013"),
    ],
)
def test_number_reads_as_a_person_writes_it(value, said):
    assert words.number(value) == said


@pytest.mark.parametrize(("value", "said"), [(0, "no weeks"), (1, "1 week"), (2, "2 weeks"), (None, "no weeks")])
def test_count_agrees_with_its_noun(value, said):
    assert words.count(value, "week") == said


def test_week_of_a_day_at_the_turn_of_the_year_belongs_to_its_iso_year():
    assert words.week("2027-01-01") == "2026-W53"


def test_moment_is_said_in_utc_without_seconds():
    assert words.moment("2026-11-10T12:04:59.123456+01:00") == "Tue 10 Nov 2026, 11:04 UTC"


@pytest.mark.parametrize(
    ("today", "said"),
    [("2026-11-16", "of today"), ("2026-11-17", "1 day old"), ("2026-11-20", "4 days old"), ("2026-11-15", "plan starts in 1 day")],
)
def test_age_of_an_edition_in_words(today, said):
    assert words.age("2026-11-16", dt.date.fromisoformat(today)) == said


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\0"])
def test_refused_text_that_looks_like_a_formula_is_defused(start):
    table = exports.refusal_table(
        [{"row": 2, "column": "patients", "found": f"{start}cmd|' /C calc'!A0", "expected": "a number", "hint": "x", "rule": "type"}]
    )
    cell = pd.read_csv(pd.io.common.BytesIO(exports.safe_csv(table)), dtype=str, keep_default_na=False)["found"].iloc[0]
    assert cell.startswith("'")


def test_figures_of_a_download_stay_figures():
    assert exports.safe_cell(-3) == -3


def test_refusals_come_in_the_order_of_the_file_and_those_of_the_whole_file_first():
    rows = [{"row": 9, "column": "a"}, {"row": None, "column": None}, {"row": 2, "column": "b"}]
    assert [None if pd.isna(row) else int(row) for row in exports.refusal_table(rows)["row"]] == [None, 2, 9]


def test_template_holds_every_column_of_the_contract():
    assert exports.template("demand_forecast", "csv").decode().strip().split(",")[:3] == ["hospital_id", "therapy_code", "week_start_date"]
    assert exports.template("demand_forecast", "xlsx")[:2] == b"PK"


def test_refusal_of_the_whole_file_names_no_row():
    table = exports.refusal_table([{"row": None, "column": None, "found": "x"}, {"row": 2, "column": "a", "found": "y"}])
    made = cards.refusals(table.to_dict("records"))
    assert ">2</td>" in made
    assert "nan" not in made
    assert "NaN" not in made


def header(feed: str) -> bytes:
    return (",".join(column.name for column in contract(feed).columns) + "\n").encode()


def test_the_feed_that_was_meant_is_read_from_the_doors_answer(at_home):
    answer = intake.check(header("case_order") + b"x" * 5, feed="apheresis_schedule", file_name="a.csv")
    assert len(answer.refusals) > answers.AT_ONCE
    assert sending.meant(answer) == "case_order"


@pytest.mark.parametrize("named", [None, "not_a_feed"])
def test_no_feed_is_guessed_when_the_door_names_none(at_home, named):
    answer = intake.check(header("case_order"), feed="case_order", file_name="a.csv")
    assert sending.meant(dataclasses.replace(answer, looks_like=named)) is None


@pytest.mark.parametrize(
    ("value", "said"), [(0.04, "no patients"), (0.98, "1 patient"), (1, "1 patient"), (1.4, "1.4 patients"), (12, "12 patients")]
)
def test_patients_agree_with_the_number_that_is_shown(value, said):
    assert words.patients(value) == said


@pytest.mark.parametrize(("value", "said"), [(1, "1 patient waits"), (3.8, "3.8 patients wait")])
def test_a_verb_agrees_with_its_count(value, said):
    assert words.wait(value) == said


@pytest.mark.parametrize(("name", "said"), [("Aurocel", "Aurocel (CART-101)"), ("CART-101", "CART-101")])
def test_a_therapy_is_called_the_same_on_the_screens_and_in_the_summary(name, said):
    assert words.therapy("CART-101", {"CART-101": name}) == said
    row = {"therapy_code": "CART-101", "therapy_name": name, "binding_constraint": "slot", "is_short": True}
    assert summary.short_rows([row])[0][0] == said


def test_the_summary_tells_who_is_behind_and_what_comes():
    noon = dt.datetime(2026, 11, 10, 11, tzinfo=dt.UTC)
    row = {"partner_id": "p1", "feed": "a", "which": "last", "due_at": noon, "is_owed": True, "state": "missing"}
    coming = row | {"which": "next", "due_at": noon + dt.timedelta(weeks=1), "state": "not_due"}
    rows = [
        row,
        row | {"feed": "b"},
        row | {"partner_id": "p2", "state": "late"},
        row | {"feed": "c", "state": "on_time"},
        row | {"feed": "d", "is_owed": False, "state": "not_due"},
        coming,
        coming | {"feed": "b", "state": "early"},
    ]
    assert summary.due_rows(rows) == [
        ["missing", "p1", "a, b", "Tue 10 Nov 11:00"],
        ["late", "p2", "a", "Tue 10 Nov 11:00"],
        ["next", "1 partner", "2 feeds, 1 of them here already", "Tue 17 Nov 11:00"],
    ]


KPI = {
    "kpi_name": "Vein to vein",
    "definition": "Days from collection to infusion.",
    "unit": "days",
    "direction": "lower",
    "value": 27.25,
    "km_value": 27.25,
    "completed_only_value": 26.5,
    "n": 14,
    "n_open": 3,
    "lower": 25.0,
    "upper": 30.0,
    "interval_method": "Wilson",
    "censoring_rule": "Open cases are censored.",
    "percentile_method": "quantile_cont",
    "target": None,
    "target_set_by": None,
    "benchmark_low": None,
    "benchmark_high": None,
    "benchmark_source": "no published benchmark",
}


def card(**changes):
    return cards.kpi(KPI | changes, [27.0, 28.0], ("Oct 2026", "Nov 2026"), ink="#000000")


def test_kpi_card_says_value_sample_and_both_medians():
    text = card()
    for phrase in ("27.2 ", "days", "14 counted", "3 still open", "with the open cases, 26.5 days without"):
        assert phrase in text


def test_kpi_card_shows_the_interval_of_a_small_sample_only():
    assert "likely between 25.0 days and 30.0 days" in card()
    assert "likely between" not in card(n=20)


def test_kpi_card_admits_that_there_is_no_benchmark():
    assert "No published benchmark" in card()
    assert "Published: 26.0 days to 38.0 days" in card(benchmark_low=26, benchmark_high=38)


@pytest.mark.parametrize(
    ("direction", "target", "word"),
    [("lower", 30, "Target met"), ("lower", 20, "Target missed"), ("higher", 20, "Target met"), ("lower", None, "No target")],
)
def test_kpi_card_says_in_words_how_the_target_stands(direction, target, word):
    assert word in card(direction=direction, target=target)


def test_kpi_without_a_value_is_a_dash_and_no_picture():
    text = card(value=None, km_value=None, completed_only_value=None)
    assert words.DASH in text
    assert cards.band_picture(KPI | {"value": None}, "#000") == ""


@pytest.mark.parametrize(
    "made",
    [
        cards.figure("<script>x</script>", "<b>", "<i>"),
        cards.feed("<script>x</script>", words.FEED_STATES["late"], ["<img src=x onerror=y>"]),
        cards.verdict("refused", "<script>x</script>", "<script>"),
        cards.who("<script>", {"demand": 1, "served": 0, "waiting": 1, "reason": "<script>"}),
        cards.refusals([{"row": 2, "column": "<script>", "found": "<script>", "expected": "<script>", "hint": "<img src=x>"}]),
        card(kpi_name="<script>", definition="<script>"),
    ],
)
def test_what_comes_from_outside_never_becomes_markup(made):
    assert "<script" not in made
    assert "<img src=x" not in made


@pytest.mark.parametrize(("numbers", "said"), [([4.0, 2.0, 3.0, 9.0, 3.0], "2 to 4, 9"), ([7.0], "7"), ([], "")])
def test_rows_of_a_file_are_written_as_people_write_them(numbers, said):
    assert provenance.spans(numbers) == said
