"""One document of a standard (EPCIS, FHIR, X12, or our own agreements) as a numbered Sheet, by the adapter of its format and feed.

Every node of the document is accounted for: it gave a row, or it is set aside with a reason, or a remark of the receipt names it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from dagster_project.home import home
from dagster_project.intake.adapting.documents.conditions import differing, unheard, untaken
from dagster_project.intake.adapting.documents.walking import Several, Unread, evaluate, literals, own_name, text_of, walk, words
from dagster_project.intake.adapting.language.columns import converted
from dagster_project.intake.adapting.language.model import ADAPTERS_FOLDER, Mapping, read_mapping
from dagster_project.intake.reading.sheet import SPACE, Ragged, Sheet
from dagster_project.intake.receipt import Refusal, refuse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    import duckdb

    from dagster_project.contracts import Contract
    from dagster_project.intake.adapting.documents.walking import Row
    from dagster_project.intake.reading.content import Content

CELLS = "veinway_document"
MOST_PLACES = 5


@dataclass(frozen=True)
class Objection:
    """Why no row of a node may be taken in: its rows are refused for it. With `is_settled` they are only left out, and a remark says so."""

    rule: str
    found: str
    expected: str
    hint: str
    is_settled: bool = False


@dataclass(frozen=True)
class Document:
    """A document taken apart. `format` names the folder of its adapters, `root` is what their paths walk.

    `objections` are by the id() of a node of `root`; `beside` are the id()s of nodes that are accounted for although no row is made of
    them, such as the place that a row refers to. `remarks` are told as warnings. `redacted` are the bytes that may be kept instead of
    those that were sent.
    """

    format: str
    root: Any
    objections: dict[int, Objection] = field(default_factory=dict)
    remarks: tuple[Refusal, ...] = ()
    redacted: bytes | None = None
    beside: frozenset[int] = frozenset()


def read(connection: duckdb.DuckDBPyConnection, content: Content, contract: Contract, kind: str) -> Sheet:
    """The rows of a document. FileRefusedError when it cannot be read, or holds nothing that this feed is made of."""
    return sheet_of(connection, opened(b"".join(content.chunks()), kind, contract.feed), contract)


def opened(data: bytes, kind: str, feed: str) -> Document:
    """The document in the bytes. FileRefusedError when it is damaged or not of this kind."""
    # Loaded when called: a door that only ever sees sheets does without.
    match kind:
        case "epcis":
            from dagster_project.intake.adapting.epcis import epcis  # noqa: PLC0415

            return epcis.opened(data)
        case "fhir":
            from dagster_project.intake.adapting.fhir import fhir  # noqa: PLC0415

            return fhir.opened(data, feed)
        case "veinway_agreement":
            from dagster_project.intake.adapting.documents import own_document  # noqa: PLC0415

            return own_document.opened(data, kind)
        case _:
            from dagster_project.intake.adapting.x12 import x12  # noqa: PLC0415

            return x12.opened(data, feed)


def adapter_of(format_name: str, feed: str) -> Mapping:
    """The adapter from a format to a feed: the operator's own in the state folder, or else the one that comes with Veinway.

    FileRefusedError, naming the feeds that this format can be read for, when there is none.
    """
    folders = [home().root / "adapters", ADAPTERS_FOLDER]
    path = next((path for folder in folders if (path := folder / format_name / f"{feed}.yaml").is_file()), None)
    if path is not None:
        return read_mapping(path)
    known = sorted({path.stem for folder in folders for path in (folder / format_name).glob("*.yaml")})
    named = f"{' or '.join(known)}" if known else "another format"
    raise refuse(
        "document_feed",
        f"a document of the format {format_name}",
        f"a table for the feed {feed}, or a document of this format for {named}",
        "Check the name of the feed, or send the feed as CSV, XLSX or JSON.",
    )


def sheet_of(connection: duckdb.DuckDBPyConnection, document: Document, contract: Contract) -> Sheet:
    """The rows that the adapter finds in the document, as cells of the contract's columns."""
    adapter = adapter_of(document.format, contract.feed)
    found = walk(document.root, adapter.each)
    numbered = list(enumerate(found.rows, start=1))
    objections = {number: Objection(*told) for number, told in untaken(numbered, adapter).items()}
    objections |= {number: objection for number, row in numbered if (objection := _objection(row, document))}
    settled = {number for number, objection in objections.items() if objection.is_settled}
    remarks = (
        *document.remarks,
        *_unread([node for node in found.unread if id(node.node) not in document.beside], adapter),
        *_settled(numbered, objections),
        *unheard(numbered, adapter),
    )
    if len(settled) == len(numbered):
        raise _nothing_to_read(adapter, remarks)
    taken = [(number, row) for number, row in numbered if number not in objections]
    cells = _all_cells([row for _, row in taken], adapter)
    own_names = {column.column: _own_names(column.sources, adapter) for column in adapter.columns if column.sources}
    torn = {
        number: replace(refusal, source_column=own_names[str(refusal.column)])
        for number, refusal in differing(taken, cells, adapter, contract).items()
    }
    refused = {number: _refusal(number, row, objections[number]) for number, row in numbered if number in objections.keys() - settled}
    sheet = replace(_loaded(connection, taken, cells, adapter, torn.keys()), redacted=document.redacted)
    return replace(
        converted(sheet, adapter, contract),
        own_names=own_names,
        ragged=[Ragged(number, (), refusal) for number, refusal in sorted((refused | torn).items())],
        remarks=remarks,
    )


