"""Pages of what the suites found: one self-contained HTML page per feed and an index, for a person with a browser and no internet.

GX's own pages fetch styles and scripts from five hosts, which an air-gapped hospital does not have.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from dagster_project.contracts.suite import SuiteResult

STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #8886;vertical-align:top}"
    ".held{color:#0a7a4b}.broken{color:#c2321d;font-weight:600}@media(prefers-color-scheme:dark){.held{color:#5fd39b}.broken{color:#ff8f7a}}"
)


def write_data_docs(results: Iterable[SuiteResult], folder: Path) -> Path:
    """Write a page per result and `index.html` into `folder`, replacing what is there; returns the index."""
    folder.mkdir(parents=True, exist_ok=True)
    held = sorted(results, key=lambda result: result.feed)
    for old in folder.glob("*.html"):
        old.unlink()
    for result in held:
        (folder / f"{result.feed}.html").write_text(_feed_page(result), encoding="utf-8")
    index = folder / "index.html"
    index.write_text(_index(held), encoding="utf-8")
    return index


def _index(results: list[SuiteResult]) -> str:
    rows = [
        f'<tr><td><a href="{escape(item.feed)}.html">{escape(item.feed)}</a></td><td>{_verdict(success=item.success)}</td>'
        f"<td>{_rows_checked(item)}</td><td>{len(item.details)}</td><td>{len(item.failures)}</td></tr>"
        for item in results
    ]
    heads = "<tr><th>Feed</th><th>Verdict</th><th>Rows</th><th>Expectations</th><th>Not met</th></tr>"
    return _page("Second check of landed rows", f"<table>{heads}{''.join(rows)}</table>")


def _feed_page(result: SuiteResult) -> str:
    rows = [_detail_row(detail) for detail in result.details]
    heads = "<tr><th>Rule</th><th>Columns</th><th>Expectation</th><th>Rows</th><th>Broken</th><th>Verdict</th></tr>"
    without_details = "" if result.details else "".join(f"<p>{escape(failure)}</p>" for failure in result.failures)
    body = f'<p><a href="index.html">All feeds</a></p><p>{_verdict(success=result.success)}</p>{without_details}<table>{heads}{"".join(rows)}</table>'
    return _page(result.feed, body)


def _detail_row(detail: dict[str, Any]) -> str:
    cells = (detail["rule"], ", ".join(detail["columns"]), detail["expectation"], detail["rows"], detail["rows_broken"])
    return "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in cells) + f"<td>{_verdict(success=detail['success'])}</td></tr>"


def _rows_checked(result: SuiteResult) -> int:
    return max((detail["rows"] for detail in result.details), default=0)


def _verdict(*, success: bool) -> str:
    return '<span class="held">held</span>' if success else '<span class="broken">broken</span>'


def _page(title: str, body: str) -> str:
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title><style>{STYLE}</style>'
    return f"<!doctype html><html lang=en><head>{head}</head><body><h1>{escape(title)}</h1>{body}</body></html>\n"
