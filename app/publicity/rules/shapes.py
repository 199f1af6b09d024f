"""What a public record of each kind may contain: closed sets of fields (R-30.1).

A field that is not named here cannot become public. Risk class, score, phone, address, operator, contact,
ticket, stratum, rank and anything planned have no field; texts are searched for personal numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.kernel.errors import Refused
from app.kernel.states import StateEnum
from app.regulation import implements

Shape = Mapping[str, Any]
TEXT, NUMBER, TEXTS = "text", "number", "texts"


class PublicKind(StateEnum):
    LIST = "list", "Item list"
    PLAN = "plan", "Yearly plan"
    DRAW = "draw", "Random draw"
    RESULT = "result", "Inspection result"
    BULLETIN = "bulletin", "Bulletin"


KINDS: Mapping[str, PublicKind] = {f"{kind.value}s": kind for kind in PublicKind}
"""The word in a public address -> kind."""

_ITEM: Shape = {
    "code": TEXT,
    "domain": TEXT,
    "project": TEXT,
    "name": TEXT,
    "scope": TEXT,
    "category": TEXT,
    "methods": TEXTS,
    "subject": TEXT,
    "basis": TEXT,
    "cap": TEXT,
    "lead": TEXT,
    "parts": [{"line": TEXT, "item": TEXT}],
}
_ENTRY: Shape = {
    "no": NUMBER,
    "name": TEXT,
    "item": TEXT,
    "initiator": TEXT,
    "parts": [{"agency": TEXT, "item": TEXT}],
    "category": TEXT,
    "method": TEXT,
    "scope": TEXT,
    "ratio": TEXT,
    "number": NUMBER,
    "month_from": NUMBER,
    "month_to": NUMBER,
}
SHAPES: Mapping[PublicKind, Shape] = {
    PublicKind.LIST: {"list_kind": TEXT, "rows": [_ITEM]},
    PublicKind.PLAN: {
        "plan_kind": TEXT,
        "coverage_reason": TEXT,
        "rows": [_ENTRY],
        "cancelled": [{"task_no": TEXT, "task_name": TEXT, "initiator": TEXT, "reason": TEXT}],
    },
    PublicKind.DRAW: {
        "task_no": TEXT,
        "task_name": TEXT,
        "initiator": TEXT,
        "participants": TEXTS,
        "state": TEXT,
        "mode": TEXT,
        "hash": TEXT,
        "plan_hash": TEXT,
        "targets": NUMBER,
        "eligible": NUMBER,
        "frozen_at": TEXT,
        "until": TEXT,
        "witnesses": [{"code": TEXT, "agency": TEXT, "committed_at": TEXT, "revealed_at": TEXT}],
        "closing": TEXT,
        "seed": TEXT,
        "drawn_at": TEXT,
        "drawn": NUMBER,
        "results": [{"batch": NUMBER, "rows": NUMBER, "digest": TEXT, "root": TEXT, "drawn_digest": TEXT}],
        "replaced": NUMBER,
        "opened_at": TEXT,
        "open_after": TEXT,
        "void_reason": TEXT,
        "void_who": TEXT,
        "void_draws": NUMBER,
        "rows": [{"batch": NUMBER, "code": TEXT, "name": TEXT}],
    },
    PublicKind.RESULT: {
        "form_no": TEXT,
        "task_no": TEXT,
        "task_name": TEXT,
        "target_code": TEXT,
        "target_name": TEXT,
        "method": TEXT,
        "items": TEXTS,
        "checked_on": TEXT,
        "result": TEXT,
        "disposition": TEXT,
        "corrected_on": TEXT,
        "source": TEXT,
    },
    PublicKind.BULLETIN: {"number": TEXT, "text": TEXT},
}
SEALED_UNTIL_OPENED = frozenset({"seed", "rows"})
"""Of the record of a sealed draw: empty until it is opened (draw protocol, section 6)."""

_MOBILE = re.compile(r"(?<![0-9A-Za-z])1[3-9]\d{9}(?![0-9A-Za-z])", re.ASCII)
_LANDLINE = re.compile(r"(?<![0-9A-Za-z-])0\d{2,3}-\d{7,8}(?![0-9A-Za-z])", re.ASCII)
_IDENTITY = re.compile(
    r"(?<![0-9A-Za-z])[1-8]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[0-9Xx](?![0-9A-Za-z])",
    re.ASCII,
)
CODES = frozenset({"target_code", "code"})


@implements("R-30.1", "R-7.2")
def check_payload(kind: PublicKind, payload: Mapping[str, Any]) -> None:
    """Every field is one of the closed set and of its type, no text holds a personal number.

    :raises Refused: `public_field_unknown`, `public_field_type`, `public_personal_number`, `public_sealed`,
        each with the path of the field and never with its value
    """
    _check_shape(SHAPES[kind], payload, "")
    for path, text in _texts(payload, ""):
        if path.rpartition(".")[2] not in CODES and personal_numbers(text):
            raise Refused("public_personal_number", rule="R-30.1", field=path)
    if kind is PublicKind.DRAW and payload.get("mode") != "open" and not payload.get("opened_at"):
        shown = sorted(name for name in SEALED_UNTIL_OPENED if payload.get(name))
        if shown:
            raise Refused("public_sealed", rule="R-24.1", field="、".join(shown))


def personal_numbers(text: str) -> list[str]:
    """Telephone and identity numbers in a text."""
    return [found for pattern in (_MOBILE, _LANDLINE, _IDENTITY) for found in pattern.findall(text)]


def fields_of(shape: Shape) -> Iterator[str]:
    """All names of a shape, the inner ones too."""
    for name, inner in shape.items():
        yield name
        if isinstance(inner, list):
            yield from fields_of(inner[0])


def _check_shape(shape: Shape, value: Mapping[str, Any], path: str) -> None:
    for name, found in value.items():
        here = f"{path}.{name}" if path else name
        if name not in shape:
            raise Refused("public_field_unknown", rule="R-30.1", field=here)
        wanted = shape[name]
        if isinstance(wanted, list):
            if not isinstance(found, list) or not all(isinstance(row, Mapping) for row in found):
                raise Refused("public_field_type", rule="R-30.1", field=here)
            for row in found:
                _check_shape(wanted[0], row, here)
        elif not _fits(wanted, found):
            raise Refused("public_field_type", rule="R-30.1", field=here)


def _fits(wanted: str, found: Any) -> bool:
    if wanted == TEXTS:
        return isinstance(found, list) and all(isinstance(text, str) for text in found)
    if wanted == NUMBER:
        return found is None or (isinstance(found, int) and not isinstance(found, bool))
    return isinstance(found, str)


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, path)
