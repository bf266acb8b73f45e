"""The reference page, written from the OpenAPI document: plain HTML that needs no script and no internet."""

from __future__ import annotations

import json
import re
from html import escape
from typing import TYPE_CHECKING, Any

from apps.api.problems import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

STYLE = """
body{font:16px/1.55 system-ui,sans-serif;color:#17292c;background:#f7f9f9;margin:0}main,header{max-width:60rem;margin:0 auto;padding:1.5rem}
h1{margin:.2em 0}h2{margin-top:2.4rem;border-bottom:2px solid #0b5563;padding-bottom:.2rem}article{background:#fff;border:1px solid #d5e0e2;
border-radius:8px;padding:1rem 1.3rem;margin:1.2rem 0}h3{margin:.1rem 0;font-size:1.1rem}.m{display:inline-block;background:#0b5563;color:#fff;
border-radius:4px;padding:0 .5em;margin-right:.5em;font-size:.85em}code,pre{font:14px/1.45 ui-monospace,monospace;background:#eef3f4;border-radius:4px}
code{padding:0 .25em}pre{padding:.8rem;overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;
padding:.35rem .6rem .35rem 0;border-bottom:1px solid #e3eaeb}th{font-weight:600}a{color:#0b5563}details{margin:.5rem 0}
"""
CODE = re.compile(r"`([^`]+)`")
CURL = {
    "/v1/submissions": "curl --data-binary @forecast_w48.csv \\\n  -H 'Authorization: Bearer TOKEN' -H 'Idempotency-Key: 8e03978e-40d5-43dd-bc93-6894a57f9324' \\\n"
    "  '{server}/v1/submissions?feed=demand_forecast&file_name=forecast_w48.csv'",
    "/v1/checks": "curl --data-binary @forecast_w48.csv -H 'Authorization: Bearer TOKEN' \\\n  '{server}/v1/checks?feed=demand_forecast'",
}


def html(document: dict[str, Any]) -> str:
    """The page."""
    operations = [(path, method, each) for path, methods in document["paths"].items() for method, each in methods.items()]
    sections = [
        f"<h2>{escape(tag['name'])}</h2><p>{_text(tag['description'])}</p>"
        + "".join(_operation(path, method, each) for path, method, each in operations if tag["name"] in each["tags"])
        for tag in document["tags"]
    ]
    about = "".join(f"<p>{_text(part)}</p>" for part in document["info"]["description"].strip().split("\n\n"))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(document["info"]["title"])}</title>'
        f"<style>{STYLE}</style><header><h1>{escape(document['info']['title'])}</h1>{about}<p>Version {escape(document['info']['version'])}. "
        f'For programs: the <a href="/openapi.json">OpenAPI document</a>.</p></header><main>{"".join(sections)}{_shapes(document)}{_problems()}</main></html>'
    )


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    rows = [
        (f"{each['name']}{'' if each.get('required') else ' (optional)'}", each["in"], each.get("description", ""))
        for each in operation.get("parameters", [])
    ]
    body = operation.get("requestBody", {})
    if body:
        rows.append(("body", ", ".join(body["content"]), body["description"]))
    answers = [
        (code, ", ".join(answer.get("content", {})), answer["description"]) for code, answer in sorted(operation["responses"].items())
    ]
    contents = [
        content for code, answer in operation["responses"].items() if code < "300" for content in answer.get("content", {}).values()
    ]
    example = next((content["example"] for content in contents if "example" in content), None)
    return (
        f'<article id="{escape(operation["operationId"])}"><h3><span class="m">{method.upper()}</span><code>{escape(path)}</code> {escape(operation["summary"])}</h3>'
        + "".join(f"<p>{_text(part)}</p>" for part in operation["description"].split("\n\n"))
        + (_example("In one line", CURL[path].format(server="https://YOUR-SERVER")) if path in CURL and method == "post" else "")
        + _table(("Parameter", "Where", "What it is"), rows)
        + _table(("Answer", "As", "When"), answers)
        + (_example("An answer", json.dumps(example, indent=2, ensure_ascii=False)) if example else "")
        + "</article>"
    )


def _shapes(document: dict[str, Any]) -> str:
    parts = []
    for name, shape in document["components"]["schemas"].items():
        rows = [(member, _kind(about), about.get("description", "")) for member, about in shape.get("properties", {}).items()]
        parts.append(
            f'<article id="shape-{escape(name)}"><h3>{escape(name)}</h3><p>{_text(shape.get("description", ""))}</p>{_table(("Member", "Kind", "What it is"), rows)}</article>'
        )
    return f"<h2>What the answers hold</h2>{''.join(parts)}"


def _problems() -> str:
    parts = [
        f'<article id="{name}"><h3><span class="m">{kind.status}</span>{escape(kind.title)}</h3><p><code>/docs#{name}</code></p><p>{_text(kind.remedy)}</p></article>'
        for name, kind in KINDS.items()
    ]
    return f"<h2>Problems</h2>{''.join(parts)}"


def _kind(about: dict[str, Any]) -> str:
    """The type of a member in a word or two."""
    if "anyOf" in about:
        return " or ".join(_kind(each) for each in about["anyOf"])
    if "$ref" in about:
        return str(about["$ref"]).rsplit("/", 1)[-1]
    if about.get("type") == "array":
        return f"list of {_kind(about['items'])}"
    if "enum" in about:
        return " or ".join(map(str, about["enum"]))
    return {"date-time": "time"}.get(str(about.get("format")), str(about.get("type", "anything")))


def _table(heading: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in heading)
    body = "".join(
        f"<tr><td><code>{escape(first)}</code></td>{''.join(f'<td>{_text(cell)}</td>' for cell in rest)}</tr>" for first, *rest in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _example(title: str, text: str) -> str:
    return f"<details open><summary>{escape(title)}</summary><pre>{escape(text)}</pre></details>"


def _text(words: str) -> str:
    return CODE.sub(r"<code>\1</code>", escape(words))
