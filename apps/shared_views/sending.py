"""Sending one file: choose the feed, look at the answer before anything is kept, send, read the receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from apps.shared_views import answers, cards, data, exports, frame, identity, proposals, words
from dagster_project import intake
from dagster_project.contracts import Contract, contract, contracts
from dagster_project.intake.adapting.sheets.mapping import mapping_path

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from dagster_project.intake import Receipt
    from dagster_project.intake.adapting.language.model import Mapping

RECEIPT = "receipt"
CHECKED = "checked"  # the answer to the file that is chosen now, so that a click elsewhere does not check it again
FORMATS = "CSV, Excel (XLSX), JSON, NDJSON, Parquet, EPCIS, FHIR or X12; also in gzip or zip. It is recognised by its content."


def panel(desk: data.Desk) -> None:
    """Feed, template, file, preview, send, receipt: one below the other, in the order a person does them."""
    st.subheader("Send a file", anchor=False)
    mine = sendable(desk.role)
    left, right = st.columns([3, 2], gap="large")
    with left:
        feed = st.selectbox("Feed", list(mine), format_func=lambda name: mine[name].title, key="feed", on_change=forget_receipt)
        st.caption(f"{mine[feed].purpose} {mine[feed].grain}")
        # Any file may be chosen: the door answers what it cannot read, and says what to do instead.
        file = st.file_uploader("Your file", key=f"file_{st.session_state.get('sent_files', 0)}", on_change=forget_receipt, help=FORMATS)
        st.caption(FORMATS)
    with right:
        template(feed, mine[feed])
    if file is not None:
        preview(desk, feed, file)
    elif RECEIPT in st.session_state:
        answers.show(st.session_state[RECEIPT], is_preview=False, key="sent")


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
    """The answer before anything is kept, and the button that sends."""
    mapping = proposals.tried(feed)
    answer = checked(desk, feed, file, mapping)
    receipt = answer.receipt
    other_feed(desk, receipt)
    if mapping is not None:
        proposals.confirm(feed=feed, partner=desk.person.partner_id)
    answers.verdict(receipt, is_preview=True)
    if mapping is None and proposals.may_help(receipt):
        # Above the list of header errors, because it may answer them all at once.
        proposals.offer(file.getvalue(), feed=feed, partner=desk.person.partner_id)
    answers.details(answer, is_preview=True, key="preview")
    if mapping is not None:
        return
    if receipt.status == "refused":
        st.caption("A refused file can be sent too: then the refusal is on record. Usually it is better to correct it first.")
    sentence = {
        "accepted": f"Send all {words.count(receipt.rows_accepted, 'row')}",
        "partly_accepted": f"Send; {words.count(receipt.rows_accepted, 'row')} will be accepted",
        "refused": "Send anyway; it will be refused",
    }[receipt.status]
    if st.button(sentence, type="primary" if receipt.status == "accepted" else "secondary", key="send", icon=":material/send:"):
        with st.spinner("Sending …", show_time=True):
            is_taken = send(desk, feed, file)
        if is_taken:
            st.rerun()


def checked(desk: data.Desk, feed: str, file: UploadedFile, mapping: Mapping | None) -> answers.Answer:
    """The door's answer to the chosen file, asked for once."""
    identity.require_audience(desk.person, data.people(desk.edition_id))
    # A mapping that is kept takes the place of the one that was tried, so what was answered before it must be asked again.
    asked = (desk.person.partner_id, feed, file.file_id, mapping, mapping_path(desk.person.partner_id, feed))
    held = st.session_state.get(CHECKED)
    if held is None or held[0] != asked:
        with st.status(f"Checking {file.name} …") as state:
            answer = answers.of_file(file.getvalue(), feed=feed, partner=desk.person.partner_id, file_name=file.name, mapping=mapping)
            verdict = words.VERDICTS[answer.receipt.status][0].lower()
            state.update(label=f"Checked {file.name}: {verdict}. Nothing has been sent yet.", state="complete")
        st.session_state[CHECKED] = held = (asked, answer)
    found: answers.Answer = held[1]
    return found


def other_feed(desk: data.Desk, receipt: Receipt) -> None:
    """Above the long list of header errors: the one mistake behind them all, and the way to put it right."""
    feed = meant(receipt)
    if feed is None:
        return
    title, may_send = contract(feed).title, feed in sendable(desk.role)
    way = f"Choose the feed {title} above." if may_send else f"{words.ROLES[desk.role]}s do not send that feed."
    frame.html(cards.box(("Another feed?", "!", "orange"), f"These columns look like the feed \u201c{title}\u201d.", way))
    if may_send:
        st.button(f"Check it as {title}", key="other_feed", icon=":material/swap_horiz:", on_click=choose_feed, args=(feed,))


def meant(receipt: Receipt) -> str | None:
    """The feed that the door recognises in the columns of a refused file; None when it names none that there is."""
    return receipt.looks_like if receipt.looks_like in contracts() else None


def choose_feed(feed: str) -> None:
    """Take another feed for the file that is already there."""
    st.session_state["feed"] = feed
    forget_receipt()


def send(desk: data.Desk, feed: str, file: UploadedFile) -> bool:
    """Send the chosen file and keep the answer for the screen; whether the door took it in."""
    receipt = hand_in(desk, feed, file.getvalue(), file.name)
    if receipt is None:
        return False
    st.session_state[RECEIPT] = answers.of_submission(receipt)
    st.session_state["sent_files"] = st.session_state.get("sent_files", 0) + 1
    return True


def hand_in(desk: data.Desk, feed: str, content: bytes, file_name: str) -> Receipt | None:
    """Hand bytes to the door in the name of the signed-in partner. None, and a word on the screen, when they cannot be kept at the moment."""
    require_sender(desk, feed)
    try:
        return intake.submit(content, partner=desk.person.partner_id, feed=feed, file_name=file_name, way_in="web")
    except OSError:
        # The disk or the register. Where they are is the operator's business, not the sender's.
        st.error("The file cannot be taken in at the moment. Nothing of it was accepted: send it again in a while.")
        return None


def require_sender(desk: data.Desk, feed: str) -> None:
    """WallError unless the person is the one of this session, in a role that sends the feed."""
    identity.require_audience(desk.person, data.people(desk.edition_id))
    if desk.role not in contract(feed).senders:
        raise identity.WallError(f"{words.ROLES[desk.role]}s do not send the feed \u201c{contract(feed).title}\u201d.")


def forget_receipt() -> None:
    """A new choice clears the answer to the file before."""
    st.session_state.pop(RECEIPT, None)
    st.session_state.pop(CHECKED, None)
    proposals.forget()
