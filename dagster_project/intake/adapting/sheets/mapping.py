"""A partner's own sheet by its mapping: when one applies, the contract that its header is read by, and the sheet that comes of it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from dagster_project.contracts import Column
from dagster_project.home import home
from dagster_project.intake.adapting.language.columns import converted
from dagster_project.intake.adapting.language.model import MAPPINGS_FOLDER, Mapping, MappingError, read_mapping
from dagster_project.intake.adapting.sheets.unread import numbered_if_needed, refuse_unread_identifiers
from dagster_project.intake.reading.kinds import EPCIS, FHIR, X12
from dagster_project.intake.reading.sheet import without_faults
from dagster_project.intake.receipt import FileRefusedError, Refusal, refuse
from dagster_project.register.partners import is_partner_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import duckdb

    from dagster_project.contracts import Contract
    from dagster_project.intake.adapting.language.model import ColumnMapping
    from dagster_project.intake.reading.sheet import Sheet

# Kinds that have no header: documents of a standard, read by an adapter.
DOCUMENTS = frozenset({EPCIS, FHIR, X12})
# What a header is refused for; other mistakes of a file have nothing to do with whose names its columns have.
OF_THE_HEADER = frozenset({"header", "unknown_column", "missing_column", "column_twice"})


def kept_folder() -> Path:
    """Where confirmed proposals are kept: `<partner>/<feed>.yaml` in the state folder."""
    return home().root / "mappings"


def mapping_path(partner: str | None, feed: str) -> Path | None:
    """The file of the partner's mapping for the feed: the one confirmed here, or else the one that comes with Veinway; None without any."""
    if partner is None or not is_partner_id(partner):
        return None
    files = (folder / partner / f"{feed}.yaml" for folder in (kept_folder(), MAPPINGS_FOLDER))
    return next((path for path in files if path.is_file()), None)


def mapping_of(partner: str | None, feed: str) -> Mapping | None:
    """The partner's mapping for the feed, or None. MappingError when its file cannot be used."""
    path = mapping_path(partner, feed)
    return None if path is None else read_mapping(path)


def mapping_title(partner: str | None, feed: str) -> str | None:
    """Name and version of the partner's mapping for the feed; None without any. One that cannot be used goes by its place."""
    try:
        mapping = mapping_of(partner, feed)
    except MappingError:
        return f"{partner}/{feed}"
    return mapping.title if mapping else None


@lru_cache(maxsize=256)
def source_contract(mapping: Mapping, contract: Contract) -> Contract:
    """The contract that the sender's sheet keeps: its headers as columns of text. A header is required where a required column needs it."""
    needed = {column.sources[0] for column in mapping.columns if len(column.sources) == 1 and contract.column(column.column).required} | {
        column.unit_from for column in mapping.columns if column.unit_from
    }
    units = {source: _unit(column, contract) for column in mapping.columns for source in column.sources}
    decimals = {source: column.decimal for column in mapping.columns for source in column.sources if column.decimal}
    headers = dict.fromkeys([*mapping.sources(), *mapping.ignored])
    return replace(
        contract,
        columns=tuple(
            text_column(header, required=header in needed, unit=units.get(header), decimal=decimals.get(header)) for header in headers
        ),
        rules=(),
    )


def _unit(column: ColumnMapping, contract: Contract) -> str | None:
    """The unit that the sender's numbers are in, as far as the mapping says so."""
    return None if column.unit_from else column.unit or contract.column(column.column).unit


def text_column(header: str, *, required: bool = False, unit: str | None = None, decimal: str | None = None) -> Column:
    """A column of plain text called like the header; `unit` is that of its numbers, `decimal` the sign in its texts, where they are known."""
    return Column(
        name=header, type="string", description="", required=required, unique=False, is_key=False, identifier=None, unit=unit, minimum=None,
        maximum=None, max_length=None, pattern=None, allowed=(), examples=(), reference=None, classification="internal", synonyms=(),
        decimal=decimal,
    )  # fmt: skip


