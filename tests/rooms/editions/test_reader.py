"""Reading an edition: right numbers under load, and nothing else within reach."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import duckdb
import pyarrow.compute as pc
import pytest

from dagster_project.editions import open_edition
from dagster_project.editions.reader import _connect

OWN, OTHER = "northgate-hospital", "lakeside-clinic"


@pytest.fixture
def edition(publish_now, warehouse):
    publish_now()
    return open_edition(OWN, folder=warehouse.editions)


def test_a_view_comes_whole_or_by_column_row_order_and_number(edition):
    assert edition.views == ["cases", "supply_ahead"]
    assert edition.query("cases").num_rows == 50
    chosen = edition.query("cases", where={"case_id": [f"{OWN}-case-3", f"{OWN}-case-4"]}, columns=["case_id"], order_by="-case_id")
    assert chosen.to_pydict() == {"case_id": [f"{OWN}-case-4", f"{OWN}-case-3"]}
    assert edition.query("cases", order_by=["-apheresis_at", "case_id"], limit=1)["apheresis_at"][0].as_py() == datetime(
        2026, 11, 3, 9, tzinfo=UTC
    )
    assert edition.query("cases", where={"case_id": []}).num_rows == 0


def test_empty_cells_are_found_as_none(publish_now, warehouse):
    publish_now()
    kpis = open_edition("executive", folder=warehouse.editions)
    assert kpis.query("kpis", where={"target": None}).num_rows == 1
    assert kpis.query("kpis", where={"kpi_code": None}).num_rows == 0


def test_names_are_held_to_the_views_and_values_are_only_values(edition):
    with pytest.raises(LookupError, match=r"no view 'slots'. Its views are: cases, supply_ahead"):
        edition.query("slots")
    for call in ({"columns": ["1; DROP TABLE cases"]}, {"where": {"x = 1 OR 1": 1}}, {"order_by": "case_id; --"}):
        with pytest.raises(LookupError, match="no column"):
            edition.query("cases", **call)
    assert edition.query("cases", where={"case_id": "' OR 1 = 1 --"}).num_rows == 0


@pytest.mark.parametrize(
    "attempt",
    [
        "SELECT * FROM read_csv('/etc/hostname')",
        "SELECT * FROM read_text('{folder}/{other}.duckdb')",
        "ATTACH '{folder}/{other}.duckdb' AS other",
        "COPY (SELECT 1) TO '{folder}/out.csv'",
        "CREATE TABLE main.mine AS SELECT 1",
        "DELETE FROM main.cases",
        "SET enable_external_access = true",
        "SET memory_limit = '8GB'",
        "INSTALL httpfs",
    ],
)
def test_no_statement_reaches_outside_the_file_or_changes_it(edition, warehouse, attempt):
    folder = warehouse.editions / edition.edition_id
    with pytest.raises(duckdb.Error):
        edition.connection.cursor().execute(attempt.format(folder=folder, other=OTHER))


def test_opening_a_file_again_stays_locked_and_in_utc(edition, warehouse):
    again = _connect(warehouse.editions / edition.edition_id / f"{OWN}.duckdb")
    settings = "SELECT current_setting('enable_external_access'), current_setting('lock_configuration'), current_setting('TimeZone')"
    assert again.cursor().execute(settings).fetchall() == [(False, True, "UTC")]


def test_two_hundred_threads_get_the_right_numbers(edition):
    """Each thread asks for one case and must get that case's number; a shared connection mixes them up silently."""
    expected = {f"{OWN}-case-{number}": number / 7 for number in range(50)}

    def ask(number: int) -> tuple[str, list[float], int]:
        case_id = f"{OWN}-case-{number % 50}"
        return case_id, edition.query("cases", where={"case_id": case_id})["days_open"].to_pylist(), edition.query("cases").num_rows

    with ThreadPoolExecutor(200) as threads:
        answers = list(threads.map(ask, range(400)))
    assert [answer for answer in answers if answer != (answer[0], [expected[answer[0]]], 50)] == []


def test_what_another_hospital_sent_is_nowhere_in_a_partners_file(edition, warehouse):
    """Neither in any value of any view, nor anywhere in the bytes of the file."""
    for view in edition.views:
        table = edition.query(view)
        for name in table.column_names:
            texts = pc.cast(table[name], "string") if not str(table[name].type).startswith("list") else pc.list_flatten(table[name])
            assert not pc.any(pc.match_substring(texts, OTHER, ignore_case=True)).as_py(), (view, name)
    found = (warehouse.editions / edition.edition_id / f"{OWN}.duckdb").read_bytes()
    assert OWN.encode() in found
    assert OTHER.encode() not in found
    assert OTHER.upper().encode() not in found


def test_before_the_first_edition_the_reader_says_what_to_do(state):
    with pytest.raises(LookupError, match=r"no edition yet. `veinway plan`"):
        open_edition("operator", folder=state.editions)


def test_an_unknown_edition_or_audience_is_named(edition, warehouse):
    with pytest.raises(LookupError, match="no edition 'beef'"):
        open_edition("operator", "beef", folder=warehouse.editions)
    with pytest.raises(LookupError, match=f"no audience 'nobody'. Its audiences are: executive, {OTHER}, {OWN}, operator"):
        open_edition("nobody", folder=warehouse.editions)
    assert open_edition(OWN, edition.edition_id[:6], folder=warehouse.editions) is edition
