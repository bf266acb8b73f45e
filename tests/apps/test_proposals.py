"""What a person chooses in the table of a proposed mapping becomes a mapping that can be used."""

from __future__ import annotations

import yaml

from apps.shared_views import proposals
from dagster_project.contracts import contract
from dagster_project.intake import check
from dagster_project.intake.adapting.language.model import parse_mapping
from dagster_project.intake.adapting.sheets.propose import propose

OWN = b"Klinik GLN;Therapie;Montag;Art;Patienten\n9501101530003;CART-101;2.3.2099;kommerziell;2\n9501101530003;CART-101;9.3.2099;kommerziell;3,5\n"


def chosen(found, **more: tuple[str, str]) -> dict[str, tuple[str, str]]:
    """The table as it is proposed, some columns chosen otherwise."""
    proposed = {fit.mapping.column: (fit.header, "") for fit in found.fits}
    return {column.name: ("", "") for column in contract(found.feed).columns} | proposed | {"patients_p10": ("", "")} | more


def test_a_confirmed_choice_lets_the_sheet_in(monkeypatch):
    monkeypatch.setenv("VEINWAY_WORKERS", "0")
    found = propose(OWN, feed="demand_forecast", partner="north-hospital")
    document = proposals.terms_of(found, chosen(found, category=("", "commercial"), basis=("", "pipeline")))
    mapping = parse_mapping(yaml.safe_dump(document), name="north-hospital/demand_forecast")
    receipt = check(OWN, feed="demand_forecast", partner="north-hospital", mapping=mapping)
    assert (receipt.status, receipt.rows_accepted) == ("accepted", 2)
    assert document["ignored"] == ["Art"]


def test_another_source_drops_the_terms_that_were_proposed_for_the_first():
    found = propose(OWN, feed="demand_forecast", partner="north-hospital")
    document = proposals.terms_of(found, chosen(found, patients=("Art", "")))
    assert document["columns"]["patients"] == {"from": "Art"}


def test_only_a_header_that_does_not_fit_is_a_case_for_a_mapping():
    refused = check(OWN, feed="demand_forecast")
    assert proposals.may_help(refused)
    assert not proposals.may_help(check(OWN.replace(b"Art", b"Patient name"), feed="demand_forecast"))
