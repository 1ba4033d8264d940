"""Pages made by the server from its own documents: HTML without any script."""

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from handlers.errors import Entry

POLICY = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
SHELL = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · sessiond</title>
<link rel="stylesheet" href="/web/style.css">
<header><a href="/">sessiond</a> <nav><a href="/api/docs/">API</a> <a href="/api/errors/">Errors</a>
<a href="/api/openapi.json">openapi.json</a></nav></header>
<main>
<h1>{title}</h1>
{body}
</main>
</html>
"""


def api(document: Mapping[str, Any]) -> bytes:
    """Return the reference of the HTTP API as a page."""
    groups: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            group = groups.setdefault(operation["tags"][0], [])
            group.append(_operation(path, method, operation))
    schemas = document["components"]["schemas"]
    body = [f"<p>{escape(document['info'].get('description', ''))}</p>", _contents(groups)]
    for name, entries in groups.items():
        body += [f'<section><h2 id="{escape(name)}">{escape(name)}</h2>', *entries, "</section>"]
    body.append('<section><h2 id="schemas">schemas</h2>')
    body += [_schema(name, schema) for name, schema in schemas.items()]
    body.append("</section>")
    return _page("HTTP API", body)


def errors(entries: Sequence[Entry]) -> bytes:
    """Return the catalogue of errors as a page; `#<code>` leads to a row."""
    rows = (
        f'<tr id="{escape(entry.code)}"><td><code>{escape(entry.code)}</code><td>{entry.status}'
        f"<td>{_prose(entry.meaning)}<td>{_prose(entry.advice)}"
        for entry in entries
    )
    head = "<tr><th>Code<th>Status<th>Meaning<th>What a client does"
    intro = (
        "<p>Every error is <code>application/problem+json</code> (RFC 9457). Decide by "
        "<code>code</code>; show <code>detail</code>.</p>"
    )
    return _page("Errors", [intro, f'<div class="wide"><table>{head}', *rows, "</table></div>"])


def _page(title: str, body: Iterable[str]) -> bytes:
    return SHELL.format(title=escape(title), body="\n".join(body)).encode("utf-8")


def _contents(groups: Mapping[str, object]) -> str:
    links = (f'<a href="#{escape(name)}">{escape(name)}</a>' for name in (*groups, "schemas"))
    return f'<p class="contents">{" ".join(links)}</p>'


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> str:
    anchor = escape(operation["operationId"])
    rights = operation.get("description") or ("" if operation["security"] else "Public.")
    parts = [
        f'<article id="{anchor}"><h3><span class="method {method}">{method.upper()}</span> '
        f"<code>{escape(path)}</code></h3>",
        f"<p>{escape(operation['summary'])}. {_prose(rights)}</p>",
    ]
    if operation.get("parameters"):
        rows = "".join(map(_parameter, operation["parameters"]))
        parts.append(f"<table><tr><th>Parameter<th>In<th>Type{rows}</table>")
    if "requestBody" in operation:
        parts.append(f"<p>Body: {_content(operation['requestBody'])}</p>")
    rows = "".join(
        f"<tr><td>{escape(code)}<td>{escape(answer['description'])}<td>{_content(answer)}"
        for code, answer in operation["responses"].items()
    )
    parts.append(f"<details><summary>Answers</summary><table>{rows}</table></details></article>")
    return "\n".join(parts)


def _parameter(parameter: Mapping[str, Any]) -> str:
    mark = " (required)" if parameter.get("required") else ""
    name, where = escape(parameter["name"]), escape(parameter["in"])
    return f"<tr><td><code>{name}</code>{mark}<td>{where}<td>{_kind(parameter['schema'])}"


def _content(holder: Mapping[str, Any]) -> str:
    return ", ".join(_kind(content["schema"]) for content in holder.get("content", {}).values())


def _kind(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#schema-{name}">{name}</a>'
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    facts = {key: value for key, value in schema.items() if key not in ("type", "description")}
    kind = schema.get("type", "any")
    kinds = " or ".join(kind) if isinstance(kind, list) else str(kind)
    told = ", ".join(f"{key} {json.dumps(value, default=str)}" for key, value in facts.items())
    return escape(f"{kinds} ({told})" if told else kinds)


def _schema(name: str, schema: Mapping[str, Any]) -> str:
    needed = schema.get("required", ())
    rows = "".join(
        f"<tr><td><code>{escape(key)}</code>{' (required)' if key in needed else ''}"
        f"<td>{_kind(value)}<td>{escape(str(value.get('description', '')))}"
        for key, value in schema.get("properties", {}).items()
    )
    title = f"<h3>{escape(name)}</h3>"
    return f'<article id="schema-{escape(name)}">{title}<table>{rows}</table></article>'


def _prose(text: str) -> str:
    """Escape text; what stands between back-ticks becomes code."""
    pieces = escape(text).split("`")
    return "".join(
        f"<code>{piece}</code>" if index % 2 else piece for index, piece in enumerate(pieces)
    )
