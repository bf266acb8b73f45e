"""Where does this come from? From a figure or an exception to the files and rows of partners that it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from apps.shared_views import data, frame, meeting_data, words
from dagster_project.contracts import contract, feeds

if TYPE_CHECKING:
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
            listed(named, key=f"{key}_named")
        if len(files):
            st.caption(f"Besides, {words.count(len(files), 'file')} {words.verb(len(files), 'goes', 'go')} into it.")
            listed(files, key=f"{key}_files")
        hidden = len(set(submission_ids)) - files["submission_id"].nunique()
        if hidden > 0:
            st.caption(
                f"{words.sentence(words.count(hidden, 'more file'))[:-1]} of other partners {words.verb(hidden, 'is', 'are')} theirs to show."
            )


def listed(rows: pd.DataFrame, *, key: str) -> None:
    """Partner, feed, file, row and receipt."""
    known = set(feeds())
    shown = rows.head(SHOWN).assign(
        partner=rows["partner_id"].map(words.partner),
        title=rows["feed"].map(lambda feed: contract(feed).title if feed in known else feed),
        receipt=rows["submission_id"].str[:12] + "…",
    )
    columns = {
        "partner": "Partner",
        "title": "Feed",
        "file_name": "File",
        "row_number": frame.figure_column("Row", decimals=0),
        "receipt": "Receipt",
        "as_of": frame.time_column("Sent"),
        "sent_at": frame.time_column("Sent"),
    }
    frame.table(shown, columns, key=key, height=min(38 * (len(shown) + 1), 300))
    if len(rows) > SHOWN:
        st.caption(f"The first {SHOWN} of {words.number(len(rows))} are shown.")
