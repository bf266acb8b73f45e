"""Sending one file: choose the feed, look at the verdict before anything is kept, send, read the receipt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import streamlit as st

from apps.shared_views import cards, data, exports, frame, identity, words
from dagster_project import intake
from dagster_project.contracts import Contract, contract, contracts

if TYPE_CHECKING:
    import pandas as pd
    from streamlit.runtime.uploaded_file_manager import UploadedFile

KINDS = ["csv", "xlsx", "parquet"]
RECEIPT = "receipt"
AT_ONCE = 10  # refused rows that stand open; the others unfold
SHOWN = 500
LOOKS_LIKE = re.compile(r"These columns look like the feed (\w+)")  # the door's words


def panel(desk: data.Desk) -> None:
    """Feed, template, file, preview, send, receipt: one below the other, in the order a person does them."""
    st.subheader("Send a file", anchor=False)
    mine = sendable(desk.role)
    left, right = st.columns([3, 2], gap="large")
    with left:
        feed = st.selectbox("Feed", list(mine), format_func=lambda name: mine[name].title, key="feed", on_change=forget_receipt)
        st.caption(f"{mine[feed].purpose} {mine[feed].grain}")
        file = st.file_uploader(
            "Your file: CSV, Excel (XLSX) or Parquet",
            type=KINDS,
            key=f"file_{st.session_state.get('sent_files', 0)}",
            on_change=forget_receipt,
        )
    with right:
        template(feed, mine[feed])
    if file is not None:
        preview(desk, feed, file)
    elif RECEIPT in st.session_state:
        show_receipt(st.session_state[RECEIPT], is_preview=False)


def sendable(role: str) -> dict[str, Contract]:
    """The feeds a role may send, by name."""
    return {feed: terms for feed, terms in contracts().items() if role in terms.senders}


def template(feed: str, terms: Contract) -> None:
    """The empty file of the feed and what must stand in it."""
    with st.container(border=True):
        st.markdown(f"**{terms.title}: what the file holds**")
        required = [column.name for column in terms.columns if column.required]
        st.caption(
            f"{words.count(len(terms.columns), 'column')}, {len(required)} of them required. Only the column names must match; their order is free."
        )
        with st.container(horizontal=True):
            for kind, label in (("xlsx", "Excel template"), ("csv", "CSV template")):
                name = f"{feed}-template.{kind}"
                st.download_button(
                    label,
                    exports.template(feed, kind),
                    file_name=name,
                    key=f"template_{kind}",
                    on_click="ignore",
                    icon=":material/download:",
                )
        with st.expander("Columns and rules in plain words"):
            st.markdown(
                "\n".join(
                    f"- **{column.name}**{'' if column.required else ' (optional)'}: {column.description}" for column in terms.columns
                )
            )
            if terms.rules:
                st.markdown("**Rules**\n" + "\n".join(f"- {rule.description}" for rule in terms.rules))


def preview(desk: data.Desk, feed: str, file: UploadedFile) -> None:
    """The verdict before anything is kept, and the button that sends."""
    with st.status(f"Checking {file.name} …") as state:
        receipt = check(file.name, file.getvalue(), feed)
        state.update(
            label=f"Checked {file.name}: {words.VERDICTS[receipt['status']][0].lower()}. Nothing has been sent yet.", state="complete"
        )
    other_feed(desk, receipt)
    show_receipt(receipt, is_preview=True)
    if receipt["status"] == "refused":
        st.caption("A refused file can be sent too: then the refusal is on record. Usually it is better to repair it first.")
    sentence = {
        "accepted": f"Send all {words.count(receipt['rows_accepted'], 'row')}",
        "partly_accepted": f"Send; {words.count(receipt['rows_accepted'], 'row')} will be accepted",
        "refused": "Send anyway; it will be refused",
    }[receipt["status"]]
    if st.button(sentence, type="primary", key="send", icon=":material/send:"):
        with st.spinner("Sending …", show_time=True):
            send(desk, feed, file)
        st.rerun()


def other_feed(desk: data.Desk, receipt: dict[str, Any]) -> None:
    """Above the long list of header errors: the one mistake behind them all, and the way to put it right."""
    feed = meant(receipt)
    if feed is None:
        return
    title, may_send = contract(feed).title, feed in sendable(desk.role)
    way = f"Choose the feed {title} above." if may_send else f"{words.ROLES[desk.role]}s do not send that feed."
    frame.html(cards.box(("Another feed?", "!", "orange"), f"These columns look like the feed \u201c{title}\u201d.", way))
    if may_send:
        st.button(f"Check it as {title}", key="other_feed", icon=":material/swap_horiz:", on_click=choose_feed, args=(feed,))


def meant(receipt: dict[str, Any]) -> str | None:
    """The feed that the door recognises in the columns of a refused file; None when it names none."""
    found = LOOKS_LIKE.search(receipt.get("message") or "")
    return found[1] if found and found[1] in contracts() else None


def choose_feed(feed: str) -> None:
    """Take another feed for the file that is already there."""
    st.session_state["feed"] = feed
    forget_receipt()


def check(name: str, content: bytes, feed: str) -> dict[str, Any]:
    """The door's verdict on these bytes; nothing stays on disk."""
    return intake.check(content, feed=feed, file_name=name).to_dict()