def _objection(row: Row, document: Document) -> Objection | None:
    return next((found for node in row.nodes.values() if (found := document.objections.get(id(node)))), None)


def _refusal(number: int, row: Row, objection: Objection) -> Refusal:
    return Refusal(number, None, objection.rule, objection.found, objection.expected, objection.hint, source_place=row.place or None)


def _own_names(sources: Sequence[str], adapter: Mapping) -> str:
    return " or ".join(dict.fromkeys(own_name(source, adapter.each) for source in sources))


def _loaded(
    connection: duckdb.DuckDBPyConnection,
    rows: Sequence[tuple[int, Row]],
    cells: dict[str, list[str | None]],
    adapter: Mapping,
    left_out: Collection[int],
) -> Sheet:
    """The raw cells: one column for each path that the adapter reads."""
    sources = adapter.sources()
    arrays = {f"c{place}": pa.array(cells[source], pa.string()) for place, source in enumerate(sources)}
    table = pa.table(
        {
            **arrays,
            "row_number": pa.array([number for number, _ in rows], pa.int64()),
            "source_place": pa.array([row.place or None for _, row in rows], pa.string()),
        }
    )
    if left_out:
        table = table.filter(pa.array([number not in left_out for number, _ in rows]))
    connection.register(CELLS, table)
    return Sheet(sources, CELLS, is_numbered=True, first_row=0, has_places=True)


def _all_cells(rows: Sequence[Row], adapter: Mapping) -> dict[str, list[str | None]]:
    """The cells of every path. Another source of a column is only looked up where the ones before it gave nothing."""
    read = Counter(source for column in adapter.columns for source in (*column.sources, column.unit_from))
    found: dict[str, list[str | None]] = {}
    for column in adapter.columns:
        missing = list(range(len(rows)))
        for source in (*column.sources, column.unit_from):
            if source is None or source in found:
                continue
            is_shared = read[source] > 1 or column.not_captured or column.agree or source == column.unit_from
            wanted = range(len(rows)) if is_shared else missing
            cells: list[str | None] = [None] * len(rows)
            for number, cell in zip(wanted, _column(source, [rows[number] for number in wanted]), strict=True):
                cells[number] = cell
            found[source] = cells
            missing = [number for number in missing if cells[number] is None]
    return found


