"""Public data as CSV and JSON: the index of a kind, and the rows of one record."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Any

from app.kernel.workbook import harmless
from app.publicity.models import PublicRecord
from app.publicity.queries import SUMMARY, Line
from app.publicity.rules import SHAPES, PublicKind
from app.publicity.snapshots import moment

BOM = "\ufeff"
HEAD = ("key", "title", "agency", "region", "year", "published_at", "updated_at")


def neutral(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula; lists joined, parts as `who: what`."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return harmless(": ".join(str(inner) for inner in value.values() if inner))
    if isinstance(value, list):
        return harmless("；".join(neutral(inner) for inner in value))
    return harmless(value)


def write_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([neutral(row.get(column)) for column in columns] for row in rows)
    return BOM + out.getvalue()


def head_of(record: PublicRecord) -> dict[str, Any]:
    return {
        "key": record.key,
        "title": record.title,
        "agency": record.agency_name,
        "region": record.region_code,
        "year": record.year,
        "published_at": moment(record.published_at),
        "updated_at": moment(record.updated_at),
    }


def index_columns(kind: PublicKind) -> tuple[str, ...]:
    counted = ("number",) if kind in {PublicKind.LIST, PublicKind.PLAN} else ()
    return (*HEAD, *SUMMARY[kind], *counted)


def index_rows(lines: Iterable[Line]) -> list[dict[str, Any]]:
    return [{**head_of(line.record), **line.fields} for line in lines]


def whole(record: PublicRecord) -> dict[str, Any]:
    """A record with everything that is public of it."""
    return {"kind": record.kind, **head_of(record), **record.payload}


def rows_csv(record: PublicRecord) -> str:
    """The rows of a list, plan or draw; a result or bulletin is one row."""
    kind = PublicKind(record.kind)
    inner = SHAPES[kind].get("rows")
    if inner is None:
        return write_csv((*HEAD, *SHAPES[kind]), [{**head_of(record), **record.payload}])
    return write_csv(tuple(inner[0]), record.payload["rows"])


def openapi(server: str) -> dict[str, Any]:
    """OpenAPI 3.1 of the data addresses, made from the closed sets of fields."""
    paths: dict[str, Any] = {}
    for kind in PublicKind:
        word = f"{kind.value}s"
        paths[f"/public/{word}.json"] = _operation(
            f"Index of kind {word}, the latest first",
            {"type": "object", "properties": {"items": _list(_index_schema(kind)), "next": _NEXT}},
            _FILTERS,
        )
        paths[f"/public/{word}.csv"] = _operation(f"Index of kind {word} as CSV", None, _FILTERS)
        paths[f"/public/{word}/{{id}}.json"] = _operation(
            f"One record of kind {word}", _record_schema(kind), _ID
        )
        paths[f"/public/{word}/{{id}}.csv"] = _operation(
            f"The rows of one record of kind {word} as CSV", None, _ID
        )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Published joint inspections", "version": "1"},
        "servers": [{"url": server}],
        "paths": paths,
    }


_NEXT = {"type": ["string", "null"], "description": "Address of the next page"}
_ID = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
_FILTERS = [
    {
        "name": "q",
        "in": "query",
        "description": "Part of the title",
        "schema": {"type": "string", "maxLength": 60},
    },
    {"name": "year", "in": "query", "schema": {"type": "integer"}},
    {
        "name": "region",
        "in": "query",
        "description": "Region code; covers below",
        "schema": {"type": "string"},
    },
    {"name": "before", "in": "query", "description": "From `next`", "schema": {"type": "integer"}},
]
_TYPES: Mapping[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "number": {"type": ["integer", "null"]},
    "texts": {"type": "array", "items": {"type": "string"}},
}


def _list(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": schema}


def _schema(shape: Mapping[str, Any]) -> dict[str, Any]:
    properties = {
        name: _list(_schema(inner[0])) if isinstance(inner, list) else _TYPES[inner]
        for name, inner in shape.items()
    }
    return {"type": "object", "properties": properties}


def _head_schema() -> dict[str, Any]:
    return {name: _TYPES["number" if name == "year" else "text"] for name in HEAD}


def _index_schema(kind: PublicKind) -> dict[str, Any]:
    shape = {name: SHAPES[kind][name] for name in SUMMARY[kind]}
    return {"type": "object", "properties": {**_head_schema(), **_schema(shape)["properties"]}}


def _record_schema(kind: PublicKind) -> dict[str, Any]:
    inner = _schema(SHAPES[kind])["properties"]
    return {"type": "object", "properties": {"kind": _TYPES["text"], **_head_schema(), **inner}}


def _operation(
    summary: str, schema: dict[str, Any] | None, parameters: list[dict[str, Any]]
) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}} if schema else {"text/csv": {}}
    responses = {"200": {"description": "OK", "content": content}, "404": {"description": "Not public"}}
    return {"get": {"summary": summary, "parameters": parameters, "responses": responses}}
