"""What of a partner's own sheet no rule of the contract will see: it is still searched for direct identifiers, and no row is lost with it.

An export has columns of its own dates, parcel numbers and companies; what a header plainly says is not taken for a person's.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import duckdb

from dagster_project.intake import limits
from dagster_project.intake.judging.privacy import FREE, name_class, value_class
from dagster_project.intake.judging.screening import matches
from dagster_project.intake.judging.staging import text_sql
from dagster_project.intake.reading.headers import normalised
from dagster_project.intake.receipt import FileRefusedError, Refusal
from dagster_project.wording import one

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster_project.intake.adapting.language.model import ColumnMapping, Mapping
    from dagster_project.intake.reading.sheet import Sheet

Hit = tuple[int, str, str]

SUSPECTS = "veinway_suspects"

_NUMBERS = re.compile(r"tracking|awb|waybill|invoice|order|po|lot|batch|serial|asn|dn|pq|sku|gtin|gln")
_COMPANIES = re.compile(r"vendor|supplier|maker|manufactur(er|ing)|company|brand|carrier|product|item|molecule|hersteller|fournisseur")
# Words of a header that speak of a person, or of somebody who may be one.
_PERSONS = re.compile(
    r"consignees?|recipients?|receiver|addressee|empf(ae|ä|a)nger(in)?(name)?|destinataires?|destinatari[oa]s?|contacts?|contact(name|person)|kontakt(person)?"
    r"|ansprechpartner(in)?|ansprechperson|attn|attention|interlocuteur|patient(in)?s?|patient(en)?name|persons?|persona|personne|surname"
    r"|forename|nurse|physician|doctor|arzt|medecin|médecin|signatory|signee|signed|vorname|nachname|prenom|prénom|nombre|apellidos?"
)
_STAFF = re.compile(r"contacts?|contact(name|person)|kontakt(person)?|ansprechpartner(in)?|ansprechperson|interlocuteur|signatory|attn")
_OF_PERSONS = frozenset({"name of a person", "date of birth", "medical record number", "social security number", "biometric or photograph"})
_NO_NAMES = re.compile(
    r"compan(y|ies)|firma|société|societe|empresa|sites?|hospitals?|hôpital|krankenhaus|klinik|clinics?|clinique|plants?"
    r"|warehouses?|depots?|facility|organi[sz]ation|business|brand|country|land|pays|pais|city|stadt|ville|state|region|gln|codes?|type|status|date|time"
    r"|number|nr|no|id|count|currency|zone"
)
# Words of a header, by what a cell that is nothing else is then not taken for.
PLAINLY = {
    "date of birth": re.compile(
        r"dates?|day|time|deliver(y|ed)|sent|received|shipped|arriv(al|ed)|depart(ure|ed)|expiry|et[ad]|datum|fecha|livraison"
    ),
    "global service relation number (GSRN)": re.compile(r"sscc|parcel|pallet|tracking|awb|waybill|consignment|shipment|colis"),
    "phone or fax number": _NUMBERS,
    "social security number": _NUMBERS,
    "IP address": re.compile(r"version|firmware|software|revision"),
}
# No export of deliveries or plans reaches back this far: an older date is a person's, whatever its header says.
OLDEST_PLAN_YEAR = 1985
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
# One date, time or number, and nothing beside it.
ALONE = re.compile(r"[\d\s:.,/+()-]+(?:[AaPp][Mm])?|\d{1,2}[-. ][A-Za-z]{3,9}[-. ]\d{2,4}|[\dT:.+-]+Z?")


def refuse_unread_identifiers(connection: duckdb.DuckDBPyConnection, sheet: Sheet, mapping: Mapping) -> None:
    """FileRefusedError, naming rows, columns and classes but never a value, when an unread cell holds a direct identifier of a person."""
    unread = _unread(sheet, mapping)
    if not unread:
        return
    read = set(mapping.sources())
    if persons := [column for column in unread if column not in read and speaks_of_a_person(column)]:
        raise _refused_columns(persons)
    cells = [str(sheet.cell(column)) for column in unread]
    suspects = ", ".join(f"CASE WHEN {matches(cell, FREE)} THEN {cell} END AS {cell}" for cell in cells)
    try:
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {SUSPECTS} AS SELECT * FROM (SELECT row_number, {suspects} FROM {sheet.numbered_relation()})"
            f" WHERE coalesce({', '.join(cells)}) IS NOT NULL"
        )
    except duckdb.Error:
        # A quick reading that does not work out: the exact one comes here again.
        if sheet.lines is None:
            raise
        return
    hits = sorted(hit for column, cell in zip(unread, cells, strict=True) for hit in _hits(connection, column, cell))
    connection.execute(f"DROP TABLE {SUSPECTS}")
    if hits:
        raise _refused(hits[: limits.MAX_RECEIPT_REFUSALS])


def speaks_of_a_person(header: str) -> bool:
    """Whether the cells under a header are likely names of persons: "Consignee Name", but neither "Consignee Site" nor "Contact Date"."""
    if name_class(header) in _OF_PERSONS:
        return True
    words = normalised(header).split("_")
    return _says(words, _PERSONS) and not _says(words, _NO_NAMES) and not (_says(words, _COMPANIES) and not _says(words, _STAFF))


def _hits(connection: duckdb.DuckDBPyConnection, column: str, cell: str) -> Iterator[Hit]:
    """Each value that names a person, by the first row that has it. The values of an export repeat, so each is looked at once."""
    found = connection.execute(f"SELECT {cell}, min(row_number) FROM {SUSPECTS} WHERE {cell} IS NOT NULL GROUP BY 1")
    while rows := found.fetchmany(1000):
        yield from ((int(row), column, kind) for value, row in rows if (kind := unread_class(value, column)))


def _unread(sheet: Sheet, mapping: Mapping) -> list[str]:
    """Headers whose cells do not all come before the contract's rules: ignored ones, alternatives, and what is shortened on the way."""
    whole = {source for column in mapping.columns if _is_read_whole(column) for source in column.sources}
    return [name for name in sheet.columns if name not in whole]


