"""The drop folder: files that a partner's SFTP or file share leaves in `<partner>/<feed>/` go through the door like any other."""

from dagster_project.intake.dropping.visit import BusyError, Visit, visit

__all__ = ["BusyError", "Visit", "visit"]
