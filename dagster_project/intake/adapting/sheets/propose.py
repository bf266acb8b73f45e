"""A mapping proposed from the headers and values of a sender's own sheet, with its reasons, for a person to confirm."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from dagster_project import register
from dagster_project.contracts import contract as contract_of
from dagster_project.intake import limits
from dagster_project.intake.adapting.language.model import MappingError, parse_mapping, read_mapping
from dagster_project.intake.adapting.sheets.fitting import Fit, fit
from dagster_project.intake.adapting.sheets.glance import glance
from dagster_project.intake.adapting.sheets.mapping import kept_folder, mapping_path
from dagster_project.intake.engine import cursor
from dagster_project.intake.reading.content import kind_of, open_content, survey
from dagster_project.intake.reading.read import File
from dagster_project.intake.reading.unwrap import unwrapped
from dagster_project.intake.receipt import FileRefusedError
from dagster_project.intake.workshop import run
from dagster_project.register.partners import is_partner_id

if TYPE_CHECKING:
    from pathlib import Path

    from dagster_project.contracts import Contract
    from dagster_project.intake.adapting.language.model import Mapping
    from dagster_project.intake.adapting.sheets.looks import Values

LEAST_CONFIDENCE = 0.4
KIND = "mapping"
VERSION_LINE = re.compile(r"^version:.*$", re.MULTILINE)


@dataclass(frozen=True)
class Proposal:
    """What `propose` found.

    `missing` are required columns of the contract that nothing fits, `left_out` the optional ones; `ignored` are headers that nothing
    reads. Until each missing column has a source the mapping cannot be used.
    """

    name: str
    feed: str
    fits: tuple[Fit, ...]
    missing: tuple[str, ...]
    left_out: tuple[str, ...]
    ignored: tuple[str, ...]

    def text(self) -> str:
        """The mapping as YAML, with the reasons as comments; what is missing stands there as a question."""
        lines = [f"# Proposed for {self.name} from a file's headers and values. Check every line before it is kept.", "version: 1.0.0"]
        lines += [f"feed: {self.feed}", "columns:"]
        for each in self.fits:
            remarks = "; ".join([f"{each.confidence:.0%}", *each.evidence, *(f"CHECK: {doubt}" for doubt in each.doubts)])
            lines += [f"  # {remarks}", f"  {each.mapping.column}: {_inline(_terms(each))}"]
        lines += [f"  # {column}: {{from: …}}   nothing in the file fits; the contract requires it" for column in self.missing]
        return "\n".join([*lines, f"ignored: {_inline(list(self.ignored))}", ""])

    def mapping(self) -> Mapping:
        """The mapping itself. MappingError, naming what is missing, when it cannot be used as it is."""
        return parse_mapping(self.text(), name=self.name)


def propose(data: Path | bytes, *, feed: str, partner: str = "partner") -> Proposal:
    """A mapping from the sheet to the feed for a person to confirm; nothing is kept.

    FileRefusedError when the file cannot be read as a table or has a column for direct identifiers, LookupError for an unknown feed,
    OSError when the path cannot be read, UnfinishedError when reading takes too long.
    """
    contract_of(feed)
    content = open_content(data)
    seconds = limits.READ_SECONDS + limits.READ_SECONDS_PER_MEGABYTE * content.size / limits.MEGABYTE
    found = run(_look_at, data, feed, seconds=seconds)
    if isinstance(found, FileRefusedError):
        raise found
    return _proposal(found, contract_of(feed), f"{partner}/{feed}")


def keep(text: str, *, partner: str, feed: str) -> Path:
    """Store a confirmed mapping for the partner, with an entry in the ledger; returns where. MappingError when it cannot be used.

    The next file of the partner for the feed is read by it. ValueError when the partner is not registered.
    """
    if not is_partner_id(partner) or register.partner_role(partner) is None:
        raise ValueError(f"{partner!r} is no registered partner: veinway partner add {partner} --role ROLE")
    text = _renumbered(text, partner, feed)
    mapping = parse_mapping(text, name=f"{partner}/{feed}")
    path = kept_folder() / partner / f"{feed}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_suffix(".new")
    written.write_text(text, encoding="utf-8")
    written.replace(path)
    register.append(
        KIND, mapping.name, {"version": mapping.version, "feed": feed, "partner_id": partner, "text": text}, dt.datetime.now(dt.UTC)
    )
    return path


def _renumbered(text: str, partner: str, feed: str) -> str:
    """The mapping with a version of its own: a receipt names the mapping it was read by, and must never mean two."""
    mapping = parse_mapping(text, name=f"{partner}/{feed}")
    path = mapping_path(partner, feed)
    if path is None or path.read_text(encoding="utf-8") == text:
        return text
    try:
        held = read_mapping(path).version
    except MappingError:
        return text
    if [int(part) for part in mapping.version.split(".")] > [int(part) for part in held.split(".")]:
        return text
    major, minor, _ = held.split(".")
    return VERSION_LINE.sub(f"version: {major}.{int(minor) + 1}.0", text, count=1)


def _look_at(data: Path | bytes, feed: str) -> list[Values] | FileRefusedError:
    """The columns of the file. The refusal comes back as a value: only values leave a worker."""
    content = open_content(data)
    try:
        with cursor() as connection, unwrapped(content) as (inner, _), inner.open_path() as path:
            return glance(connection, File(inner, path, survey(inner), kind_of(inner), None), contract_of(feed))
    except FileRefusedError as refused:
        return refused


def _proposal(columns: list[Values], contract: Contract, name: str) -> Proposal:
    """Each column of the contract with the header that fits it best, the surest first; no header twice."""
    offers = [(found, column) for column in contract.columns for values in columns if (found := fit(values, column))]
    taken: dict[str, Fit] = {}
    used: set[str] = set()
    for found, column in sorted(offers, key=lambda offer: -offer[0].confidence):
        if found.confidence >= LEAST_CONFIDENCE and column.name not in taken and found.header not in used:
            taken[column.name] = found
            used.add(found.header)
    rest = [column for column in contract.columns if column.name not in taken]
    return Proposal(
        name=name,
        feed=contract.feed,
        fits=tuple(taken[column.name] for column in contract.columns if column.name in taken),
        missing=tuple(column.name for column in rest if column.required),
        left_out=tuple(column.name for column in rest if not column.required),
        ignored=tuple(values.header for values in columns if values.header not in used),
    )


def _terms(each: Fit) -> dict[str, Any]:
    """The terms of a column as the mapping file has them: only those that say something."""
    of = each.mapping
    terms = {
        "from": each.header,
        "dates": list(of.dates),
        "decimal": of.decimal,
        "unit": of.unit,
        "values": of.values,
        "not_captured": list(of.not_captured),
    }
    return {term: value for term, value in terms.items() if value}


def _inline(value: Any) -> str:
    """A value as YAML on one line."""
    return str(yaml.safe_dump(value, default_flow_style=True, width=float("inf"), allow_unicode=True, sort_keys=False)).strip()
