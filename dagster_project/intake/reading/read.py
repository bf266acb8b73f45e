"""One file, whatever its format, as a Sheet: the reader is chosen by what the bytes are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dagster_project.intake import limits
from dagster_project.intake.reading import content as kinds
from dagster_project.intake.reading import csv_text, json_rows, parquet, workbook

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from dagster_project.contracts import Contract
    from dagster_project.intake.adapting.language.model import Mapping
    from dagster_project.intake.reading.content import Content, Survey
    from dagster_project.intake.reading.sheet import Sheet


@dataclass(frozen=True)
class File:
    """A file unpacked, with where its bytes are on disk, what one pass over them told, who sent it, and a mapping to try that is not kept."""

    content: Content
    path: Path
    surveyed: Survey
    kind: str
    partner: str | None
    mapping: Mapping | None = None


def read(connection: duckdb.DuckDBPyConnection, file: File, contract: Contract, *, exactly: bool) -> Sheet:
    """The table of the file, its columns named as the contract names them.

    `exactly` asks for the reader that is sure of every row's number, after a quick one was not. FileRefusedError when there is no such table.
    """
    match file.kind:
        case kinds.CSV:
            return _csv(connection, file, contract, exactly=exactly)
        case kinds.XLSX:
            return workbook.read(connection, file.content, contract)
        case kinds.JSON | kinds.NDJSON:
            return json_rows.read(connection, file.content, contract, file.kind)
        case kinds.EPCIS | kinds.FHIR | kinds.X12 | kinds.AGREEMENT:
            # Loaded when called: whoever only sends sheets does without.
            from dagster_project.intake.adapting.documents import documents  # noqa: PLC0415

            return documents.read(connection, file.content, contract, file.kind)
        case _:
            return parquet.read(connection, file.path, file.content, contract)


def _csv(connection: duckdb.DuckDBPyConnection, file: File, contract: Contract, *, exactly: bool) -> Sheet:
    is_small = file.content.size < limits.SCAN_FROM_BYTES
    if exactly or is_small or file.surveyed.has_bare_return or file.surveyed.has_nul or not csv_text.is_plain(file.content):
        return csv_text.read_exactly(connection, file.content, contract)
    sheet = csv_text.scan(connection, file.path, file.content, contract, lines=file.surveyed.lines)
    if file.surveyed.has_odd_numbers:
        sheet = replace(sheet, with_numbers=None)
    if file.surveyed.has_quote and csv_text.has_quote_in_cell(connection, sheet):
        # The scan takes a lone quotation mark for a letter; only the exact reader sees whether it is one.
        return csv_text.read_exactly(connection, file.content, contract)
    return sheet
