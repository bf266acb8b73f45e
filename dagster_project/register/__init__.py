"""The register: partners, submissions, editions and the ledger that chains them. It holds no plan data."""

from dagster_project.register.ledger import Finding, append, kept_files, verify
from dagster_project.register.partners import add_partner, partner_role, partners
from dagster_project.register.purges import purge, require_purgeable
from dagster_project.register.sendings import is_replayed, record_sending, sendings, statements
from dagster_project.register.sightings import record_sightings, sightings
from dagster_project.register.store import RegisterUnavailableError, close_registers, open_register, reading, writing
from dagster_project.register.submissions import Entry, editions, receipt, record, record_edition, submission, submissions, versions

__all__ = [
    "Entry",
    "Finding",
    "RegisterUnavailableError",
    "add_partner",
    "append",
    "close_registers",
    "editions",
    "is_replayed",
    "kept_files",
    "open_register",
    "partner_role",
    "partners",
    "purge",
    "reading",
    "receipt",
    "record",
    "record_edition",
    "record_sending",
    "record_sightings",
    "require_purgeable",
    "sendings",
    "sightings",
    "statements",
    "submission",
    "submissions",
    "verify",
    "versions",
    "writing",
]
