"""A partner's own sheet on the web page: which of its columns is which, proposed with reasons, corrected and confirmed by a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st
import yaml

from apps.shared_views import words
from dagster_project.contracts import contract
from dagster_project.intake.adapting.language.model import MappingError, parse_mapping
from dagster_project.intake.adapting.sheets.mapping import OF_THE_HEADER
from dagster_project.intake.adapting.sheets.propose import Proposal, keep, propose
from dagster_project.intake.receipt import FileRefusedError
from dagster_project.intake.workshop import UnfinishedError

if TYPE_CHECKING:
    from collections.abc import Mapping as Terms

    from dagster_project.contracts import Contract
    from dagster_project.intake import Receipt
    from dagster_project.intake.adapting.language.model import Mapping

PROPOSAL, TRIED = "proposal", "tried_mapping"
COLUMN, YOURS, SAME, SURE, WHY = "Our column", "Your column", "Or one value for all", "Sure", "Why"
VERSION = "1.0.0"


def may_help(receipt: Receipt) -> bool:
    """Whether the file was refused for its header alone, so that a mapping could let it in."""
    rules = {refusal.rule for refusal in receipt.refusals}
    return bool(rules) and rules <= OF_THE_HEADER and receipt.looks_like is None


def offer(content: bytes, *, feed: str, partner: str) -> None:
    """The proposal as a table to correct; "Try it" checks the file again, read that way."""
    st.markdown("**Is this your own sheet?**")
    st.caption(
        "It can be read as it is: say once which of your columns is which. What you confirm is kept, and your next files are read the same way."
    )
    if st.button("Propose how to read my columns", key="propose", icon=":material/table_view:"):
        with st.spinner("Looking at headers and values \u2026", show_time=True):
            st.session_state[PROPOSAL] = _proposed(content, feed=feed, partner=partner)
    found = st.session_state.get(PROPOSAL)
    if isinstance(found, str):
        st.warning(found)
    elif isinstance(found, Proposal) and found.feed == feed:
        _table(found, partner)


def tried(feed: str) -> Mapping | None:
    """The mapping that the person tries with the file on the screen; None when there is none."""
    held = st.session_state.get(TRIED)
    if held is None or held[0] != feed:
        return None
    mapping: Mapping = held[2]
    return mapping


def confirm(*, feed: str, partner: str) -> None:
    """Above the answer to a file that is read by a mapping on trial: keep it, or go back."""
    st.info("Your file was read by the columns you chose. Keep this, and the file can be sent; your next files are read the same way.")
    with st.container(horizontal=True):
        st.button("Keep it for my files", type="primary", key="keep_mapping", icon=":material/check:", on_click=_keep, args=(feed, partner))
        st.button("Choose other columns", key="drop_mapping", icon=":material/undo:", on_click=forget_trial)


def forget() -> None:
    """Another file or feed: neither proposal nor trial belongs to it."""
    st.session_state.pop(PROPOSAL, None)
    forget_trial()


def forget_trial() -> None:
    """Back to the table, which stays as it was."""
    st.session_state.pop(TRIED, None)


def terms_of(found: Proposal, chosen: Terms[str, tuple[str, str]]) -> dict[str, Any]:
    """The mapping document for what a person chose: by column of the contract the sender's column, or one value for every row.

    A proposed column keeps its proposed terms (dates, units, words) when its source stays.
    """
    proposed: dict[str, Any] = yaml.safe_load(found.text())["columns"] or {}
    columns: dict[str, Any] = {}
    for column, (source, constant) in chosen.items():
        if source:
            columns[column] = proposed[column] if proposed.get(column, {}).get("from") == source else {"from": source}
        elif constant:
            columns[column] = {"constant": constant}
    used = {terms.get("from") for terms in columns.values()}
    headers = [*(fit.header for fit in found.fits), *found.ignored]
    return {
        "version": VERSION,
        "feed": found.feed,
        "columns": columns,
        "ignored": [header for header in dict.fromkeys(headers) if header not in used],
    }


def _proposed(content: bytes, *, feed: str, partner: str) -> Proposal | str:
    """The proposal, or why there is none."""
    try:
        return propose(content, feed=feed, partner=partner)
    except FileRefusedError as refused:
        return refused.message
    except UnfinishedError:
        return "This file is too large to look at here. `veinway map` proposes a mapping on the command line."


def _table(found: Proposal, partner: str) -> None:
    of = contract(found.feed)
    headers = list(dict.fromkeys([*(fit.header for fit in found.fits), *found.ignored]))
    table = st.data_editor(
        _rows(found, of),
        column_config={
            COLUMN: st.column_config.TextColumn(COLUMN, disabled=True, help="* must be there"),
            YOURS: st.column_config.SelectboxColumn(YOURS, options=headers, width="small"),
            SAME: st.column_config.TextColumn(SAME, width="small", help="When your sheet has no such column because it is always the same"),
            SURE: st.column_config.ProgressColumn(SURE, width="small", min_value=0, max_value=100, format="%d %%"),
            WHY: st.column_config.TextColumn(WHY, disabled=True, width="large"),
        },
        hide_index=True,
        key="mapping_table",
        placeholder=words.DASH,
    )
    chosen = {column.name: (_text(row[YOURS]), _text(row[SAME])) for column, row in zip(of.columns, table.to_dict("records"), strict=True)}
    missing = [column.name for column in of.columns if column.required and not any(chosen[column.name])]
    if missing:
        st.caption(f"Still needed: {', '.join(missing)}. Choose your column, or write the value that holds for every row.")
    if st.button("Try it with this file", key="try_mapping", type="primary", disabled=bool(missing), icon=":material/play_arrow:"):
        _try(found, chosen, partner)


def _try(found: Proposal, chosen: Terms[str, tuple[str, str]], partner: str) -> None:
    text = yaml.safe_dump(terms_of(found, chosen), sort_keys=False, allow_unicode=True)
    try:
        mapping = parse_mapping(text, name=f"{partner}/{found.feed}")
    except MappingError as error:
        st.warning(str(error))
        return
    st.session_state[TRIED] = (found.feed, text, mapping)
    st.rerun()


def _keep(feed: str, partner: str) -> None:
    held = st.session_state.get(TRIED)
    if held is not None and held[0] == feed:
        keep(held[1], partner=partner, feed=feed)
        forget()


def _rows(found: Proposal, of: Contract) -> pd.DataFrame:
    fits = {fit.mapping.column: fit for fit in found.fits}
    rows = []
    for column in of.columns:
        fit = fits.get(column.name)
        reasons = [*fit.evidence, *(f"please check: {doubt}" for doubt in fit.doubts)] if fit else ["nothing in your sheet fits"]
        rows.append(
            {
                COLUMN: f"{column.name}{' *' if column.required else ''}",
                YOURS: fit.header if fit else None,
                SAME: None,
                SURE: round(100 * fit.confidence) if fit else 0,
                WHY: words.sentence("; ".join(reasons)),
            }
        )
    return pd.DataFrame(rows).astype({SAME: "object", YOURS: "object"})


def _text(value: Any) -> str:
    return "" if words.is_missing(value) else str(value).strip()
