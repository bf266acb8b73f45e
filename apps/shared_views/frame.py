"""What surrounds every page: style, the wall, the edition line, figures, tables, empty states. No query of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from apps.shared_views import cards, charts, data, identity, style, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

ASSETS = Path(__file__).parent / "assets"


def dress() -> None:
    """The few rules of style that the theme file cannot say."""
    st.html(style.STYLE)
    if is_dark():
        st.html(style.DARK_STYLE)
    st.logo(ASSETS / "wordmark.svg", icon_image=ASSETS / "veinway.svg", size="large")


def enter(page: str, title: str) -> data.Desk:
    """Open a page: check the role, write the title and the edition's line, give the desk to ask with. WallError when it is not theirs."""
    edition_id = data.current_edition_id()
    person = identity.signed_in(data.people(edition_id))
    identity.require_page(person, page)
    desk = data.desk(person, edition_id)
    st.title(title, anchor=False)
    html(f'<div class="vw-edition">{edition_line(desk)}</div>')
    return desk


def edition_line(desk: data.Desk) -> str:
    """`Edition 3f2a91c0… · plan of 16 Nov 2026 (2026-W47) · 4 days old · seen as …`."""
    old = words.age(desk.planning_date, data.today())
    role = words.ROLES[desk.role].lower()
    who = desk.person.name if desk.person.name.lower() == role else f"{desk.person.name}, {role}"
    return f"Edition {desk.edition_id[:8]}… · plan of {words.day(desk.planning_date)} ({words.week(desk.planning_date)}) · {old} · seen as {cards.safe(who)}"


def is_dark() -> bool:
    """Whether the reader's theme is dark."""
    return bool(st.context.theme.type == "dark")


def html(inner: str) -> None:
    """Safe HTML made by `cards`, in the colours of the theme."""
    st.html(cards.shell(inner, dark=is_dark()))


def ink() -> str:
    """The colour of writing, for drawings."""
    return str(charts.palette()["ink"])


def lead(text: str) -> None:
    """The sentence that says what the page found."""
    html(f'<p class="vw-lead">{cards.safe(text)}</p>')


def figures(items: Sequence[tuple[str, str, str]]) -> None:
    """Three or four figures: label, value, what it means."""
    html(cards.grid([cards.figure(*item) for item in items], least="9.5rem", stretch=True))


def notice(tone: str, text: str) -> str:
    """One thing that waits, with a symbol for its weight."""
    symbol = {"red": "✕", "orange": "!", "green": "✓"}.get(tone, "·")
    return f'<div class="vw-notice"><span class="vw-sign vw-{tone}" aria-hidden="true">{symbol}</span><span>{cards.safe(text)}</span></div>'


def empty(title: str, explanation: str) -> None:
    """An empty place that says why it is empty and what would fill it."""
    st.info(f"**{title}** {explanation}", icon=":material/info:")


def table(frame: pd.DataFrame, columns: dict[str, Any], *, key: str, height: int | None = None) -> None:
    """Rows under plain headings; wide ones scroll inside. `columns`: name -> heading or column configuration, in this order."""
    config = {name: st.column_config.Column(spec) if isinstance(spec, str) else spec for name, spec in columns.items() if name in frame}
    # A column without a single value tells nothing and costs a phone its width.
    shown = frame[[name for name in columns if name in frame and frame[name].notna().any()]]
    st.dataframe(shown, column_config=config, hide_index=True, key=key, height=height or "auto", placeholder=words.DASH)


def figure_column(heading: str, *, unit: str = "", decimals: int = 1) -> Any:
    """A right-aligned figure with thousands separators."""
    return st.column_config.NumberColumn(
        f"{heading} ({unit})" if unit else heading, format="localized" if decimals == 0 else f"%.{decimals}f"
    )


def date_column(heading: str) -> Any:
    """A day, `16 Nov 2026`."""
    return st.column_config.DateColumn(heading, format="D MMM YYYY")


def time_column(heading: str) -> Any:
    """A moment to the minute, UTC."""
    return st.column_config.DatetimeColumn(f"{heading} (UTC)", format="D MMM YYYY, HH:mm", timezone="UTC")


def nothing_published() -> None:
    """The page before the first plan."""
    st.title("Veinway", anchor=False)
    empty(
        "No plan has been published yet.",
        "The screens open with the first edition: run `make run`, or `veinway plan` when partner files are in.",
    )


def wall(message: str) -> None:
    """What somebody sees who asked for what is not theirs."""
    st.title("Not for you", anchor=False)
    st.error(message, icon=":material/lock:")
    st.page_link("views/home.py", label="Back to your own page", icon=":material/home:")
