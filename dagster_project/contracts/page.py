"""The documentation page of a feed, written from its contract for the person who prepares the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dagster_project.contracts.suite import not_covered
from dagster_project.contracts.template import cell_text, range_words, type_words
from dagster_project.home import PROJECT_ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dagster_project.contracts.model import Column, Contract, Rule

HEADING = "<!-- Written from partner_feeds/contracts by `veinway contracts derive`. Change the contract, not this page. -->\n"
DAYS = {"MON": "Monday", "TUE": "Tuesday", "WED": "Wednesday", "THU": "Thursday", "FRI": "Friday", "SAT": "Saturday", "SUN": "Sunday"}
SENDERS = {
    "hospital": "hospitals",
    "plant": "manufacturing plants",
    "supplier": "vector and material suppliers",
    "courier": "couriers",
    "operator": "the network operator",
}
ADAPTERS = PROJECT_ROOT / "partner_feeds" / "adapters"
STANDARDS = {"epcis": "GS1 EPCIS 2.0", "fhir": "HL7 FHIR R4", "veinway_agreement": "an agreement document"}
CLASSES = {"pseudonym": "Pseudonyms of persons or of what was made for them", "care_date": "Dates of care"}


def page(contract: Contract, sample: str | None = None) -> str:
    """The Markdown page of one feed; `sample` is the beginning of a good CSV file, else the contract's examples stand in."""
    parts = [
        f"{HEADING}# {contract.title}\n",
        f"{contract.purpose}\n",
        _facts(contract),
        "## Columns\n",
        _columns(contract),
        "## Rules\n",
        _rules(contract),
        "## An example\n",
        _example(contract, sample),
        "## Corrections and new versions\n",
        _corrections(contract),
        "## Personal data\n",
        f"{contract.limitations} {_personal(contract)}\n",
        "## Send it\n",
        _send(contract),
    ]
    return "\n".join(parts)


def index(contracts: Iterable[Contract]) -> str:
    """The Markdown page that lists all feeds by who sends them."""
    held = sorted(contracts, key=lambda contract: contract.feed)
    parts = [
        f"{HEADING}# Feeds by sender\n",
        f"{len(held)} feeds, each with one contract. A page says what to send, when, and what is checked.\n",
    ]
    senders = sorted({sender for contract in held for sender in contract.senders}, key=_sender_order)
    for sender in senders:
        rows = [[f"[{item.title}]({item.feed}.md)", due_words(item), item.purpose] for item in held if sender in item.senders]
        parts += [f"## Sent by {SENDERS.get(sender, sender)}\n", _table(["feed", "due", "what it tells"], rows)]
    return "\n".join(parts)


def due_words(contract: Contract) -> str:
    """When a feed is due: a cron line of the form `minute hour * * DAY` in words; any other line as it is."""
    if contract.cadence is None:
        return "whenever there is something new" if contract.delivery == "events" else "whenever it changes"
    minute, hour, *date, day = contract.cadence.split()
    if date == ["*", "*"] and day in DAYS and minute.isdigit() and hour.isdigit():
        return f"every {DAYS[day]} by {int(hour):02d}:{int(minute):02d}, your local time"
    return f"on the schedule `{contract.cadence}`, your local time"


def rule_words(rule: Rule) -> str:
    """What a row rule compares, column by column, in one sentence; its description says why."""
    return RULE_WORDS[rule.form](rule) if rule.form in RULE_WORDS else f"`{rule.form}` of {rule.arguments}."


def _facts(contract: Contract) -> str:
    senders = " and ".join(SENDERS.get(sender, sender) for sender in contract.senders)
    rows = [
        ["One row", contract.grain],
        ["Sent by", senders],
        ["Due", due_words(contract)],
        ["Looked after by", contract.owner],
        ["Feed name", f"`{contract.feed}`"],
        ["Contract version", contract.version],
    ]
    return _table(["", ""], rows)


