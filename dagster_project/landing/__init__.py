"""Landing: accepted Parquet files become rows of the warehouse's `landing` schema, each exactly once. No feed is named here."""

from dagster_project.landing.load import LoadedFeed, load_landing, load_sendings, load_sightings, mark_agreed
from dagster_project.landing.warehouse import newest_as_of, open_warehouse

__all__ = ["LoadedFeed", "load_landing", "load_sendings", "load_sightings", "mark_agreed", "newest_as_of", "open_warehouse"]
