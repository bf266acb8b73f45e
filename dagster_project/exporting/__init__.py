"""Exporting: an audience's edition in the words of other systems, CX-0128 JSON and UBL-named CSV. Reads editions only; computes no figure."""

from dagster_project.exporting.cx0128 import cx0128
from dagster_project.exporting.ubl import ubl

__all__ = ["cx0128", "ubl"]
