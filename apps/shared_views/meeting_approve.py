"""Approving the draft: how each role stands, one's own word, and publishing the consensus plan once nobody's approval is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from apps.shared_views import cards, data, frame, meeting_data, meeting_publishing, meeting_sending, meeting_words, words

if TYPE_CHECKING:
    from dagster_project.meeting import Standing

EVERY = 2


def show(desk: data.Desk) -> None:
    """How the roles stand, live; the own word; and for the coordinator the button that publishes."""
    agreed = data.manifest(desk.edition_id).get("consensus")
    if agreed:
        consensus(desk, agreed)
        if not meeting_data.said(desk).decisions:
            until_news(desk)
            return
    if late := meeting_data.outdated(desk):
        frame.html(frame.notice("red", late))
    st.subheader("Whose word the plan needs", anchor=False)
    everybody(desk)
    own_word(desk)
    if desk.role == "operator":
        publishing(desk)


def consensus(desk: data.Desk, agreed: dict[str, object]) -> None:
    """The plan in force is what partners agreed on: who did, and that nobody has changed it since."""
    frame.html(
        cards.box(
            ("Consensus plan", "✓", "green"),
            agreed_words(agreed),
            "It is the plan in force. What is decided from now on asks for a new approval.",
        )
    )
    if meeting_publishing.findings(desk):
        frame.html(
            frame.notice("red", "Its files are not as they were published. The coordinator finds out which: veinway edition verify.")
        )
    else:
        frame.html(frame.notice("green", "Verified: every file of this plan is as it was published, and the ledger holds its seal."))
    st.button("Open the minutes", key="to_minutes", icon=":material/description:", on_click=to_minutes)


@st.fragment(run_every=EVERY)
def until_news(desk: data.Desk) -> None:
    """Nobody is asked for anything until somebody decides something more, or another plan comes."""
    if meeting_data.is_replaced(desk) or meeting_data.said(desk).decisions:
        st.rerun()


def to_minutes() -> None:
    """Open the part of the meeting that holds the minutes."""
    st.session_state[meeting_words.PART] = "minutes"


def agreed_words(agreed: dict[str, object]) -> str:
    """Who approved the edition in force."""
    approvals = agreed["approvals"]
    names = [f"{words.partner(one['partner_id'])}" for one in approvals] if isinstance(approvals, list) else []
    reason = f" {words.sentence(str(agreed['reason']))}" if agreed["reason"] else ""
    return f"Approved by {', '.join(names)}.{reason}"


@st.fragment(run_every=EVERY)
def everybody(desk: data.Desk) -> None:
    """One card per role; looks every two seconds who has said something."""
    if meeting_data.is_replaced(desk):
        st.rerun()
    frame.html(cards.grid([card(desk, one) for one in meeting_data.said(desk).standings], least="13rem"))


def card(desk: data.Desk, standing: Standing) -> str:
    """One role: how many approved of how many needed, who, and who does not agree."""
    if standing.rejected:
        state = ("Rejected", "✕", "red")
    elif standing.missing:
        state = (f"{standing.missing} missing", "·", "orange")
    else:
        state = ("Approved", "✓", "green")
    lines = [f"{len(standing.approved)} of {standing.needed} needed"]
    lines += [f"{name(desk, row['partner_id'])}, {row['approved_at']:%H:%M} UTC" for row in standing.approved]
    lines += [f"{name(desk, row['partner_id'])}: {row['reason']}" for row in standing.rejected]
    lines += [f"{name(desk, row['partner_id'])} approved before the plan changed" for row in standing.outdated]
    return cards.feed(words.ROLES[standing.role], state, lines)


def name(desk: data.Desk, partner_id: str) -> str:
    """The coordinator knows who it is; a partner knows itself."""
    if desk.role == "operator" or partner_id == desk.person.partner_id:
        return words.partner(partner_id)
    return "A partner"


def own_word(desk: data.Desk) -> None:
    """Approve, or reject with a reason. Only roles whose word the agreements ask for."""
    if desk.role not in meeting_data.needed(desk):
        st.caption(f"The agreements do not ask for the approval of a {words.ROLES[desk.role].lower()}.")
        return
    st.subheader("Your word", anchor=False)
    reason = st.text_input("Reason, needed to reject (never about a patient)", key="reject_reason", max_chars=500)
    meeting_sending.answer("approval")
    with st.container(horizontal=True):
        if st.button("Approve this plan", type="primary", key="approve", icon=":material/check:"):
            meeting_sending.approve(desk, verdict="approved", reason="")
            st.rerun()
        if st.button("Reject it", key="reject", icon=":material/close:", help="A rejection needs a reason."):
            if reason.strip():
                meeting_sending.approve(desk, verdict="rejected", reason=reason)
                st.rerun()
            st.error("A rejection needs a reason: write it above.", icon=":material/edit:")
    decided = len(meeting_data.said(desk).decisions)
    st.caption(
        f"You approve edition {desk.edition_id[:8]}… with {words.count(decided, 'decision')} taken since. Whoever decides something after that asks you again."
    )


def publishing(desk: data.Desk) -> None:
    """The reason, what is still missing, and the button; then the run."""
    st.subheader("Publish the consensus plan", anchor=False)
    reason = st.text_input("Why it is published, for the minutes (needed where somebody rejected)", key="publish_reason", max_chars=300)
    ready(desk, reason)


@st.fragment(run_every=EVERY)
def ready(desk: data.Desk, reason: str) -> None:
    """What is missing as of now, or the button, or how far the run is."""
    running = meeting_publishing.progress(desk)
    if running is not None and not running.problem:
        st.progress(running.share, text=f"{running.words} … The screens stay with the draft until the new plan is whole.")
        return
    if running is not None:
        st.error(running.problem, icon=":material/error:")
    standings = meeting_data.said(desk).standings
    lacking = [meeting_words.lacking(one) for one in standings if one.missing]
    rejected = any(one.rejected for one in standings) and not reason.strip()
    late = bool(meeting_data.outdated(desk))
    # Started before anything is drawn: the button may be pressed together with a change elsewhere on the page.
    st.button(
        "Publish as consensus", type="primary", key="publish", disabled=bool(lacking) or rejected or late, icon=":material/verified:",
        on_click=meeting_publishing.start, args=(desk, reason),
    )  # fmt: skip
    if late:
        st.caption("Files came after this plan was built, so nobody can agree on it any more.")
    elif lacking:
        frame.html("".join(frame.notice("orange", text) for text in lacking))
    elif rejected:
        frame.html(frame.notice("orange", "A partner rejected this plan: say above why it is published all the same."))
    else:
        st.caption(
            "Everybody whose approval is needed has approved. The plan is built anew with all that was decided; it takes a minute or more."
        )
