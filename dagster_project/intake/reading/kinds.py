"""What kind of file the first bytes show: one of the kinds that are taken, or in plain words what else it is."""

from __future__ import annotations

import re

from dagster_project.intake.reading.encodings import decoded_head, is_binary
from dagster_project.intake.receipt import FileRefusedError, refuse

CSV, XLSX, PARQUET, JSON, NDJSON, EPCIS, FHIR, X12 = "csv", "xlsx", "parquet", "json", "ndjson", "epcis", "fhir", "x12"
AGREEMENT = "veinway_agreement"
TAKEN = "CSV, XLSX, Parquet, JSON or NDJSON"
SAVE_AS_CSV = "Save it as CSV (UTF-8), XLSX or Parquet and send that."
GZIP_MARK, ZIP_MARK = b"\x1f\x8b", b"PK\x03\x04"
FOREIGN = {
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls), or a workbook with a password",
    GZIP_MARK: "a gzip archive",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
    b"PK\x05\x06": "an empty zip archive",
    b"SQLite format 3\0": "an SQLite database",
}
# Keys that only documents of these standards have. Inside a text their quotation marks would be escaped.
EPCIS_KEYS = re.compile(
    r'"epcisBody"\s*:|"@context"\s*:[^{}]{0,2000}epcis|"type"\s*:\s*"EPCIS\w*Document"|"eventTimeZoneOffset"\s*:', re.IGNORECASE
)
FHIR_KEYS = re.compile(r'"resourceType"\s*:\s*"[A-Z]')
AGREEMENT_KEY = re.compile(rf'\{{\s*"{AGREEMENT}"\s*:')
# ISA, then the same sign after it and after its first element, which has two places.
INTERCHANGE = re.compile(r"ISA([^A-Za-z0-9\s]).{2}\1", re.DOTALL)


def recognised(head: bytes) -> str:
    """The kind of a file by its first megabyte. FileRefusedError, saying what it seems to be, for anything that is not taken."""
    for mark, words in FOREIGN.items():
        if head.startswith(mark):
            raise not_taken(words)
    if head.startswith(b"PAR1"):
        return PARQUET
    if head.startswith(ZIP_MARK):
        return XLSX
    if is_binary(head):
        raise not_taken("binary data")
    text = decoded_head(head).lstrip()
    if text.startswith(("{", "[")):
        return _kind_of_json(text)
    if INTERCHANGE.match(text):
        return X12
    if text.startswith("<"):
        raise not_taken("XML or HTML")
    return CSV


def is_text_table(head: bytes) -> bool:
    """Whether a file with this first megabyte is read as CSV."""
    try:
        return recognised(head) == CSV
    except FileRefusedError:
        return False


def not_taken(words: str) -> FileRefusedError:
    """The refusal of a file whose kind is not taken."""
    return refuse("file_kind", words, TAKEN, SAVE_AS_CSV)


def _kind_of_json(text: str) -> str:
    if AGREEMENT_KEY.match(text):
        return AGREEMENT
    if EPCIS_KEYS.search(text):
        return EPCIS
    if FHIR_KEYS.search(text):
        return FHIR
    lines = (line.strip() for line in text.split("\n", 64))
    first, second = [*(line for line in lines if line), "", ""][:2]
    is_object = first.startswith("{") and first.endswith("}")
    return NDJSON if is_object and second.startswith("{") else JSON
