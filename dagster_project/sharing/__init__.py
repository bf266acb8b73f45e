"""Sharing: which audiences there are and which reports each may have. For now by role and ownership; agreements come later."""

from dagster_project.sharing.audiences import Audience, Report, audiences, views_for

__all__ = ["Audience", "Report", "audiences", "views_for"]
