"""Every contract is a valid ODCS document and keeps the house's own rules for contracts."""

from __future__ import annotations

import re
from typing import Any

import duckdb
import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard

from dagster_project.contracts import Column, Contract, contract, contracts, feeds
from dagster_project.contracts.forms import FORMS
from dagster_project.contracts.model import CONTRACTS_FOLDER, SUFFIX
from dagster_project.contracts.rules import cast_sql, checks
from dagster_project.contracts.suite import mentioned
from dagster_project.contracts.template import cell_text

CLASSIFICATIONS = {"internal", "pseudonym", "care_date"}
SENDERS = {"hospital", "plant", "supplier", "courier", "operator"}
each_feed = pytest.mark.parametrize("feed", feeds())


@each_feed
def test_is_a_valid_odcs_document(feed: str) -> None:
    document = yaml.safe_load((CONTRACTS_FOLDER / f"{feed}{SUFFIX}").read_text(encoding="utf-8"))
    assert OpenDataContractStandard(**document).name == feed
    assert document["apiVersion"] == "v3.1.0"


@each_feed
def test_terms_are_complete(feed: str) -> None:
    held = contract(feed)
    assert held.grain.startswith("One row per ")
    assert held.purpose.endswith(".")
    assert held.owner
    assert re.fullmatch(r"\d+\.\d+\.\d+", held.version)
    assert held.senders
    assert set(held.senders) <= SENDERS
    assert held.delivery in {"snapshot", "events"}
    assert held.key
    assert {held.period, held.scope} - {None} <= {column.name for column in held.columns}


@each_feed
def test_every_column_is_described(feed: str) -> None:
    for column in contract(feed).columns:
        assert len(column.description) > len("Remark."), column.name
        assert column.description.endswith("."), column.name
        assert column.examples, column.name
        assert column.classification in CLASSIFICATIONS, column.name


@each_feed
def test_every_number_has_a_unit_and_a_range(feed: str) -> None:
    for column in contract(feed).columns:
        if column.type in {"number", "integer"} and not _is_ordinal(column):
            assert column.unit, column.name
            assert column.minimum is not None, column.name
            assert column.maximum is not None, column.name


def _is_ordinal(column: Column) -> bool:
    return column.name.endswith(("_no", "_number"))


@each_feed
def test_every_key_column_is_required(feed: str) -> None:
    assert [column.name for column in contract(feed).columns if column.is_key and not column.required] == []


@each_feed
def test_references_point_to_a_feed_and_a_column_of_the_same_type(feed: str) -> None:
    held = contracts()
    for column in contract(feed).columns:
        if column.reference:
            target, name = column.reference
            assert held[target].column(name).type == column.type, column.name


@each_feed
def test_rules_have_a_known_form_and_name_columns_that_exist(feed: str) -> None:
    held = contract(feed)
    names = {column.name for column in held.columns}
    for rule in held.rules:
        assert rule.form in FORMS, rule.name
        assert rule.description.endswith("."), rule.name
        assert mentioned(held, rule), rule.name
        assert _named(rule.arguments) <= names, rule.name


def _named(arguments: Any) -> set[str]:
    if isinstance(arguments, list):
        return set(arguments)
    if not isinstance(arguments, dict):
        return set()
    single = {
        arguments[word] for word in ("column", "from", "to", "start", "end", "order", "step", "at") if isinstance(arguments.get(word), str)
    }
    return single | set(arguments.get("group", [])) | set(arguments.get("when", {}))


@each_feed
def test_a_pseudonym_is_never_called_anonymous(feed: str) -> None:
    held = contract(feed)
    concerns_a_person = any(column.classification == "pseudonym" for column in held.columns)
    assert ("Pseudonymised personal data" in held.limitations) == concerns_a_person


@each_feed
def test_dates_beside_a_case_are_dates_of_care(feed: str) -> None:
    held = contract(feed)
    names = {column.name for column in held.columns}
    if names & {"case_id", "coi_id", "din", "batch_id"}:
        assert [
            column.name for column in held.columns if column.type in {"date", "timestamp"} and column.classification != "care_date"
        ] == []


@each_feed
def test_examples_pass_the_checks_of_their_column(feed: str) -> None:
    held = contract(feed)
    with duckdb.connect() as connection:
        broken = [
            (column.name, example, check.rule)
            for column in held.columns
            for example in column.examples
            for check in _own_checks(held, column)
            if _breaks(connection, column, cell_text(example), check.violation_sql)
        ]
    assert broken == []


def _own_checks(held: Contract, column: Column) -> list[Any]:
    rows = {rule.name for rule in held.rules} | {"key"}
    return [check for check in checks(held) if check.column == column.name and check.rule not in rows and not check.crosses_rows]


def _breaks(connection: duckdb.DuckDBPyConnection, column: Column, text: str, violation: str) -> bool:
    typed = cast_sql(column, "given")
    query = (
        f'WITH row AS (SELECT {typed} AS "{column.name}" FROM (SELECT ? AS given)) SELECT "{column.name}" IS NULL OR ({violation}) FROM row'
    )
    found = connection.execute(query, [text]).fetchone()
    assert found is not None
    return bool(found[0])


@each_feed
def test_the_example_row_of_a_contract_keeps_its_row_rules(feed: str) -> None:
    held = contract(feed)
    # Examples speak of the weeks around 20 November 2026; whether they are past or to come is a matter of the day they are sent.
    timely = {rule.name for rule in held.rules if not rule.form.endswith("_of_submission") and not rule.form.endswith("_after_submission")}
    cells = {column.name: cell_text(column.examples[0]) for column in held.columns}
    typed = ", ".join(f'{cast_sql(column, f"${column.name}")} AS "{column.name}"' for column in held.columns)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"CREATE TABLE row AS SELECT {typed}, 2 AS row_number", cells)
        broken = [check.rule for check in checks(held) if check.rule in timely and _is_true(connection, check.violation_sql)]
    assert broken == []


def _is_true(connection: duckdb.DuckDBPyConnection, violation: str) -> bool:
    return connection.execute(f"SELECT ({violation}) IS TRUE FROM row").fetchall() == [(True,)]
