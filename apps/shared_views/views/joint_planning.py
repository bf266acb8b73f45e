"""Joint planning: demand against supply by week, what binds, and one week opened up. Each role sees the part that is due to it."""

from __future__ import annotations

from apps.shared_views import frame, planning_network, planning_partner

SCREENS = {
    "operator": planning_network.show,
    "plant": planning_partner.plant,
    "hospital": planning_partner.hospital,
    "supplier": planning_partner.supplier,
    "courier": planning_partner.courier,
}


def page() -> None:
    """The page of the role."""
    desk = frame.enter("joint_planning", "Joint planning")
    SCREENS[desk.role](desk)


page()