def _column(source: str, rows: Sequence[Row]) -> Iterator[str | None]:
    """The cells of one path. What only depends on an outer node is looked up once for all the rows below it."""
    name = source.split(".", 1)[0].strip(' "(')
    is_alone = bool(rows) and not any(other != name and f"{other}." in source for other in rows[0].nodes)
    # Most paths name one field of one level: no need to interpret them half a million times.
    field_name = plain.group(1) if (plain := re.fullmatch(r"\w+\.([A-Za-z_]\w*)", source)) else None
    last: Any = None
    text: str | None = None
    for row in rows:
        node = row.nodes.get(name)
        if node is None or node is not last or not is_alone:
            text = _text(node.get(field_name)) if field_name and isinstance(node, dict) else _text(evaluate(source, row.nodes))
        last = node
        yield text


def _text(value: Any) -> str | None:
    text = text_of(value)
    if isinstance(text, Several):
        return text
    return (text.strip(SPACE) or None) if text is not None else None


def _unread(unread: Sequence[Unread], adapter: Mapping) -> Iterator[Refusal]:
    """One remark for each kind of node that gave no row. Kinds that a column reads from the side are not among them."""
    beside = {kind for source in adapter.sources() for kind in literals(source)}
    groups: dict[tuple[str, str], list[Unread]] = {}
    for node in unread:
        if node.kind not in beside:
            groups.setdefault((words(node.level), node.kind), []).append(node)
    for (level, kind), nodes in groups.items():
        wanted = sorted(beside_of_level(level, adapter))
        yield Refusal(
            None,
            None,
            "not_read",
            f"{_count(len(nodes), level)}{f' of the type {kind}' if kind else ''}",
            f"for {adapter.feed}: {' or '.join(wanted)}" if wanted else f"what {adapter.feed} is made of",
            "No row was made of it. Send it for the feed it belongs to, if there is one.",
            source_place=_places(nodes),
        )


def beside_of_level(level: str, adapter: Mapping) -> set[str]:
    """The kinds of node that the filters of a level look for."""
    return {kind for own in adapter.each if words(own) == level for kind in literals(own.path)}


def _count(count: int, noun: str) -> str:
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun[:-1]}ies" if noun.endswith("y") else f"{count:,} {noun}s"


def _places(nodes: Sequence[Unread]) -> str | None:
    places = [node.place for node in nodes if node.place]
    more = f" and {len(places) - MOST_PLACES:,} more" if len(places) > MOST_PLACES else ""
    return ("; ".join(places[:MOST_PLACES]) + more) or None


def _settled(rows: Sequence[tuple[int, Row]], objections: dict[int, Objection]) -> Iterator[Refusal]:
    for number, row in rows:
        if number in objections and objections[number].is_settled:
            yield replace(_refusal(number, row, objections[number]), row=None)


def _nothing_to_read(adapter: Mapping, remarks: Sequence[Refusal]) -> Exception:
    """The answer to a document without a single row for this feed."""
    last = words(adapter.each[-1])
    said = "; ".join(f"{remark.found}" + (f" ({remark.source_place})" if remark.source_place else "") for remark in remarks)
    kinds = " or ".join(sorted(next((found for level in reversed(adapter.each) if (found := literals(level.path))), set())))
    return refuse(
        "document_content",
        said or f"no {last}",
        f"at least one {last}{f' of the type {kinds}' if kinds else ''} for the feed {adapter.feed}",
        "Check the name of the feed: a document only gives rows to the feed that its content is made for.",
    )


def adapters() -> dict[str, list[str]]:
    """The feeds that each format can be read for."""
    found: dict[str, set[str]] = {}
    for folder in (home().root / "adapters", ADAPTERS_FOLDER):
        for path in sorted(folder.glob("*/*.yaml")):
            found.setdefault(path.parent.name, set()).add(path.stem)
    return {name: sorted(feeds) for name, feeds in found.items()}


def adapter_files() -> list[Path]:
    """Every adapter that comes with Veinway."""
    return sorted(ADAPTERS_FOLDER.glob("*/*.yaml"))