def _columns(contract: Contract) -> str:
    legend = "**Bold** columns together name a row: no two rows of a file share them. The order of columns in your file does not matter.\n"
    rows = [
        [
            f"**{column.name}**" if column.is_key else column.name,
            type_words(column) + (f", in {column.unit}" if column.unit else ""),
            "yes" if column.required else "",
            _limits(column),
            ", ".join(f"`{cell_text(value)}`" for value in column.examples),
            column.description + _points_to(column),
        ]
        for column in contract.columns
    ]
    return f"{legend}\n{_table(['column', 'type', 'required', 'allowed', 'example', 'meaning'], rows)}{_exact_forms(contract)}"


def _limits(column: Column) -> str:
    allowed = ", ".join(f"`{value}`" for value in column.allowed)
    pattern = "a code like the example" if column.pattern else ""
    unique = "no value twice" if column.unique and not column.is_key else ""
    return "; ".join(part for part in (allowed, range_words(column), pattern, unique) if part)


def _exact_forms(contract: Contract) -> str:
    forms: dict[str, list[str]] = {}
    for column in contract.columns:
        if column.pattern:
            forms.setdefault(column.pattern, []).append(column.name)
    if not forms:
        return ""
    lines = [f"{_and(names)} `{pattern}`" for pattern, names in forms.items()]
    return f"\nFor a program that writes the file, the exact form of codes: {'; '.join(lines)}.\n"


def _points_to(column: Column) -> str:
    if column.reference is None:
        return ""
    feed, name = column.reference
    return f" A {name} of [{feed}]({feed}.md)."


def _rules(contract: Contract) -> str:
    own = [_own_sites(contract.owner_site)] if contract.owner_site else []
    if not contract.rules:
        return "\n".join(["Beyond types, required columns, allowed values and ranges there is no further rule.", *own]) + "\n"
    only = {"warning": " Only a warning: the row is taken."}
    lines = [f"- **{rule.name}**: {rule.description} {rule_words(rule)}{only.get(rule.severity, '')}" for rule in contract.rules]
    left = not_covered(contract)
    door_only = [f"\nChecked at the door only, not a second time in the pipeline: {_and([rule.name for rule, _ in left])}."] if left else []
    return "\n".join([*lines, *door_only, *own]) + "\n"


def _own_sites(column: str) -> str:
    return (
        f"\nRows must speak of your own sites: a row whose {column} is not a site of yours in the operator's [list of sites](site.md) "
        "is kept, but no plan uses it. Your desk says so after the next plan."
    )


def _example(contract: Contract, sample: str | None) -> str:
    if sample:
        return f"The beginning of a good file, as CSV:\n\n```csv\n{sample.strip()}\n```\n"
    names = ",".join(column.name for column in contract.columns)
    cells = ",".join(_csv_cell(column.examples[0]) if column.examples else "" for column in contract.columns)
    return f"Each cell shows one possible value:\n\n```csv\n{names}\n{cells}\n```\n"


def _csv_cell(value: Any) -> str:
    text = cell_text(value)
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\n') else text


def _corrections(contract: Contract) -> str:
    refused = "Rows that break a rule are refused and come back on the receipt with row, column and reason; the good rows are taken. "
    if contract.refusal_policy != "accept_good_rows":
        refused = "One row that breaks a rule refuses the whole file; the receipt says which row, column and reason. "
    if contract.delivery == "events":
        return f"{refused}Send a row again with the same {_and(list(contract.key))} to correct it: the newest one counts, the earlier one is kept.\n"
    whole = f"for the {contract.scope} and " if contract.scope and contract.period else ""
    if contract.period:
        reach = f"It replaces your earlier rows {whole}for every {contract.period} between the first and the last one in the file"
    elif contract.scope:
        reach = f"It replaces all your earlier rows for each {contract.scope} in the file"
    else:
        reach = "It replaces all your earlier rows"
    return f"{refused}Send the whole plan each time. {reach}, so a row you leave out is withdrawn. Earlier versions are kept.\n"


