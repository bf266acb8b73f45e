"""Audiences and their views: who gets a file, and which reports go into it. Pure; reads and writes nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PARTNER_ROLES = ("hospital", "plant", "supplier", "courier")
NETWORK_ROLES = ("operator", "executive")
REPORT_NAME = re.compile(r"rpt_(?P<role>[a-z]+)__(?P<view>[a-z][a-z0-9_]*)")
# The name becomes a file name and a folder-free path: nothing but what a partner id may hold.
AUDIENCE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")


@dataclass(frozen=True)
class Audience:
    """One reader group with its own file: a partner (by its id), the operator, or the executives."""

    name: str
    role: str
    partner_id: str | None


@dataclass(frozen=True)
class Report:
    """One report model and the short view name it has in an audience's file."""

    model: str
    view: str


def audiences(partners: Iterable[Mapping[str, str]]) -> list[Audience]:
    """Every audience of a network, sorted by name. `partners` have `partner_id` and `role`.

    Operator and executive exist always and once. ValueError for a partner id that cannot be an audience's name.
    """
    found = {role: Audience(role, role, None) for role in NETWORK_ROLES}
    for partner in partners:
        if partner["role"] in NETWORK_ROLES:
            continue
        name = partner["partner_id"]
        if partner["role"] not in PARTNER_ROLES:
            raise ValueError(f"Partner {name!r} has the role {partner['role']!r}; roles are {', '.join(PARTNER_ROLES + NETWORK_ROLES)}.")
        if name in NETWORK_ROLES or not AUDIENCE_NAME.fullmatch(name):
            raise ValueError(f"The partner id {name!r} cannot name an audience: use lower-case letters, digits and hyphens.")
        if name in found and found[name].role != partner["role"]:
            raise ValueError(f"Partner {name!r} appears with two roles: {found[name].role} and {partner['role']}.")
        found[name] = Audience(name, partner["role"], name)
    return [found[name] for name in sorted(found)]


def views_for(role: str, report_names: Iterable[str]) -> list[Report]:
    """The reports of one role out of all report models, sorted. `rpt_hospital__cases` is the hospital's view `cases`."""
    matches = [REPORT_NAME.fullmatch(name) for name in sorted(report_names)]
    return [Report(match.group(0), match["view"]) for match in matches if match and match["role"] == role]
