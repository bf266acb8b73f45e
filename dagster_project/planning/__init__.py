"""Planning: what the plan would be if something were decided otherwise. Pure functions on the tables of an edition; no I/O, no Dagster."""

from dagster_project.planning.align import Frame, Plan, Stock, align
from dagster_project.planning.marginals import Marginal, marginals, short_weeks
from dagster_project.planning.options import Effect, Option, option_for, options_for
from dagster_project.planning.phrases import one_more
from dagster_project.planning.tables import PlanTables

__all__ = [
    "Effect",
    "Frame",
    "Marginal",
    "Option",
    "Plan",
    "PlanTables",
    "Stock",
    "align",
    "marginals",
    "one_more",
    "option_for",
    "options_for",
    "short_weeks",
]