def _is_read_whole(column: ColumnMapping) -> bool:
    shortens = "last_part" in column.convert or any("*" in text for text in column.not_captured)
    return len(column.sources) == 1 and not shortens


def unread_class(text: str, header: str) -> str | None:
    """Which direct identifier a cell of an unread column holds, or None; what the header plainly says the cell is, is none."""
    kind = value_class(text, FREE)
    if kind is None:
        return None
    words = normalised(header).split("_")
    if kind == "name of a person":
        # Names are looked for last, so there is nothing else in the cell: "Dr. Reddy's Laboratories" is a company.
        return None if _says(words, _COMPANIES) else kind
    if kind not in PLAINLY or not _says(words, PLAINLY[kind]) or not ALONE.fullmatch(text.strip()):
        return kind
    return kind if kind == "date of birth" and any(int(year) < OLDEST_PLAN_YEAR for year in YEAR.findall(text)) else None


def _says(words: list[str], pattern: re.Pattern[str]) -> bool:
    return any(pattern.fullmatch(word) for word in words)


def _refused(hits: list[Hit]) -> FileRefusedError:
    hint = "Remove it from the file and send the file again. A column that is not needed can be left out of the export."
    refusals = [
        Refusal(row, None, "direct_identifier", one(kind), "no direct identifier of a person", hint, source_column=column)
        for row, column, kind in hits
    ]
    row, column, kind = hits[0]
    more = f" and {len(hits) - 1} more" if len(hits) > 1 else ""
    where = f"row {row}, column {column}{more}"
    return FileRefusedError(
        f"The file holds a direct identifier of a person and was not kept: {kind} in {where}. The value was not stored.", refusals
    )


def _refused_columns(columns: list[str]) -> FileRefusedError:
    hint = "Leave the column out of the export. If it holds companies or sites, let its header say so, such as Consignee Company."
    refusals = [
        Refusal(
            None,
            None,
            "direct_identifier",
            "a column for a name of a person",
            "no direct identifier of a person",
            hint,
            source_column=column,
        )
        for column in columns
    ]
    more = f" and {len(columns) - 1} more" if len(columns) > 1 else ""
    return FileRefusedError(
        f"The file holds a column for direct identifiers of persons and was not kept: column {columns[0]}{more}. No value was stored.",
        refusals,
    )


def numbered_if_needed(connection: duckdb.DuckDBPyConnection, sheet: Sheet, mapping: Mapping) -> Sheet:
    """The same sheet, with numbers where a row has cells in unread columns only: without them it would pass for an empty line."""
    if sheet.is_numbered or not (unread := [name for name in sheet.columns if name not in mapping.sources()]):
        return sheet
    read = [f"nullif(trim({sheet.cell(name)}), '')" for name in sheet.columns if name not in unread]
    rest = [f"nullif(trim({sheet.cell(name)}), '')" for name in unread]
    query = f"SELECT 1 FROM {sheet.relation} WHERE coalesce({', '.join(read)}) IS NULL AND coalesce({', '.join(rest)}) IS NOT NULL LIMIT 1"
    try:
        if not connection.execute(query).fetchall():
            return sheet
    except duckdb.Error:
        if sheet.lines is None:
            raise
        return sheet
    if sheet.lines is not None:
        # No file has so many lines: whoever compares reads again, exactly, and gets numbered rows.
        return replace(sheet, lines=-1)
    cells = [f"c{place}" for place, _ in enumerate(sheet.columns)]
    trimmed = ", ".join(f"{text_sql(cell)} AS {cell}" for cell in cells)
    rows = f"(SELECT {trimmed}, row_number FROM {sheet.numbered_relation()})"
    return replace(sheet, is_numbered=True, relation=f"(SELECT * FROM {rows} WHERE coalesce({', '.join(cells)}) IS NOT NULL)")
