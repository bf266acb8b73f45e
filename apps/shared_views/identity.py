"""Who is looking, what they may open, and the wall: looked up on the server on every run, never taken from the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from apps.shared_views import words

PAGES: dict[str, tuple[str, ...]] = {
    "home": ("operator", "executive", "hospital", "plant", "supplier", "courier"),
    "partner_desk": ("operator", "hospital", "plant", "supplier", "courier"),
    "joint_planning": ("operator", "hospital", "plant", "supplier", "courier"),
    "meeting": ("operator", "hospital", "plant", "supplier", "courier"),
    "executive_board": ("operator", "executive"),
}
KEY = "person"
ADDRESS = "who"  # only the demo lets the address say who one is


class WallError(Exception):
    """Somebody asked for what is not theirs. Its message is shown as it is."""


@dataclass(frozen=True)
class Person:
    """A signed-in person: the role decides the pages, the audience decides the one file that is opened."""

    audience: str
    role: str
    name: str

    @property
    def partner_id(self) -> str:
        """Whom the person sends files for."""
        return self.audience


def directory(manifest: dict[str, Any]) -> dict[str, Person]:
    """Everyone the edition was published for, by audience: operator and executive first, then the partners by role and name."""
    found = [
        Person(audience, entry["role"], words.ROLES.get(audience) or words.partner(audience))
        for audience, entry in manifest["audiences"].items()
    ]
    order = list(words.ROLES)
    return {person.audience: person for person in sorted(found, key=lambda one: (order.index(one.role), one.name))}


def sign_in(people: dict[str, Person]) -> Person | None:
    """The demo's identity picker; None as long as nobody is chosen. A real installation puts its own sign-in here: `st.user` to audience.

    Whoever this edition does not know is nobody: no choice is ever made for a visitor.
    """
    asked = st.query_params.get(ADDRESS)
    if KEY not in st.session_state and asked in people:
        st.session_state[KEY] = asked
    elif st.session_state.get(KEY) not in people:
        st.session_state.pop(KEY, None)
    with st.sidebar:
        st.caption(f"**Demo:** choose who you are {words.DASH} a real installation uses your sign-in.")
        chosen = st.selectbox(
            "Demo identity",
            list(people),
            index=None,
            placeholder="Choose who you are",
            key=KEY,
            format_func=lambda audience: label(people[audience]),
            label_visibility="collapsed",
        )
    if chosen not in people:
        if asked in people:
            del st.query_params[ADDRESS]
        return None
    st.query_params[ADDRESS] = chosen
    return people[chosen]


def stranger(people: dict[str, Person]) -> str:
    """The name in the address that this edition does not know; empty when there is none."""
    asked = st.query_params.get(ADDRESS, "")
    return "" if asked in people else asked


def become(audience: str) -> None:
    """Choose an identity from the page, as the list in the sidebar does."""
    st.session_state[KEY] = audience


def signed_in(people: dict[str, Person]) -> Person:
    """The person of this session, from the server's own state. WallError when nobody is signed in."""
    person = people.get(str(st.session_state.get(KEY)))
    if person is None:
        raise WallError("Nobody is signed in. Choose who you are in the sidebar.")
    return person


def may_open(person: Person, page: str) -> bool:
    """Whether the person's role has this page."""
    return person.role in PAGES[page]


def require_page(person: Person, page: str) -> None:
    """WallError when the page is not for the person's role, however it was reached."""
    if not may_open(person, page):
        allowed = ", ".join(words.ROLES[role].lower() for role in PAGES[page])
        raise WallError(
            f"This page is not for you. It is made for: {allowed}. You are here as {person.name} ({words.ROLES[person.role].lower()})."
        )


def require_audience(person: Person, people: dict[str, Person]) -> None:
    """WallError unless `person` is the one of this session: every query passes here, cached or not."""
    if signed_in(people) != person:
        raise WallError("These figures belong to another partner. Choose who you are in the sidebar and open the page again.")


def label(person: Person) -> str:
    """`Northgate Hospital · hospital`."""
    role = words.ROLES[person.role]
    return role if person.name == role else f"{person.name} · {role.lower()}"
