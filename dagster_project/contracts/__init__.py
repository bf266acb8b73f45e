"""Contracts: one ODCS file per feed, loaded once; everything else about a feed is derived from it. No feed is named here."""

from dagster_project.contracts.model import Column, Contract, Rule, contract, contracts, feeds

__all__ = ["Column", "Contract", "Rule", "contract", "contracts", "feeds"]
