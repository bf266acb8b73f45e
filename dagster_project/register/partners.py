"""Who may send: partners and their roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from dagster_project.register.store import open_register, reading, writing
from dagster_project.register.tables import PARTNER

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

ROLES = ("hospital", "plant", "supplier", "courier", "operator", "executive")


def add_partner(partner_id: str, role: str, *, engine: Engine | None = None) -> None:
    """Let `partner_id` in as `role`; a known partner changes role. ValueError for an unknown role or an unusable name."""
    if role not in ROLES:
        raise ValueError(f"There is no role {role!r}. The roles are: {', '.join(ROLES)}.")
    if not is_partner_id(partner_id):
        raise ValueError(f"{partner_id!r} cannot name a partner: use small letters, digits and hyphens, 2 to 40 of them.")
    with writing(engine or open_register()) as connection:
        connection.execute(delete(PARTNER).where(PARTNER.c.partner_id == partner_id))
        connection.execute(insert(PARTNER).values(partner_id=partner_id, role=role))


def is_partner_id(text: str) -> bool:
    """Whether `text` can name a partner. It becomes a folder name, so nothing else may pass."""
    characters = set("abcdefghijklmnopqrstuvwxyz0123456789-")
    return 2 <= len(text) <= 40 and set(text) <= characters and text[0] != "-"


def partner_role(partner_id: str, *, engine: Engine | None = None) -> str | None:
    """The partner's role; None when nobody of that name takes part."""
    with reading(engine or open_register()) as connection:
        return connection.execute(select(PARTNER.c.role).where(PARTNER.c.partner_id == partner_id)).scalar_one_or_none()


def partners(*, engine: Engine | None = None) -> dict[str, str]:
    """Role by partner, sorted by name."""
    with reading(engine or open_register()) as connection:
        rows = connection.execute(select(PARTNER.c.partner_id, PARTNER.c.role).order_by(PARTNER.c.partner_id))
        return {row.partner_id: row.role for row in rows}
