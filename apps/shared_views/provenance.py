"""Where does this come from? From a figure or an exception to the files and rows of partners that it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from apps.shared_views import data, frame, meeting_data, words
from dagster_project.contracts import contract, feeds

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

SHOWN = 60


def panel(desk: data.Desk, rows: pd.DataFrame, submission_ids: Any, *, key: str) -> None:
    """The named rows first; then the files as a whole. Nobody is told of files that are not theirs to know."""
    files = meeting_data.files_behind(desk, submission_ids)
    with st.expander("Where does this come from?", icon=":material/account_tree:"):
        named = rows[rows["row_number"].notna()] if len(rows) else rows
        if len(named):
            st.caption(
                f"It rests on {words.count(len(named), 'row')} in {words.count(named['submission_id'].nunique(), 'file')} of partners."
            )
            listed(by_file(named), key=f"{key}_named")
        besides = files[~files["submission_id"].isin(named["submission_id"])] if len(named) else files
        if len(besides):
            also = "Besides, " if len(named) else ""
            st.caption(
                words.sentence(f"{also}{words.count(len(besides), 'file')} {words.verb(len(besides), 'goes', 'go')} into it as a whole")
            )
            listed(besides, key=f"{key}_files")
        hidden = len(set(submission_ids)) - files["submission_id"].nunique()
        if hidden > 0:
            st.caption(
                f"{words.sentence(words.count(hidden, 'more file'))[:-1]} of other partners {words.verb(hidden, 'is', 'are')} theirs to show."
            )


def by_file(rows: pd.DataFrame) -> pd.DataFrame:
    """One line per file, with its rows as people write them: `2 to 5, 9`."""
    firsts = {name: (name, "first") for name in rows.columns if name not in {"submission_id", "row_number"}}
    return rows.groupby("submission_id", as_index=False, sort=False).agg(**firsts, row_numbers=("row_number", spans))


def spans(numbers: Iterable[float]) -> str:
    """Row numbers in order, neighbours as a span."""
    found: list[list[int]] = []
    for number in sorted({int(one) for one in numbers}):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ", ".join(f"{first}" if first == last else f"{first} to {last}" for first, last in found)


def listed(rows: pd.DataFrame, *, key: str) -> None:
    """Feed, rows, partner, file and receipt."""
    known = set(feeds())
    shown = rows.head(SHOWN).assign(
        partner=rows["partner_id"].map(words.partner),
        title=rows["feed"].map(lambda feed: contract(feed).title if feed in known else feed),
        receipt=rows["submission_id"].str[:12] + "…",
    )
    columns = {
        "title": "Feed",
        "row_numbers": st.column_config.TextColumn("Rows", width="small"),
        "partner": "Partner",
        "file_name": "File",
        "receipt": "Receipt",
        "as_of": frame.time_column("Sent"),
        "sent_at": frame.time_column("Sent"),
    }
    frame.table(shown, columns, key=key, height=min(38 * (len(shown) + 1), 300))
    if len(rows) > SHOWN:
        st.caption(f"The first {SHOWN} of {words.number(len(rows))} are shown.")
