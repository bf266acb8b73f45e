"""Publishing: the reports of the warehouse become one file per audience, all of them or none."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project.contracts import contracts
from dagster_project.editions.content import METHOD, content
from dagster_project.editions.inputs import code_version, inputs_of
from dagster_project.editions.store import edition_id_of, make_current, plans_later, prune, read_manifest, remove_drafts, sync
from dagster_project.landing.warehouse import half_the_memory
from dagster_project.sharing import Audience, Report, audiences, views_for

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import date, datetime
    from pathlib import Path

    from dagster_project.editions.inputs import Inputs
    from dagster_project.home import Home

Manifest = dict[str, Any]
# Not part of what the id is made of: when it was made, and bytes that DuckDB may lay out differently.
UNHASHED = ("edition_id", "created_at", "files")


@dataclass(frozen=True)
class Published:
    """The edition that is current now. `is_new` is False when the same one was there already."""

    edition_id: str
    manifest: Manifest
    is_new: bool


def publish(  # noqa: PLR0913 - what a run knows of its edition, each by its name
    home: Home,
    *,
    planning_date: date,
    created_at: datetime,
    append: Callable[[str, Manifest], None],
    tests: Mapping[str, str] | None = None,
    consensus: Mapping[str, Any] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Published:
    """Publish the warehouse's reports as an edition: the current one, unless the current one plans a later date.

    `tests` are the results of the build (name -> status). `consensus` says who agreed on this plan; without it the edition is a draft. `append(edition_id, body)` writes the ledger entry and must do
    nothing when the edition has one. A kill at any moment leaves the former edition current; the next run completes.
    """
    home.editions.mkdir(parents=True, exist_ok=True)
    remove_drafts(home.editions)
    draft = home.editions / f".draft-{uuid.uuid4().hex}"
    draft.mkdir()
    con = _attach(home)
    try:
        inputs = _inputs(con, planning_date, (consensus or {}).get("counted", ()))
        body = _body(planning_date, inputs, tests or {}) | kind_of(consensus) | {"audiences": _write_audiences(con, draft, progress)}
    finally:
        con.close()
    (draft / "inputs.txt").write_text("".join(f"{one}\n" for one in inputs.submission_ids), encoding="ascii")
    edition_id = edition_id_of(body)
    manifest = body | {"edition_id": edition_id, "created_at": created_at.isoformat(), "files": _files(draft)}
    (draft / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    (draft / "manifest.json").chmod(0o444)
    is_new = _put_in_place(draft, home.editions / edition_id)
    manifest = read_manifest(home.editions / edition_id)
    # The ledger first: a run killed between the two comes back here, because the edition is not current yet.
    append(edition_id, ledger_body(home.editions / edition_id))
    # A plan of a past date is for looking back: it must not take the place of today's.
    if not plans_later(home.editions, planning_date):
        make_current(home.editions, edition_id)
    prune(home.editions)
    return Published(edition_id, manifest, is_new)


def kind_of(consensus: Mapping[str, Any] | None) -> Manifest:
    """What the manifest says about agreement: a draft of whoever ran it, or what partners agreed on."""
    return {"kind": "consensus", "consensus": dict(consensus)} if consensus else {"kind": "draft"}


def ledger_body(edition: Path) -> Manifest:
    """What the ledger keeps of an edition: enough to notice any byte that changes later."""
    manifest = read_manifest(edition)
    return {
        "edition_id": edition.name,
        "planning_date": manifest["planning_date"],
        "kind": manifest.get("kind", "draft"),
        "manifest_sha256": hashlib.sha256((edition / "manifest.json").read_bytes()).hexdigest(),
        "audiences": len(manifest["audiences"]),
        "submissions": manifest["inputs"]["submissions"],
    }


def _attach(home: Home) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(":memory:", config={"autoinstall_known_extensions": False, "memory_limit": half_the_memory()})
    con.execute("SET GLOBAL TimeZone = 'UTC'")
    con.execute(f"SET GLOBAL temp_directory = {_literal(home.root / 'warehouse_tmp')}")
    # Under its own name, because views in it name the file they were made in.
    con.execute(f"ATTACH {_literal(home.warehouse)} AS warehouse (READ_ONLY)")
    return con


def _inputs(con: duckdb.DuckDBPyConnection, planning_date: date, counted: Collection[str]) -> Inputs:
    rows = con.execute("SELECT submission_id, as_of FROM warehouse.landing.submission").fetchall()
    came = con.execute("SELECT submission_id, sent_at FROM warehouse.landing.sending").fetchall()
    receipts = ({"submission_id": one, "as_of": as_of} for one, as_of in rows)
    return inputs_of(
        receipts, planning_date, sendings=({"submission_id": one, "sent_at": sent_at} for one, sent_at in came), counted=counted
    )


def _body(planning_date: date, inputs: Inputs, tests: Mapping[str, str]) -> Manifest:
    return {
        "planning_date": planning_date.isoformat(),
        "data_as_of": inputs.data_as_of.isoformat() if inputs.data_as_of else None,
        "code_version": code_version(),
        "inputs": {"submissions": len(inputs.submission_ids), "sha256": inputs.sha256},
        "contracts": {feed: terms.version for feed, terms in contracts().items()},
        "tests": dict(sorted(tests.items())),
        "content_by": METHOD,
    }


def _write_audiences(con: duckdb.DuckDBPyConnection, draft: Path, progress: Callable[[str, int, int], None] | None) -> Manifest:
    partners = con.execute("SELECT DISTINCT partner_id, role FROM warehouse.staging.stg_partner WHERE is_current").fetchall()
    everyone = audiences({"partner_id": partner_id, "role": role} for partner_id, role in partners)
    columns = _report_columns(con)
    written: Manifest = {}
    # Role by role: each report is worked out once, then every audience of the role takes its part.
    for role, group in groupby(sorted(everyone, key=lambda one: (one.role, one.name)), key=lambda one: one.role):
        members, reports = list(group), views_for(role, columns)
        is_shared = len(members) > 1
        if is_shared:
            _work_out(con, reports)
        for audience in members:
            written[audience.name] = _write_audience(con, draft, audience, columns, is_worked_out=is_shared)
            if progress:
                progress(audience.name, len(written), len(everyone))
        for report in reports if is_shared else []:
            con.execute(f'DROP TABLE memory.main."{report.model}"')
    return written


def _report_columns(con: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    columns: dict[str, set[str]] = {}
    sql = "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'warehouse' AND schema_name = 'reports'"
    for table, column in con.execute(sql).fetchall():
        columns.setdefault(table, set()).add(column)
    return columns


# In the three statements below names come from the catalogue and match views_for's pattern, so they need no escaping.


def _work_out(con: duckdb.DuckDBPyConnection, reports: list[Report]) -> None:
    for report in reports:
        # In the order of all columns, the partner's first: one partner's rows lie together, and each audience finds its part sorted.
        con.execute(f'CREATE TABLE memory.main."{report.model}" AS SELECT * FROM warehouse.reports."{report.model}" ORDER BY ALL')


def _write_audience(
    con: duckdb.DuckDBPyConnection, draft: Path, audience: Audience, columns: dict[str, set[str]], *, is_worked_out: bool
) -> Manifest:
    con.execute(f"ATTACH {_literal(draft / f'{audience.name}.duckdb')} AS audience")
    try:
        tables = {}
        for report in views_for(audience.role, columns):
            source = f'memory.main."{report.model}"' if is_worked_out else f'warehouse.reports."{report.model}"'
            _copy(con, report, source, audience.partner_id if "partner_id" in columns[report.model] else None, is_sorted=is_worked_out)
            tables[report.view] = content(con, f'audience.main."{report.view}"')
    finally:
        con.execute("DETACH audience")
    return {"role": audience.role, "partner_id": audience.partner_id, "tables": tables}


def _copy(con: duckdb.DuckDBPyConnection, report: Report, source: str, partner_id: str | None, *, is_sorted: bool) -> None:
    where, values = ("", {}) if partner_id is None else ("WHERE partner_id = $partner_id", {"partner_id": partner_id})
    order = "" if is_sorted else "ORDER BY ALL"
    con.execute(f'CREATE TABLE audience.main."{report.view}" AS SELECT * FROM {source} {where} {order}', values)


def _files(draft: Path) -> Manifest:
    files = {}
    for path in sorted(draft.iterdir()):
        path.chmod(0o444)
        with path.open("rb") as file:
            files[path.name] = {"sha256": hashlib.file_digest(file, "sha256").hexdigest(), "bytes": path.stat().st_size}
    return files


def _put_in_place(draft: Path, edition: Path) -> bool:
    """Give the finished draft its name. False when that edition is there, whole, already; a damaged one is replaced."""
    for path in [*draft.iterdir(), draft]:
        sync(path)
    if edition.exists():
        if is_whole(edition):
            shutil.rmtree(draft)
            return False
        edition.rename(draft.with_name(f".draft-damaged-{edition.name}"))
    os.rename(draft, edition)  # noqa: PTH104 - the crash tests stop here
    sync(edition.parent)
    remove_drafts(edition.parent)
    return True


def is_whole(edition: Path) -> bool:
    """Whether every file of an edition is there with the bytes its manifest names."""
    return not changed_files(edition)


def changed_files(edition: Path) -> list[str]:
    """Files of an edition that are missing, added or not as published, sorted."""
    try:
        named = {name: entry["sha256"] for name, entry in read_manifest(edition)["files"].items()}
    except (LookupError, ValueError):
        return ["manifest.json"]
    found = {}
    for path in edition.iterdir():
        with path.open("rb") as file:
            found[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    found.pop("manifest.json")
    return sorted(name for name in named.keys() | found.keys() if named.get(name) != found.get(name))


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
