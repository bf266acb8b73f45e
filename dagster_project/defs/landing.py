"""Group `landing`: what partners sent becomes warehouse tables, with the door's verdict and the second check on each feed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import dagster as dg

from dagster_project.contracts import Contract, contracts
from dagster_project.defs.planning import Planning
from dagster_project.defs.progress import reporter
from dagster_project.home import home
from dagster_project.landing import LoadedFeed, load_landing, load_sendings, load_sightings, mark_agreed, open_warehouse
from dagster_project.landing.second_check import second_check
from dagster_project.register import sendings, sightings, submissions

POOL = "warehouse"
DOOR, SECOND_CHECK = "door_verdict", "second_check"
# A weekly feed is fresh at its deadline when something came in the week before it.
ONE_WEEK = timedelta(days=7)


def sent(terms: Contract) -> dg.AssetSpec:
    """What partners send of one feed: not made here, and due by the contract's cadence."""
    policy = dg.FreshnessPolicy.cron(terms.cadence, ONE_WEEK, "UTC") if terms.cadence else None
    return dg.AssetSpec(["partners", terms.feed], description=terms.grain, group_name="partners", freshness_policy=policy)


def landed(terms: Contract) -> dg.AssetSpec:
    """The landing table of one feed."""
    text = f"{terms.title}: accepted rows, as sent. {terms.grain}"
    return dg.AssetSpec(
        ["landing", terms.feed], deps=[["partners", terms.feed]], description=text, group_name="landing", code_version=terms.version
    )


FEEDS = contracts()
SENT = [sent(terms) for terms in FEEDS.values()]
BOOKS = [
    dg.AssetSpec(["landing", "submission"], description="Every receipt, refused ones too.", group_name="landing"),
    dg.AssetSpec(["landing", "sending"], description="Every time a file came, also when its bytes were here before.", group_name="landing"),
    dg.AssetSpec(["landing", "exception_sighting"], description="What each published edition held open or cleared.", group_name="landing"),
    dg.AssetSpec(["landing", "refusal"], description="Every refused row and its reason.", group_name="landing"),
]


@dg.multi_asset(
    name="load_landing",
    specs=[*map(landed, FEEDS.values()), *BOOKS],
    check_specs=[dg.AssetCheckSpec(DOOR, asset=["landing", feed], description="Rows that the door refused.") for feed in FEEDS],
    pool=POOL,
)
def load(context: dg.AssetExecutionContext, planning: Planning) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    """Load what the register knows and the warehouse does not."""
    with open_warehouse(home()) as con:
        loaded = load_landing(con, submissions(), home(), progress=reporter("landing"))
        mark_agreed(con, planning.counted())
        load_sendings(con, sendings())
        load_sightings(con, sightings())
    for item in loaded.values():
        if item.submission_ids:
            context.log_event(dg.AssetMaterialization(["partners", item.feed], metadata={"submissions": len(item.submission_ids)}))
        yield dg.MaterializeResult(asset_key=["landing", item.feed], metadata=_counts(item))
        yield door_verdict(item)
    for spec in BOOKS:
        yield dg.MaterializeResult(asset_key=spec.key, metadata={"submissions": sum(len(item.submission_ids) for item in loaded.values())})


def _counts(item: LoadedFeed) -> dict[str, int]:
    return {"submissions": len(item.submission_ids), "rows_accepted": item.rows_accepted, "rows_refused": item.rows_refused}


def door_verdict(item: LoadedFeed) -> dg.AssetCheckResult:
    """The share of newly sent rows that the door refused, as a warning: they are kept out already."""
    share = item.rows_refused / item.rows_sent if item.rows_sent else 0.0
    return dg.AssetCheckResult(
        asset_key=["landing", item.feed],
        check_name=DOOR,
        passed=item.rows_refused == 0,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{item.rows_refused} of {item.rows_sent} rows refused",
        metadata=_counts(item) | {"refused_share": share},
    )


@dg.multi_asset_check(
    name="check_landing",
    specs=[
        dg.AssetCheckSpec(
            SECOND_CHECK, asset=["landing", feed], blocking=True, description="The contract's suite finds nothing in newly landed rows."
        )
        for feed in FEEDS
    ],
    pool=POOL,
)
def check() -> Iterator[dg.AssetCheckResult]:
    """Hold newly landed rows against the suites; anything found stops the run before dbt."""
    with open_warehouse(home()) as con:
        results = second_check(con, home(), progress=reporter("second check"))
    for feed in FEEDS:
        result = results.get(feed)
        yield dg.AssetCheckResult(
            asset_key=["landing", feed],
            check_name=SECOND_CHECK,
            passed=result is None or result.success,
            description="; ".join(result.failures) if result else "nothing new",
            metadata={"expectations": len(result.details) if result else 0, "data_docs": str(home().data_docs / "index.html")},
        )


@dg.definitions
def landing() -> dg.Definitions:
    """The feeds as partners send them, beside the tables above."""
    return dg.Definitions(assets=[*SENT, load], asset_checks=[check])
