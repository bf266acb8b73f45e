"""The wall: a session gets its own audience and nothing else, whatever the page, the address or the cache says."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from apps.shared_views import identity
from tests.apps.conftest import APP

pytestmark = pytest.mark.slow


def ask_for_another() -> None:
    """A script as a page would be, asking for somebody else's desk."""
    # Streamlit runs the body of this function as a script of its own, so it brings its imports.
    import streamlit as st  # noqa: PLC0415

    from apps.shared_views import data, identity  # noqa: PLC0415

    edition = data.current_edition_id()
    people = data.people(edition)
    st.session_state[identity.KEY] = st.session_state["me"]
    try:
        frame = data.view(data.desk(people[st.session_state["other"]], edition), st.session_state["view"])
        st.text(f"{len(frame)} rows")
    except identity.WallError as wall:
        st.text(f"refused: {wall}")


def ask(me: str, other: str, view: str) -> str:
    script = AppTest.from_function(ask_for_another, default_timeout=30)
    script.session_state["me"], script.session_state["other"], script.session_state["view"] = me, other, view
    script.run()
    assert not script.exception
    return str(script.text[0].value)


def test_own_desk_answers(people):
    hospital = people["hospital"][0].audience
    assert ask(hospital, hospital, "cases").endswith("rows")


def test_another_partners_desk_is_refused_even_when_its_answer_is_cached(people):
    mine, theirs = (person.audience for person in people["hospital"][:2])
    ask(theirs, theirs, "cases")
    assert ask(mine, theirs, "cases").startswith("refused: These figures belong to another partner")


def test_the_operators_desk_is_refused_to_a_partner(people):
    assert ask(people["plant"][0].audience, "operator", "cases").startswith("refused")


def test_nobody_is_nobody(people):
    assert ask("", people["hospital"][0].audience, "cases").startswith("refused: Nobody is signed in")


def arrive(**address: str) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


def shows_nothing(app: AppTest) -> bool:
    html = "".join(str(element.body) for element in app.html)
    return app.title[0].value == "Choose who you are" and "Edition" not in html and not app.dataframe


def test_a_visitor_without_a_name_chooses_who_to_be(people):
    app = arrive()
    assert shows_nothing(app)
    assert "is not in this edition" not in "".join(str(element.body) for element in app.html)
    assert app.selectbox(key=identity.KEY).value is None
    assert {button.key for button in app.button} == {"enter_partner", "enter_operator", "enter_executive", "patients_at_risk"}


@pytest.mark.parametrize("name", ["nobody", "northgate-hospital-2", "<b>operator</b>", "x" * 5000])
def test_a_name_this_edition_does_not_know_becomes_nobody(people, name):
    app = arrive(who=name)
    assert shows_nothing(app)
    said = "".join(str(element.body) for element in app.html)
    assert "is not in this edition" in said
    assert "<b>" not in said.split("vw-verdict")[1]
    assert len(said) < 9000
    assert identity.KEY not in app.session_state or app.session_state[identity.KEY] is None


def test_a_partner_that_left_the_edition_becomes_nobody(people):
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.session_state[identity.KEY] = "gone-partner"
    app.query_params[identity.ADDRESS] = "gone-partner"
    assert shows_nothing(app.run())


@pytest.mark.parametrize(("button", "title"), [("enter_operator", "Network coordinator"), ("enter_executive", "Executive")])
def test_a_button_of_the_first_page_opens_the_persons_own(people, button, title):
    app = arrive(who="nobody").button(button).click().run()
    assert app.title[0].value == "Today"
    assert f"seen as {title}" in "".join(str(element.body) for element in app.html)


def test_the_partner_chosen_on_the_first_page_is_the_one_that_enters(people):
    partner = people["courier"][0]
    app = arrive()
    app.selectbox("landing_partner").set_value(partner.audience).run()
    app.button("enter_partner").click().run()
    assert app.session_state[identity.KEY] == partner.audience
    assert app.query_params[identity.ADDRESS] in (partner.audience, [partner.audience])


def test_whoever_takes_the_choice_back_is_nobody_again(people):
    app = arrive(who="operator")
    app.selectbox(key=identity.KEY).set_value(None).run()
    assert shows_nothing(app)
    assert identity.ADDRESS not in app.query_params


def test_two_users_at_once_see_their_own_cases(open_page, people):
    first, second = people["hospital"][:2]
    seen = {}
    for person in (first, second, first):
        app = open_page(person, "joint_planning")
        cases = next(element.value for element in app.dataframe if "case" in element.value)
        seen.setdefault(person.audience, []).append(set(cases["case"]))
    assert seen[first.audience][0] == seen[first.audience][1]
    assert seen[first.audience][0]
    assert seen[second.audience][0]
    assert not seen[first.audience][0] & seen[second.audience][0]


LANE_ANSWERED = re.compile(r"answer for [^,<]+ to [^,<]+")


@pytest.mark.parametrize("role", ["hospital", "plant", "supplier", "courier"])
def test_partner_pages_name_no_other_partners_hospital(open_page, people, role):
    me = people[role][0]
    others = [person.name for person in people["hospital"] if person.audience != me.audience]
    for page in ("home", "partner_desk", "joint_planning"):
        app = open_page(me, page)
        main = "\n".join(str(element.body) for element in app.html) + "\n".join(str(element.value) for element in app.markdown)
        tables = "\n".join(element.value.to_csv() for element in app.dataframe if role != "courier")
        # A courier's lanes are called after the hospitals that it drives to.
        told = LANE_ANSWERED.sub("", main) if role == "courier" else main
        assert not [name for name in others if name in told + tables], page


def test_every_page_has_a_rule_about_who_may_open_it(project_pages):
    assert project_pages == set(identity.PAGES)
