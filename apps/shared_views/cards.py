"""Small pieces of page as safe HTML: badges, cards, the KPI's band and trend as inline drawings. Everything from outside is escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from apps.shared_views import words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

BAND, TARGET, TREND = "#2F8FA0", "#C98A1B", "#2A8C8C"


def safe(text: str) -> str:
    """Text from outside, made harmless."""
    return escape(text, quote=True)


def shell(inner: str, *, dark: bool) -> str:
    """HTML in the colours of the reader's theme."""
    return f'<div class="{"vw-dark" if dark else "vw-light"}" style="--vw-ink:{"#E2EDEF" if dark else "#17343E"}">{inner}</div>'


def drawing(body: str, *, box: tuple[int, int], alt: str, width: str = "100%") -> str:
    """An inline drawing as an image: pages may not hold SVG elements, and an image cannot run anything."""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {box[0]} {box[1]}">{body}</svg>'
    return f'<img class="vw-drawing" style="width:{width}" alt="{escape(alt, quote=True)}" src="data:image/svg+xml;utf8,{quote(svg)}">'


def badge(word: str, symbol: str, tone: str) -> str:
    """A state as symbol, word and colour."""
    return f'<span class="vw-badge vw-{tone}"><span aria-hidden="true">{escape(symbol)}</span>{escape(word)}</span>'


def grid(cards: Sequence[str], *, least: str = "15rem", stretch: bool = False) -> str:
    """Cards side by side as far as the width allows, one below the other on a phone."""
    return f'<div class="vw-grid" style="--vw-min:{least};--vw-fit:{"auto-fit" if stretch else "auto-fill"}">{"".join(cards)}</div>'


def figure(label: str, value: str, note: str = "", unit: str = "") -> str:
    """One figure in words: what it is, how much, and what that means."""
    return (
        f'<div class="vw-card"><div class="vw-quiet">{escape(label)}</div><div class="vw-big">{escape(value)} '
        f'<span class="vw-unit">{escape(unit)}</span></div><div class="vw-quiet">{escape(note)}</div></div>'
    )


def feed(title: str, state: tuple[str, str, str], lines: Sequence[str]) -> str:
    """One feed of a partner: its state, and when it came and is due."""
    text = "".join(f"<div>{escape(line)}</div>" for line in lines if line)
    return f'<div class="vw-card"><div class="vw-head"><h4>{escape(title)}</h4>{badge(*state)}</div><div class="vw-quiet" style="margin-top:.4rem">{text}</div></div>'


def steps(title: str, rows: Sequence[str], *, wide: bool) -> str:
    """One activity of the planning cycle with its steps; one with many steps takes the room of two."""
    inner = f'<div class="vw-steps">{"".join(rows)}</div>'
    return f'<div class="vw-card{" vw-wide" if wide else ""}"><h4>{escape(title)}</h4>{inner}</div>'


def step(number: int, title: str, state: tuple[str, str, str], lines: Sequence[str]) -> str:
    """One step of the planning cycle: its number, name and state, and what is behind it."""
    text = "".join(f"<div>{escape(line)}</div>" for line in lines)
    return f'<div class="vw-step"><div class="vw-head"><b>{number}\u2002{escape(title)}</b>{badge(*state)}</div><div class="vw-quiet">{text}</div></div>'


def quiet(text: str) -> str:
    """A remark in small writing."""
    return f'<div class="vw-quiet">{escape(text)}</div>'


def who(name: str, row: Any) -> str:
    """One hospital, or one of its therapies, in a week: what it asks, what it gets, and why not all of it."""
    waits = float(row["waiting"]) > 0.05  # a tenth of a patient is the finest the screens show
    state = badge(f"{words.number(row['waiting'])} waiting", "!", "orange") if waits else badge("all can start", "✓", "green")
    note = str(row["reason"] or "") if waits else ""
    asks = f"{words.number(row['demand'])} new, {words.number(row['served'])} can start."
    return (
        f'<div class="vw-who"><div class="vw-row"><b>{escape(name)}</b>{state}</div>'
        f'<div class="vw-quiet">{escape(words.sentence(note)) if note else asks}</div></div>'
    )


