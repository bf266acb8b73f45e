"""A contract in memory: the columns, rules and terms of one feed, read from its ODCS 3.1 file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

from dagster_project.home import PROJECT_ROOT

if TYPE_CHECKING:
    from pathlib import Path

CONTRACTS_FOLDER = PROJECT_ROOT / "partner_feeds" / "contracts"
SUFFIX = ".odcs.yaml"
TYPES = frozenset({"string", "number", "integer", "boolean", "date", "timestamp"})


@dataclass(frozen=True)
class Column:
    """One column of a feed.

    `type` is one of string, number, integer, boolean, date, timestamp. `identifier` names a check
    of `identifiers.py` (gln, gtin, sscc, din, coi, iso_week) or is None. `reference` is (feed, column).
    `decimal` is the sign before decimals in texts of a partner's own sheet, where its mapping names one.
    """

    name: str
    type: str
    description: str
    required: bool
    unique: bool
    is_key: bool
    identifier: str | None
    unit: str | None
    minimum: float | None
    maximum: float | None
    max_length: int | None
    pattern: str | None
    allowed: tuple[str, ...]
    examples: tuple[Any, ...]
    reference: tuple[str, str] | None
    classification: str
    synonyms: tuple[str, ...]
    decimal: str | None = None


@dataclass(frozen=True)
class Rule:
    """One rule over the columns of a row, or of rows of the same file. `form` names how `arguments` are read."""

    name: str
    form: str
    arguments: Any
    options: dict[str, Any]
    description: str
    severity: str


@dataclass(frozen=True, eq=False)
class Contract:
    """One feed's contract, compared by identity: each feed is loaded once.

    `delivery` is `snapshot` (a file restates the plan of its scope and period) or `events` (a row replaces
    the earlier row of the same key). `cadence` is a cron line in the sender's zone, or None.
    `owner_site` names the column with a site that must be the sender's own, or is None.
    """

    feed: str
    version: str
    title: str
    purpose: str
    grain: str
    limitations: str
    owner: str
    senders: tuple[str, ...]
    delivery: str
    period: str | None
    scope: str | None
    owner_site: str | None
    cadence: str | None
    refusal_policy: str
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the key columns, in key order."""
        return tuple(column.name for column in self.columns if column.is_key)

    def column(self, name: str) -> Column:
        """The column called `name`; KeyError when the contract has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def feeds() -> list[str]:
    """Names of all feeds that have a contract, sorted."""
    return sorted(path.name.removesuffix(SUFFIX) for path in CONTRACTS_FOLDER.glob(f"*{SUFFIX}"))


@cache
def contract(feed: str) -> Contract:
    """The contract of `feed`. LookupError, naming the feeds there are, when it has none."""
    path = CONTRACTS_FOLDER / f"{feed}{SUFFIX}"
    if feed not in feeds():
        raise LookupError(f"There is no feed called {feed!r}. The feeds are: {', '.join(feeds())}.")
    return read_contract(path)


def contracts() -> dict[str, Contract]:
    """Every contract by feed name."""
    return {feed: contract(feed) for feed in feeds()}


def read_contract(path: Path) -> Contract:
    """Read one ODCS file. ValueError, naming file and place, when a term is missing or unknown."""
    # The C loader is the same safe loader, ten times faster.
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    try:
        return _contract(document)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise ValueError(f"{path.name}: the contract cannot be read: {type(error).__name__}: {error}") from error


def _contract(document: dict[str, Any]) -> Contract:
    table = document["schema"][0]
    terms = _custom(document)
    schedule = next((sla for sla in document.get("slaProperties", []) if sla["property"] == "frequency"), None)
    return Contract(
        feed=document["name"],
        version=document["version"],
        title=table["businessName"],
        purpose=document["description"]["purpose"],
        grain=table["dataGranularityDescription"],
        limitations=document["description"].get("limitations", ""),
        owner=document["team"]["name"],
        senders=tuple(terms["senders"]),
        delivery=terms["delivery"],
        period=terms.get("period"),
        scope=terms.get("scope"),
        owner_site=terms.get("owner_site"),
        cadence=schedule["schedule"] if schedule else None,
        refusal_policy=terms["refusal_policy"],
        columns=tuple(_column(item) for item in table["properties"]),
        rules=tuple(_rule(item) for item in table.get("quality", [])),
    )


def _column(item: dict[str, Any]) -> Column:
    if item["logicalType"] not in TYPES:
        raise ValueError(f"column {item['name']} has the unknown type {item['logicalType']}")
    options, terms = item.get("logicalTypeOptions", {}), _custom(item)
    allowed = next((q["arguments"]["validValues"] for q in item.get("quality", []) if q.get("metric") == "invalidValues"), ())
    reference = next((r["to"].split(".", 1) for r in item.get("relationships", [])), None)
    return Column(
        name=item["name"],
        type=item["logicalType"],
        description=item["description"],
        required=bool(item.get("required")),
        unique=bool(item.get("unique")),
        is_key=bool(item.get("primaryKey")),
        identifier=terms.get("identifier"),
        unit=terms.get("unit"),
        minimum=options.get("minimum"),
        maximum=options.get("maximum"),
        max_length=options.get("maxLength"),
        pattern=options.get("pattern"),
        allowed=tuple(str(value) for value in allowed),
        examples=tuple(item.get("examples", ())),
        reference=(reference[0], reference[1]) if reference else None,
        classification=item.get("classification", "internal"),
        synonyms=tuple(terms.get("synonyms", ())),
    )


def _rule(item: dict[str, Any]) -> Rule:
    implementation = dict(item["implementation"])
    form = next(iter(implementation))
    arguments = implementation.pop(form)
    return Rule(item["name"], form, arguments, implementation, item["description"], item.get("severity", "error"))


def _custom(item: dict[str, Any]) -> dict[str, Any]:
    return {entry["property"]: entry["value"] for entry in item.get("customProperties", [])}
