"""The screens' front door: settings, identity, the pages of the role. Start it with `veinway serve`."""

from __future__ import annotations

import streamlit as st

from apps.shared_views import data, frame, identity, landing

TITLES = {
    "home": ("Today", ":material/home:"),
    "partner_desk": ("Partner desk", ":material/upload_file:"),
    "joint_planning": ("Joint planning", ":material/stacked_bar_chart:"),
    "meeting": ("Weekly meeting", ":material/groups:"),
    "executive_board": ("Executive board", ":material/monitoring:"),
}


def main() -> None:
    """One run of the app: everything is looked up again, so a lost right is lost at the next click."""
    st.set_page_config(page_title="Veinway", page_icon=frame.ASSETS / "veinway.svg", layout="wide", initial_sidebar_state="auto")
    frame.dress()
    try:
        people = data.people(data.current_edition_id())
        person = identity.sign_in(people)
        page = _pages(person)
        if person is None:
            landing.page(people)
        elif (asked := st.session_state.pop(landing.GO_TO, None)) and identity.may_open(person, asked):
            st.switch_page(f"views/{asked}.py")
        else:
            page.run()
    except data.NothingPublishedError:
        frame.nothing_published()
    except identity.WallError as wall:
        frame.wall(str(wall))


def _pages(person: identity.Person | None) -> st.Page:
    """The role's pages in the menu. The others stay reachable by address, so that the wall can answer in words. Nobody has a menu."""
    return st.navigation(
        [
            st.Page(
                f"views/{name}.py",
                title=title,
                icon=icon,
                url_path=name,
                default=name == "home",
                visibility="visible" if person and identity.may_open(person, name) else "hidden",
            )
            for name, (title, icon) in TITLES.items()
        ]
    )


main()