def refusals(rows: Sequence[Mapping[Any, Any]]) -> str:
    """Refused rows with the way to repair each."""
    headings = {"row": "Row", "column": "Column", "found": "Found", "expected": "Expected", "hint": "How to fix it"}
    # What a partner typed is not told to the coordinator.
    if all(words.is_missing(row.get("found")) for row in rows):
        del headings["found"]
    return wrapped(rows, headings)


def wrapped(rows: Sequence[Mapping[Any, Any]], headings: Mapping[str, str]) -> str:
    """A table whose cells wrap, so that a sentence is never cut off; it scrolls inside itself. `headings`: name -> heading, in this order."""
    head = "".join(f"<th>{escape(name)}</th>" for name in headings.values())
    lines = "".join(
        "<tr>"
        + "".join(
            f'<td data-label="{escape(heading)}"{_whole(name)}>{_cell(row.get(name), name)}</td>' for name, heading in headings.items()
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="vw-scroll" tabindex="0"><table class="vw-refused"><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>'
    )


def _whole(name: str) -> str:
    # The name of a column is looked up by its sender: it must not break in its middle.
    return ' class="vw-name"' if name == "column" else ""


def _cell(value: Any, name: str) -> str:
    if words.is_missing(value):
        return "the file" if name == "column" else words.DASH
    return escape(str(int(value)) if isinstance(value, float) else str(value))


def verdict(status: str, headline: str, detail: str) -> str:
    """The header of a receipt: green, amber or red, always with its word."""
    return box(words.VERDICTS[status], headline, detail)


def effect(sentence: str, largest: Sequence[tuple[str, str, str, str]]) -> str:
    """What a plan changes: the sentence, and the rows that moved most, each with its value before and after."""
    rows = "".join(
        f"<li><span>{escape(row)}</span> <span class='vw-quiet'>{escape(column)}</span> <b>{escape(before)} → {escape(after)}</b></li>"
        for row, column, before, after in largest
    )
    listed = f'<div class="vw-quiet" style="margin-top:.5rem">Largest changes</div><ul class="vw-moves">{rows}</ul>' if rows else ""
    return f'<div class="vw-card"><div>{escape(sentence)}</div>{listed}</div>'


def box(state: tuple[str, str, str], headline: str, detail: str) -> str:
    """A statement that must not be overlooked: word, symbol and tone, what is the matter, and what to do."""
    word, symbol, tone = state
    return (
        f'<div class="vw-verdict vw-{tone}" role="status"><div class="vw-word">{symbol} {word}</div>'
        f"<div>{escape(headline)}</div><div class='vw-quiet'>{escape(detail)}</div></div>"
    )


def kpi(row: Any, trend: Sequence[float], trend_labels: tuple[str, str], *, ink: str) -> str:
    """One KPI: value and n, the band picture, the trend, and the definition to unfold."""
    value = words.measure(row["value"], row["unit"])
    amount, _, unit = value.partition(" ")
    facts = [f"{words.number(row['n'], decimals=0)} counted", _open(row), _interval(row), _beside(row)]
    return (
        f'<div class="vw-card"><div class="vw-head"><h4>{escape(row["kpi_name"])}</h4>{_standing(row)}</div>'
        f'<div class="vw-big">{escape(amount)} <span class="vw-unit">{escape(unit)}</span></div>'
        f'<div class="vw-quiet">{escape(" · ".join(fact for fact in facts if fact))}</div>'
        f"{band_picture(row, ink)}<div class='vw-quiet'>{escape(_benchmark(row))}</div>"
        f"{sparkline(trend, trend_labels, row['unit'])}{_definition(row)}</div>"
    )


def symbol_key(present: Sequence[str], colours: Mapping[str, Any], *, line: bool) -> str:
    """The constraint symbols as words and small drawings, for the line above a picture."""
    shapes = {
        "square": '<rect x="2" y="2" width="8" height="8"/>',
        "diamond": '<path d="M6 0 L11 6 L6 12 L1 6 Z"/>',
        "triangle-up": '<path d="M6 1 L11 11 L1 11 Z"/>',
        "triangle-down": '<path d="M6 11 L11 1 L1 1 Z"/>',
        "triangle-right": '<path d="M11 6 L1 11 L1 1 Z"/>',
        "circle": '<circle cx="6" cy="6" r="5"/>',
        "cross": '<path d="M4 1h4v3h3v4h-3v3h-4v-3h-3v-4h3z"/>',
    }
    items = ""
    for code in present:
        _, name, shape = words.CONSTRAINTS[code]
        body = f'<g fill="{colours[code]}">{shapes[shape]}</g>'
        items += f"<span>{drawing(body, box=(12, 12), alt='', width='12px')} {name}</span>"
    dashes = f'<line x1="0" y1="6" x2="22" y2="6" stroke="{colours["ink"]}" stroke-width="2" stroke-dasharray="5 3"/>'
    most = f"<span>{drawing(dashes, box=(22, 12), alt='', width='22px')} could start at most</span>" if line else ""
    short = f"<span>Short of:</span>{items}" if items else ""
    return f'<div class="vw-key">{most}{short}</div>'


def band_key(ink: str) -> str:
    """How to read the small pictures."""
    marks = (
        (f'<circle cx="9" cy="6" r="5" fill="{ink}"/>', "our value"),
        (f'<line x1="0" y1="6" x2="18" y2="6" stroke="{ink}" stroke-width="3"/>', "likely range"),
        (f'<rect x="0" y="1" width="18" height="10" rx="2" fill="{BAND}" fill-opacity=".4"/>', "published range"),
        (f'<path d="M9 2 l-6 9 h12 z" fill="{TARGET}"/>', "target"),
        (f'<polyline points="0,10 6,4 12,7 18,2" fill="none" stroke="{TREND}" stroke-width="2"/>', "by month"),
    )
    items = "".join(f"<span>{drawing(mark, box=(18, 12), alt='', width='18px')} {name}</span>" for mark, name in marks)
    return f'<div class="vw-key">{items}</div>'


def band_picture(row: Any, ink: str) -> str:
    """Value (dot), interval (line), target (triangle) and published band (bar) on one scale."""
    # A dot alone on its line says nothing that the figure does not.
    if words.is_missing(row["value"]) or all(words.is_missing(row[name]) for name in ("lower", "target", "benchmark_low")):
        return ""
    spot = _scale(row)
    parts = [f'<line x1="4" y1="16" x2="296" y2="16" stroke="{ink}" stroke-opacity=".3"/>']
    if not words.is_missing(row["benchmark_low"]) and not words.is_missing(row["benchmark_high"]):
        left, right = spot(row["benchmark_low"]), spot(row["benchmark_high"])
        parts.append(f'<rect x="{left - 1}" y="7" width="{max(right - left, 2) + 2}" height="18" rx="3" fill="{BAND}" fill-opacity=".4"/>')
    if not words.is_missing(row["lower"]) and not words.is_missing(row["upper"]):
        parts.append(f'<line x1="{spot(row["lower"])}" y1="16" x2="{spot(row["upper"])}" y2="16" stroke="{ink}" stroke-width="3"/>')
    if not words.is_missing(row["target"]):
        at = spot(row["target"])
        parts.append(
            f'<path d="M{at} 26 l-5 8 h10 z" fill="{TARGET}"/><line x1="{at}" y1="4" x2="{at}" y2="27" stroke="{TARGET}" stroke-width="2"/>'
        )
    parts.append(f'<circle cx="{spot(row["value"])}" cy="16" r="6" fill="{ink}"/>')
    return drawing("".join(parts), box=(300, 36), alt=f"{row['kpi_name']}: {words.measure(row['value'], row['unit'])}. {_benchmark(row)}")


def _scale(row: Any) -> Callable[[float], float]:
    """Figure to place on a scale that shows value, interval, target and band with room on both sides."""
    marks = [
        row[name] for name in ("value", "lower", "upper", "target", "benchmark_low", "benchmark_high") if not words.is_missing(row[name])
    ]
    least, most = min(marks), max(marks)
    room = (most - least) * 0.15 or abs(most) * 0.1 or 1.0
    least, most = max(0.0, least - room), most + room
    return lambda figure: round(10 + 280 * (float(figure) - least) / (most - least), 1)


def sparkline(values: Sequence[float], labels: tuple[str, str], unit: str) -> str:
    """The months as one line, with its first and last label and its range."""
    if len(values) < 2:
        return '<div class="vw-quiet">Too few months for a trend.</div>'
    least, most = min(values), max(values)
    reach = (most - least) or 1.0
    spots = [(round(6 + 288 * i / (len(values) - 1), 1), round(30 - 24 * (value - least) / reach, 1)) for i, value in enumerate(values)]
    path = " ".join(f"{x},{y}" for x, y in spots)
    x, y = spots[-1]
    body = f'<polyline points="{path}" fill="none" stroke="{TREND}" stroke-width="2"/><circle cx="{x}" cy="{y}" r="3.5" fill="{TREND}"/>'
    alt = f"By month from {words.measure(values[0], unit)} to {words.measure(values[-1], unit)}"
    return (
        f'<div style="margin-top:.5rem">{drawing(body, box=(300, 36), alt=alt)}</div><div class="vw-row vw-quiet"><span>{escape(labels[0])}</span>'
        f"<span>{escape(words.measure(least, unit))} to {escape(words.measure(most, unit))}</span><span>{escape(labels[1])}</span></div>"
    )


def _standing(row: Any) -> str:
    if words.is_missing(row["target"]) or words.is_missing(row["value"]):
        return badge("No target", "·", "gray")
    ahead = row["value"] <= row["target"] if row["direction"] == "lower" else row["value"] >= row["target"]
    return badge("Target met", "✓", "green") if ahead else badge("Target missed", "!", "orange")


def _open(row: Any) -> str:
    return "" if words.is_missing(row["n_open"]) or not row["n_open"] else f"{words.number(row['n_open'], decimals=0)} still open"


def _interval(row: Any) -> str:
    """Small counts carry their interval; larger ones show it only in the picture."""
    small = not words.is_missing(row["n"]) and row["n"] < 20  # the rule of the KPI catalogue
    if not small or words.is_missing(row["lower"]):
        return ""
    return f"likely between {words.measure(row['lower'], row['unit'])} and {words.measure(row['upper'], row['unit'])}"


def _beside(row: Any) -> str:
    if words.is_missing(row["km_value"]) or words.is_missing(row["completed_only_value"]):
        return ""
    return f"{words.measure(row['km_value'], row['unit'])} with the open cases, {words.measure(row['completed_only_value'], row['unit'])} without"


def _benchmark(row: Any) -> str:
    if words.is_missing(row["benchmark_low"]):
        published = "No published benchmark"
    elif row["benchmark_low"] == row["benchmark_high"]:
        published = f"Published: {words.measure(row['benchmark_low'], row['unit'])}"
    else:
        published = f"Published: {words.measure(row['benchmark_low'], row['unit'])} to {words.measure(row['benchmark_high'], row['unit'])}"
    if words.is_missing(row["target"]):
        return f"{published}."
    return f"{published}. Target: {words.measure(row['target'], row['unit'])}."


def _definition(row: Any) -> str:
    better = {"lower": "Lower is better.", "zero": "Nearest to 0 is better."}.get(row["direction"], "Higher is better.")
    pairs = [
        ("Open cases", "censoring_rule"),
        ("Interval", "interval_method"),
        ("Percentile", "percentile_method"),
        ("Target set by", "target_set_by"),
        ("Benchmark from", "benchmark_source"),
    ]
    lines = [f"<div><b>{name}:</b> {escape(str(row[column]))}</div>" for name, column in pairs if not words.is_missing(row[column])]
    return f"<details><summary>How it is counted</summary><div>{escape(words.sentence(str(row['definition'])))} {better}</div>{''.join(lines)}</details>"
