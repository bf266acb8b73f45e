"""The minutes on the screen: what they say, and the files to take home."""

from __future__ import annotations

import streamlit as st

from apps.shared_views import answers, cards, data, frame, minutes, minutes_files


def show(desk: data.Desk) -> None:
    """The two files first, then the same words as a preview."""
    said = minutes.minutes(desk)
    st.subheader(said.title, anchor=False)
    with st.container(horizontal=True):
        answers.download(
            "Minutes as PDF", lambda: minutes_files.pdf(said), f"{said.file_name}.pdf", "application/pdf", key="minutes_pdf", is_first=True
        )
        answers.download(
            "Minutes as a workbook", lambda: minutes_files.workbook(said), f"{said.file_name}.xlsx", answers.XLSX, key="minutes_xlsx"
        )
    for line in said.facts:
        st.caption(line)
    for heading, (names, rows) in said.tables.items():
        with st.expander(f"{heading} ({len(rows)})", expanded=heading in {"Decisions", "The plan before and after"} and bool(rows)):
            if rows:
                frame.html(cards.wrapped([dict(zip(names, row, strict=True)) for row in rows], {one: one for one in names}))
            else:
                st.caption("Nothing.")