def read_mapped(
    connection: duckdb.DuckDBPyConnection,
    partner: str | None,
    contract: Contract,
    read: Callable[[Contract], Sheet],
    *,
    given: Mapping | None = None,
) -> Sheet:
    """The file by the partner's mapping where it has one that its header fits better than the contract, else by the contract.

    `read` reads the file by the columns of the contract it gets. `given` is a mapping to use that is not kept yet.
    FileRefusedError when the file cannot be read either way.
    """
    mapping = given or _usable(partner, contract.feed)
    if mapping is None:
        return read(contract)
    try:
        sheet = read(source_contract(mapping, contract))
    except FileRefusedError as refused:
        if not _is_of_the_header(refused):
            raise
        by_contract = _read_by_contract(read, contract)
        if isinstance(by_contract, FileRefusedError):
            raise _closer(refused, by_contract, mapping) from None
        return by_contract
    return apply(connection, sheet, mapping, contract)


def apply(connection: duckdb.DuckDBPyConnection, sheet: Sheet, mapping: Mapping, contract: Contract) -> Sheet:
    """The sheet in the contract's columns. Its columns before are the headers of the mapping.

    FileRefusedError when a column that no rule will see holds a direct identifier, or a required column has none of its sources.
    """
    for column in mapping.columns:
        if column.sources and contract.column(column.column).required and not any(sheet.cell(source) for source in column.sources):
            raise _no_source(column.column, column.sources, mapping)
    refuse_unread_identifiers(connection, sheet, mapping)
    sheet = without_faults(connection, sheet)
    sheet = numbered_if_needed(connection, sheet, mapping)
    return replace(converted(sheet, mapping, contract), mapping=mapping.title, header=sheet.header or tuple(sheet.columns))


def _usable(partner: str | None, feed: str) -> Mapping | None:
    try:
        return mapping_of(partner, feed)
    except MappingError as error:
        first = str(error).splitlines()[0]
        raise refuse(
            "mapping", "a mapping that cannot be used", "a mapping that fits its contract", f"Tell the operator: {first}"
        ) from error


def _read_by_contract(read: Callable[[Contract], Sheet], contract: Contract) -> Sheet | FileRefusedError:
    try:
        return read(contract)
    except FileRefusedError as refused:
        return refused


def _is_of_the_header(refused: FileRefusedError) -> bool:
    return any(refusal.rule in OF_THE_HEADER for refusal in refused.refusals)


def _closer(by_mapping: FileRefusedError, by_contract: FileRefusedError, mapping: Mapping) -> FileRefusedError:
    """The refusal of whichever the header is nearer to; a direct identifier comes first."""
    knows_none = any(refusal.rule == "header" for refusal in by_mapping.refusals)
    is_identifying = any(refusal.rule == "direct_identifier" for refusal in by_contract.refusals)
    fewer = _is_of_the_header(by_contract) and len(by_contract.refusals) < len(by_mapping.refusals)
    if knows_none or is_identifying or fewer:
        return by_contract
    refusals = [_reworded(refusal, mapping) for refusal in by_mapping.refusals]
    message = by_mapping.message.replace("does not fit the contract", f"does not fit the mapping {mapping.title}")
    return FileRefusedError(message, refusals, looks_like=by_mapping.looks_like, rows_sent=by_mapping.rows_sent)


def _reworded(refusal: Refusal, mapping: Mapping) -> Refusal:
    """What is refused by the sender's own headers, with the fix that a mapping has."""
    fixes = {
        "unknown_column": (
            f"a header of the mapping {mapping.title}",
            "Add the header to the mapping: read it in a column, or list it under `ignored:`. `veinway map` proposes it.",
        ),
        "missing_column": (refusal.expected, f"The mapping {mapping.title} reads this header. Send it again, or change the mapping."),
    }
    expected, hint = fixes.get(refusal.rule, (refusal.expected, refusal.hint))
    near = f"{refusal.hint} Or: " if refusal.hint.startswith(("Did you mean", "Is it the column")) else ""
    return replace(refusal, expected=expected, hint=f"{near}{hint}")


def _no_source(column: str, sources: tuple[str, ...], mapping: Mapping) -> FileRefusedError:
    named = " or ".join(sources)
    hint = f"The mapping {mapping.title} fills {column} from it. Send it again, or change the mapping."
    return refuse("missing_column", "no such column", f"the column {named}", hint, row=1, column=column)
