"""Accepted rows that refer to what no other file has yet: told to their sender and the coordinator, until the other file arrives."""

from __future__ import annotations

import streamlit as st

from apps.shared_views import cards, data, frame, words
from dagster_project.contracts import contract


def panel(desk: data.Desk) -> None:
    """One line per file and column; nothing when every reference is answered."""
    rows = data.view(desk, "open_references")
    if rows.empty:
        return
    is_for_all = desk.role == "operator"
    st.subheader("Waiting for another feed" + (", all partners" if is_for_all else ""), anchor=False)
    st.caption("These rows are accepted. They name something that no file has brought yet; the note goes away when it arrives.")
    rows = rows.sort_values(["partner_id", "feed", "column_name", "first_row_number"])
    lines = [
        {
            "partner": words.partner(row["partner_id"]),
            "title": contract(row["feed"]).title,
            "column": row["column_name"],
            "how_many": words.count(row["open_values"], "value") + f" in {words.count(row['rows'], 'row')}",
            "first": words.number(row["first_row_number"], decimals=0),
            "example": row["example_value"],
            "awaited": contract(row["to_feed"]).title,
        }
        for row in rows.to_dict("records")
    ]
    headings = {
        **({"partner": "Partner"} if is_for_all else {}),
        "title": "Feed",
        "column": "Column",
        "how_many": "Open",
        "first": "First row",
        "example": "For example",
        "awaited": "Awaited from",
    }
    frame.html(cards.wrapped(lines, headings))
