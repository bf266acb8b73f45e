"""The first page of a visitor: who one can be, in words, and a button for each. It shows no figure of anybody."""

from __future__ import annotations

import streamlit as st

from apps.shared_views import cards, frame, identity, meeting_words, words

INSIDE = ("operator", "executive")  # everybody else is a partner
GO_TO = "go_to"  # the page that a visitor asked for before anybody was signed in
LONGEST = 60  # characters of a name typed into the address that are worth repeating


def page(people: dict[str, identity.Person]) -> None:
    """Say who is not known here, then offer the three ways in."""
    st.title("Choose who you are", anchor=False)
    unknown = identity.stranger(people)
    if unknown:
        frame.html(
            cards.box(
                ("Not in this edition", "!", "orange"),
                f"\u201c{unknown[:LONGEST]}\u201d is not in this edition, so there is nothing to show for that name.",
                "Choose somebody who is. A partner enters with the first plan made after its registration.",
            )
        )
    frame.lead(
        "Everybody sees the part of the plan that is due to their role, and nothing else. This is a demo: look at it from each side."
    )
    places = st.columns(3, gap="medium")
    with places[0], st.container(border=True, height="stretch", vertical_alignment="distribute"):
        partner({audience: person for audience, person in people.items() if person.role not in INSIDE})
    with places[1], st.container(border=True, height="stretch", vertical_alignment="distribute"):
        role(
            people.get("operator"),
            "A planner",
            "The network coordinator brings everybody's files together: demand against supply week by week, what holds each week back, "
            "who is late with what.",
        )
        if "operator" in people:
            st.button(
                "Which patients are at risk?", key="patients_at_risk", on_click=to_patients_at_risk, icon=":material/personal_injury:"
            )
    with places[2], st.container(border=True, height="stretch", vertical_alignment="distribute"):
        role(
            people.get("executive"),
            "An executive",
            "The measures of the whole network with their targets and published benchmarks, and the weeks ahead. Nothing about a single case.",
        )


def partner(partners: dict[str, identity.Person]) -> None:
    """The way in for hospitals, plants, suppliers and couriers: which one, then the button."""
    said(
        "A partner",
        "A hospital, plant, vector supplier or courier sends its files, repairs refused rows, and sees what the plan means for it.",
    )
    if not partners:
        st.caption("No partner is in this edition.")
        return
    chosen = st.selectbox("Which partner", list(partners), format_func=lambda one: identity.label(partners[one]), key="landing_partner")
    st.button("Enter as this partner", type="primary", key="enter_partner", on_click=identity.become, args=(chosen,))


def role(person: identity.Person | None, title: str, purpose: str) -> None:
    """The way in for a role of the network itself."""
    said(title, purpose)
    if person is None:
        st.caption("This role is not in this edition.")
        return
    st.button(
        f"Enter as {words.ROLES[person.role].lower()}",
        type="primary",
        key=f"enter_{person.role}",
        on_click=identity.become,
        args=(person.audience,),
    )


def to_patients_at_risk() -> None:
    """Enter as the coordinator, right where the meeting lists the patients at risk."""
    identity.become("operator")
    st.session_state[GO_TO] = "meeting"
    st.session_state[meeting_words.PART] = "risk"


def said(title: str, purpose: str) -> None:
    """Title and purpose as one piece, so that the buttons of all three stand on one line below."""
    with st.container():
        st.subheader(title, anchor=False)
        st.write(purpose)
