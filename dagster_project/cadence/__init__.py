"""What is due when: deadlines of the feeds in each partner's zone, and whether they were met. The marts say the same, see fct_due."""

from dagster_project.cadence.known import due, due_of_all
from dagster_project.cadence.states import EARLY, LATE, MISSING, NOT_DUE, ON_TIME, Deadline

__all__ = ["EARLY", "LATE", "MISSING", "NOT_DUE", "ON_TIME", "Deadline", "due", "due_of_all"]
