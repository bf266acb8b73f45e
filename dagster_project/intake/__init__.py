"""The door: bytes + who + which feed -> receipt. The web page, the API, the command line and the demo all call `submit`."""

from dagster_project.intake.door import check, submit
from dagster_project.intake.receipt import ACCEPTED, PARTLY_ACCEPTED, REFUSED, Receipt, Refusal

__all__ = ["ACCEPTED", "PARTLY_ACCEPTED", "REFUSED", "Receipt", "Refusal", "check", "submit"]
