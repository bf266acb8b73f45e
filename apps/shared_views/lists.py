"""Lists of cases and shipments that more than one role sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from apps.shared_views import data, frame, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

MARK = 130  # pixels of `! 12 days overdue`


def overdue_column() -> Any:
    """Wide enough for its words: cut off it would not be a mark."""
    return st.column_config.TextColumn("Overdue", width=MARK)


def overdue(desk: data.Desk, names: Mapping[str, str]) -> None:
    """What should have happened by now and is not reported, everywhere in the network; nothing when there is nothing."""
    cases, late = (rows[rows["is_overdue"]] for rows in (data.open_cases(desk), data.due_shipments(desk)))
    if cases.empty and late.empty:
        return
    st.subheader("Overdue, all partners", anchor=False)
    if len(cases):
        st.markdown(f"**{words.sentence(words.count(len(cases), 'open case')).rstrip('.')}**")
        rows = cases.assign(case=cases["case_id"].map(words.case), step=cases["current_step"].str.capitalize())
        rows["therapy"] = rows["therapy_code"].map(lambda code: words.therapy(code, names))
        columns = {
            "overdue": overdue_column(),
            "case": "Case",
            "hospital_name": "Hospital",
            "therapy": "Therapy",
            "step": "Is now at",
            "plant_name": "Plant",
            "infusion_planned_at": frame.time_column("Planned infusion"),
        }
        frame.table(rows, columns, key="overdue_cases")
    if len(late):
        st.markdown(f"**{words.sentence(words.count(len(late), 'shipment')).rstrip('.')}**")
        shipments(late, key="overdue_shipments")


def shipments(rows: pd.DataFrame, *, key: str) -> None:
    """Bookings as a courier and the coordinator see them, the mark of the overdue ones in front."""
    rows = rows.assign(
        courier=rows["courier_partner_id"].map(words.partner),
        leg=rows["leg"].map(words.LEGS).fillna(rows["leg"]),
        status=rows["status"].str.replace("_", " "),
    )
    columns = {
        "overdue": overdue_column(),
        "booking_id": "Booking",
        **({"courier": "Courier"} if len(set(rows["courier"])) > 1 else {}),
        "leg": "Leg",
        "from_site_name": "From",
        "to_site_name": "To",
        "temperature_band": "Band",
        "status": "Status",
        "pickup_open_at": frame.time_column("Pickup from"),
        "planned_delivery_at": frame.time_column("Planned delivery"),
        "first_promised_delivery_at": frame.time_column("First promise"),
        "promised_delivery_at": frame.time_column("Present promise"),
    }
    frame.table(rows, columns, key=key)
