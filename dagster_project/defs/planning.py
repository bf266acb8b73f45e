"""The planning date of a run: given, or that of the newest submission. It is set once for all steps."""

import json
from datetime import UTC, date
from typing import Any

import dagster as dg

from dagster_project.home import home
from dagster_project.landing import newest_as_of, open_warehouse


class Planning(dg.ConfigurableResource):  # type: ignore[type-arg]
    """`planning_date` as YYYY-MM-DD; empty for the date (UTC) of the newest submission. `consensus`: who agreed, as JSON; empty for a draft."""

    planning_date: str = ""
    consensus: str = ""

    def date(self) -> date:
        """The date in force. LookupError when none was given and nothing has landed."""
        if self.planning_date:
            return date.fromisoformat(self.planning_date)
        with open_warehouse(home()) as con:
            newest = newest_as_of(con)
        if newest is None:
            raise LookupError("Nothing has been submitted yet, so there is nothing to plan.")
        return newest.astimezone(UTC).date()

    def agreement(self) -> dict[str, Any] | None:
        """Who agreed on the plan; None for a draft."""
        agreed: dict[str, Any] | None = json.loads(self.consensus) if self.consensus else None
        return agreed

    def counted(self) -> list[str]:
        """The submissions that the plan counts although they came after its date: what was said in the meeting."""
        return list((self.agreement() or {}).get("counted", ()))


@dg.definitions
def planning() -> dg.Definitions:
    """The resource under the name that steps ask for."""
    return dg.Definitions(resources={"planning": Planning()})
