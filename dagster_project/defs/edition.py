"""Group `editions`: the reports become the current edition, when everything before it went well."""

from datetime import UTC, datetime
from typing import Any

import dagster as dg

from dagster_project.defs.landing import POOL
from dagster_project.defs.planning import Planning
from dagster_project.defs.progress import reporter
from dagster_project.defs.remembering import remember_exceptions
from dagster_project.defs.transform import build_assets, manifest, test_results
from dagster_project.editions.publish import publish
from dagster_project.home import home
from dagster_project.register import record_edition


@dg.definitions
def edition() -> dg.Definitions:
    """The asset, after all that dbt builds."""
    reports = [key for key in build_assets(manifest()).keys if key.path[-1].startswith(("rpt_", "stg_partner"))]

    @dg.asset(key=["editions", "current"], group_name="editions", deps=sorted(reports), pool=POOL)
    def current(planning: Planning) -> dg.MaterializeResult[Any]:
        """One locked file per audience and a manifest; `current` names them only when all are whole."""
        planning_date, now = planning.date(), datetime.now(UTC)

        def append(edition_id: str, body: dict[str, Any]) -> None:
            record_edition(edition_id, body, planning_date=planning_date.isoformat(), published_at=now)

        published = publish(
            home(),
            planning_date=planning_date,
            created_at=now,
            append=append,
            tests=test_results(),
            consensus=planning.agreement(),
            progress=reporter("publish"),
        )
        facts: dict[str, Any] = {
            "exceptions_remembered": remember_exceptions(published.edition_id),
            "edition_id": published.edition_id,
            "is_new": published.is_new,
            "audiences": len(published.manifest["audiences"]),
        }
        return dg.MaterializeResult(metadata=facts)

    return dg.Definitions(assets=[current])
