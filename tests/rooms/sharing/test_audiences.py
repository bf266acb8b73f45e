"""Who gets a file, and which reports go into it."""

from __future__ import annotations

import pytest

from dagster_project.sharing import Audience, Report, audiences, views_for

PARTNERS = [
    {"partner_id": "swiftvein", "role": "courier"},
    {"partner_id": "northgate-hospital", "role": "hospital"},
    {"partner_id": "veinway-operator", "role": "operator"},
]


def test_each_partner_the_operator_and_the_executives_are_audiences_once():
    assert audiences(PARTNERS) == [
        Audience("executive", "executive", None),
        Audience("northgate-hospital", "hospital", "northgate-hospital"),
        Audience("operator", "operator", None),
        Audience("swiftvein", "courier", "swiftvein"),
    ]


def test_without_partners_the_operator_and_the_executives_remain():
    assert [audience.name for audience in audiences([])] == ["executive", "operator"]


@pytest.mark.parametrize("name", ["operator", "executive", "../etc", "a/b", "", "Northgate", "a b"])
def test_a_partner_id_that_could_become_another_file_is_refused(name: str):
    with pytest.raises(ValueError, match="cannot name an audience"):
        audiences([{"partner_id": name, "role": "hospital"}])


def test_an_unknown_role_gets_nothing():
    with pytest.raises(ValueError, match="'guest'"):
        audiences([{"partner_id": "someone", "role": "guest"}])


def test_one_partner_with_two_roles_is_refused():
    with pytest.raises(ValueError, match="two roles: hospital and plant"):
        audiences([{"partner_id": "both", "role": "hospital"}, {"partner_id": "both", "role": "plant"}])


def test_a_role_gets_its_own_reports_under_their_short_names():
    names = ["rpt_hospital__cases", "rpt_operator__cases", "rpt_hospital__about", "fct_cases", "rpt_hospital__", "rpt_hospitals__cases"]
    assert views_for("hospital", names) == [Report("rpt_hospital__about", "about"), Report("rpt_hospital__cases", "cases")]
    assert views_for("executive", names) == []
