"""Dagster only: assets, checks, sensors, schedules. Thin; what they do lives in the other rooms."""