def send(desk: data.Desk, feed: str, file: UploadedFile) -> None:
    """Hand the bytes to the door in the name of the signed-in partner, and keep the receipt for the screen."""
    identity.require_audience(desk.person, data.people(desk.edition_id))
    if desk.role not in contract(feed).senders:
        raise identity.WallError(f"{words.ROLES[desk.role]}s do not send {contract(feed).title.lower()}.")
    receipt = intake.submit(file.getvalue(), partner=desk.person.partner_id, feed=feed, file_name=file.name)
    st.session_state[RECEIPT] = receipt.to_dict()
    st.session_state["sent_files"] = st.session_state.get("sent_files", 0) + 1


def forget_receipt() -> None:
    """A new choice clears the receipt of the file before."""
    st.session_state.pop(RECEIPT, None)


def show_receipt(receipt: dict[str, Any], *, is_preview: bool) -> None:
    """Verdict, counts and the refused rows in place."""
    counts = f"{words.count(receipt['rows_sent'], 'row')} read, {words.number(receipt['rows_accepted'])} accepted, {words.number(receipt['rows_refused'])} refused."
    detail = "A check only: nothing has been kept." if is_preview else receipt_line(receipt)
    frame.html(cards.verdict(receipt["status"], receipt.get("message") or counts, f"{receipt['file_name']}: {counts} {detail}"))
    table = exports.refusal_table(receipt["refusals"])
    if not table.empty:
        more = "" if receipt["rows_refused"] <= len(table) else " (the first ones; the rest is kept with the receipt)"
        st.markdown(f"**What to repair**{more}")
        refused_rows(table, key="refused_preview" if is_preview else "refused_sent", file_name=f"refused-{receipt['feed']}.csv")


def receipt_line(receipt: dict[str, Any]) -> str:
    """Number, time and what happens next."""
    line = f"Receipt {str(receipt['submission_id'])[:12]}… · received {words.moment(receipt['received_at'])}."
    return f"{line} It counts from the next plan on." if receipt["status"] != "refused" else f"{line} Nothing of it enters the plan."


def refused_rows(table: pd.DataFrame, *, key: str, file_name: str) -> None:
    """Refused rows as a table with the way to repair each, and as a file."""
    rows = table.head(SHOWN).to_dict("records")
    frame.html(cards.refusals(rows[:AT_ONCE]))
    if len(rows) > AT_ONCE:
        with st.expander(f"Show {words.count(len(rows) - AT_ONCE, 'more finding')}"):
            frame.html(cards.refusals(rows[AT_ONCE:]))
    if len(table) > SHOWN:
        st.caption(f"The first {SHOWN} of {words.number(len(table))} are shown; the file holds them all.")
    st.download_button(
        "Download the refused rows (CSV)",
        exports.safe_csv(table),
        file_name=file_name,
        mime="text/csv",
        key=f"{key}_csv",
        on_click="ignore",
        icon=":material/download:",
    )
