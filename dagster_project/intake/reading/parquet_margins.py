"""What a Parquet file says outside its rows: metadata of the file and its fields, and dictionary values that no row shows."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

from dagster_project.contracts.rules import quoted
from dagster_project.intake.judging.neighbours import siblings_class
from dagster_project.intake.judging.privacy import (
    DISGUISE,
    FREE,
    any_pattern,
    cell_class,
    closeness,
    colleague_class,
    name_class,
    patient_class,
    value_class,
)
from dagster_project.intake.reading.csv_text import quoted_path
from dagster_project.intake.reading.headers import known_names, normalised
from dagster_project.intake.receipt import FileRefusedError, refuse
from dagster_project.wording import one

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb
    import pyarrow as pa

    from dagster_project.contracts import Column, Contract

ARROW_SCHEMA = "ARROW:schema"
HINT = "Write the file again without it, from a table that holds only what is sent."
READ_AT_ONCE = 1 << 20


def refuse_margins(connection: duckdb.DuckDBPyConnection, path: Path, contract: Contract) -> None:
    """FileRefusedError, naming the place but not the value, when the file names a person outside its rows. DuckDB's and Arrow's errors pass."""
    found = connection.execute(f"SELECT key, value FROM parquet_kv_metadata({quoted_path(path)})").fetchall()
    texts = [(bytes(key).decode("utf-8", "replace"), bytes(value or b"").decode("utf-8", "replace")) for key, value in found]
    # The schema repeats what the file's own metadata says.
    judged = {text for pair in texts for text in pair}
    for key, text in texts:
        if key == ARROW_SCHEMA and (inside := _schema_texts(text)) is not None:
            for part in inside:
                # The names of the columns were judged as a header: what is called so here is an entry of metadata.
                if part not in judged and (kind := patient_class(part) or next(_classes("", _document(part)), None)):
                    raise _refused(kind, "the metadata of a field")
        elif kind := _metadata_class(key, text):
            raise _refused(kind, "the file's metadata")
    for (writer,) in connection.execute(f"SELECT created_by FROM parquet_file_metadata({quoted_path(path)})").fetchall():
        # A version of four numbers looks like an address of the internet.
        if writer and (kind := colleague_class(str(writer))) and kind != "IP address":
            raise _refused(kind, "the name of the program that wrote it")
    for kind in _unused_classes(connection, path, contract):
        raise _refused(kind, "a dictionary value that no row shows")


def _refused(kind: str, place: str) -> FileRefusedError:
    return refuse("direct_identifier", f"{one(kind)} in {place}", "no direct identifier of a person anywhere in the file", HINT)


def _metadata_class(key: str, text: str) -> str | None:
    # A table may be called by its name.
    named = name_class(key) if text.strip() and key.strip().lower() != "name" else None
    return named or value_class(key, FREE) or next(_classes(key, _document(text)), None)


def _document(text: str) -> Any:
    """The JSON in the text, or the text itself."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _schema_texts(value: str) -> list[str] | None:
    """The texts of a serialised Arrow schema, which stand between zero bytes; None when it is none."""
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None
    return [text for part in data.split(b"\0") if len(text := part.decode("utf-8", "ignore")) > 2]


def _classes(key: str, value: Any) -> Iterator[str]:
    """What the texts and names of a JSON value hold. Addresses of schemas and numbers of versions are the writer's own."""
    if kind := siblings_class(value):
        yield kind
    match value:
        case dict():
            for name, each in value.items():
                if kind := value_class(name, FREE) or (patient_class(name) if each else None):
                    yield kind
                yield from _classes(name, each)
        case list():
            for each in value:
                yield from _classes(key, each)
        case _:
            kind = value_class(str(value), FREE)
            is_own = (kind == "web address" and key.startswith("$")) or (kind == "IP address" and key.lower().endswith("version"))
            if kind and not is_own:
                yield kind


def _unused_classes(connection: duckdb.DuckDBPyConnection, path: Path, contract: Contract) -> Iterator[str]:
    """What the values hold that stand in a dictionary of the file and in none of its rows; those in rows are judged as cells."""
    columns = {column.name: column for column in contract.columns}
    known = known_names(contract)
    suspects: dict[str, dict[str, str]] = {}
    for names, dictionary in _dictionaries(path):
        own = known.get(normalised(".".join(names))) or known.get(normalised(names[-1]))
        kinds = dict(_suspects(dictionary, columns.get(own or "")))
        if kinds:
            suspects.setdefault(".".join(quoted(name) for name in names), {}).update(kinds)
    for sql, kinds in suspects.items():
        query = f"SELECT DISTINCT CAST({sql} AS VARCHAR) FROM read_parquet({quoted_path(path)}, hive_partitioning = false)"
        shown = {
            value for (value,) in connection.execute(f"{query} WHERE list_contains($1, CAST({sql} AS VARCHAR))", [list(kinds)]).fetchall()
        }
        yield from (kind for value, kind in kinds.items() if value not in shown)


def _suspects(dictionary: pa.Array, column: Column | None) -> Iterator[tuple[str, str]]:
    import pyarrow.compute as pc  # noqa: PLC0415 - only for Parquet

    look = closeness(column) if column is not None and column.type == "string" else FREE
    texts = dictionary.cast("string")
    maybe = pc.match_substring_regex(texts, f"{any_pattern(look)}|{DISGUISE}")
    for text in texts.filter(maybe).to_pylist():
        if kind := cell_class(text, column) if column is not None else value_class(text, FREE):
            yield text, kind


def own_schema(path: Path) -> pa.Schema:
    """The columns as the file names and types them. Arrow's errors pass."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - only for Parquet

    return pq.read_schema(path)


def has_duration(kind: pa.DataType) -> bool:
    """Whether values of this type, or of its members, are lengths of time."""
    import pyarrow as pa  # noqa: PLC0415 - only for Parquet

    return bool(pa.types.is_duration(kind)) or (pa.types.is_struct(kind) and any(has_duration(member.type) for member in kind))


def _dictionaries(path: Path) -> Iterator[tuple[tuple[str, ...], pa.Array]]:
    """The dictionaries of text columns, by the column's names from the outermost; of every group of rows only the first one is read."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - most receipts are told without it

    with pq.ParquetFile(path) as plain:
        schema = plain.schema
        texts = [schema.column(place).path for place in range(len(schema)) if schema.column(place).physical_type == "BYTE_ARRAY"]
    if not texts:
        return
    with pq.ParquetFile(path, read_dictionary=texts, buffer_size=READ_AT_ONCE, pre_buffer=False) as file:
        for group in range(file.num_row_groups):
            for batch in file.iter_batches(batch_size=1, row_groups=[group], columns=texts, use_threads=False):
                for name, array in zip(batch.schema.names, batch.columns, strict=True):
                    yield from _of_array((name,), array)
                break


def _of_array(names: tuple[str, ...], array: pa.Array) -> Iterator[tuple[tuple[str, ...], pa.Array]]:
    import pyarrow as pa  # noqa: PLC0415 - only for Parquet

    if pa.types.is_dictionary(array.type):
        yield names, array.dictionary
    elif pa.types.is_struct(array.type):
        for place, member in enumerate(array.type):
            yield from _of_array((*names, member.name), array.field(place))