def _personal(contract: Contract) -> str:
    marked = {words: [column.name for column in contract.columns if column.classification == kind] for kind, words in CLASSES.items()}
    listed = " ".join(f"{words}: {', '.join(names)}." for words, names in marked.items() if names) or "No column concerns a person."
    return f"{listed} A file with a name, a birth date, a record number or the like is refused whole, and the value is kept nowhere."


def _send(contract: Contract) -> str:
    lines = [
        f"veinway template {contract.feed} --format xlsx   # an empty workbook with lists and explanations",
        f"veinway check my-file.xlsx --feed {contract.feed}   # what would be refused; nothing is kept",
        f"veinway submit my-file.xlsx --feed {contract.feed} --partner my-partner-id",
    ]
    kinds = _and(["CSV", "XLSX", "JSON", "NDJSON", "Parquet", *_standards(contract)])
    return "```sh\n" + "\n".join(lines) + f"\n```\n\nTaken as {kinds}. [All feeds](README.md)\n"


def _standards(contract: Contract) -> list[str]:
    """The standards whose documents have an adapter to this feed."""
    folders = sorted(path.parent.name for path in ADAPTERS.glob(f"*/{contract.feed}.yaml"))
    return [STANDARDS.get(name, name.upper().replace("_", " ")) for name in folders]


def _ascending(rule: Rule) -> str:
    sign = " < " if rule.options.get("strictly") else " ≤ "
    return f"(`{sign.join(rule.arguments)}`, where filled)"


def _when(rule: Rule) -> str:
    return " and ".join(f"{column} is {' or '.join(f'`{value}`' for value in values)}" for column, values in rule.arguments["when"].items())


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _group(rule: Rule) -> str:
    return _and(rule.arguments["group"])


RULE_WORDS: dict[str, Callable[[Rule], str]] = {
    "ascending": _ascending,
    "required_when": lambda rule: f"({rule.arguments['column']} must be filled when {_when(rule)})",
    "empty_when": lambda rule: f"({rule.arguments['column']} must be empty when {_when(rule)})",
    "longest": lambda rule: f"(at most {rule.arguments['hours']} hours from {rule.arguments['from']} to {rule.arguments['to']})",
    "not_before_week_of_submission": lambda rule: (
        f"({rule.arguments['column']} is not before the Monday of the week in which you send the file)"
    ),
    "not_after_submission": lambda rule: f"({rule.arguments['column']} is not later than the moment you send the file)",
    "of_sender": lambda rule: f"({rule.arguments['column']} is the role of the partner that sends the file)",
    "unique": lambda rule: f"(no two rows share {_and(rule.arguments)})",
    "no_overlap": lambda rule: f"(for the same {_group(rule)}, {rule.arguments['start']} to {rule.arguments['end']}, both days included)",
    "no_gap": lambda rule: f"(for the same {_group(rule)}, {rule.arguments['column']} counts up by one)",
    "increasing": lambda rule: (
        f"(for the same {_group(rule)}, {rule.arguments['column']} does not go back as {rule.arguments['order']} counts up)"
    ),
    "decreasing": lambda rule: (
        f"(for the same {_group(rule)}, {rule.arguments['column']} does not go up as {rule.arguments['order']} counts up)"
    ),
    "adjoining": lambda rule: (
        f"(for the same {_group(rule)}, {rule.arguments['from']} is 1 at first and then one more than the {rule.arguments['to']} of the row before)"
    ),
    "follows": lambda rule: f"(for the same {_group(rule)}, {rule.arguments['from']} is the {rule.arguments['to']} of the row before)",
    "same_within": lambda rule: f"(rows of the same {_group(rule)} have the same {rule.arguments['column']})",
    "in_step_order": lambda rule: f"({' → '.join(rule.arguments['order'])})",
    "sql": lambda rule: f"(`{rule.arguments}`, where filled)",
}


def _sender_order(sender: str) -> tuple[int, str]:
    known = list(SENDERS)
    return (known.index(sender) if sender in known else len(known), sender)


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)
