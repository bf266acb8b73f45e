"""The rooms that serve every feed alike know none of them by name: contracts, intake and landing take what the contract says."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from dagster_project.contracts import contracts
from dagster_project.home import PROJECT_ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODULES = sorted(path for room in ("contracts", "intake", "landing") for path in (PROJECT_ROOT / "dagster_project" / room).rglob("*.py"))
# A single word such as `partner` or `site` is also a word of the language and a fair name for a variable; a text that is
# nothing but that word is the feed.
# `partner` is what a refusal is called when the sender is unknown.
FEEDS = set(contracts()) - {"partner"}
# HL7 FHIR calls an element of a product, a kind of bundle and a kind of service so, too.
OF_FHIR = {"collection", "therapy"}
LONG = {feed for feed in FEEDS if "_" in feed}
# What the register remembers of an exception names its owner as a decision does.
OF_SIGHTINGS = {"owner_partner_id"}
COLUMNS = {column.name for held in contracts().values() for column in held.columns if column.name.count("_") > 1}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PROJECT_ROOT).as_posix())
def test_module_names_no_feed(path: Path) -> None:
    words = OF_FHIR if path.stem.startswith("fhir") else set()
    assert set(_texts(path)) & (FEEDS - words) == set()
    assert {feed for feed in LONG for word in (*_texts(path), *_names(path)) if feed in word} == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PROJECT_ROOT).as_posix())
def test_module_names_no_column_of_a_feed(path: Path) -> None:
    words = OF_SIGHTINGS if path.stem == "warehouse" else set()
    assert set(_texts(path)) & (COLUMNS - words) == set()


def _texts(path: Path) -> Iterator[str]:
    tree = _tree(path)
    docs = {id(node.body[0].value) for node in ast.walk(tree) if _has_docstring(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def _names(path: Path) -> Iterator[str]:
    return (node.id for node in ast.walk(_tree(path)) if isinstance(node, ast.Name))


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _has_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node, clean=False) is not None
