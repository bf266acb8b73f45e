"""Editions: immutable, hash-named publications of the shared views. The only reader the screens have."""

from dagster_project.editions.reader import Edition, open_edition
from dagster_project.editions.store import current_edition, edition_ids, input_ids, read_manifest

__all__ = ["Edition", "current_edition", "edition_ids", "input_ids", "open_edition", "read_manifest"]
