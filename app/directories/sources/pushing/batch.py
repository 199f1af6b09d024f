"""The rows of a batch as they come from outside: shapes checked, nothing of the database. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.directories.rules import covered
from app.directories.targets.entries import COLUMNS
from app.kernel.errors import Fault
from app.kernel.spreadsheet.cells import clean

MOST_ROWS = 10_000
MOST_BYTES = 24 * 1024 * 1024
LONGEST_ID = 100
LONGEST_KEY = 100
LONGEST_TEXT = 1000
MOST_IN_A_LIST = 50

_UNREADABLE = re.compile("[\x00\ud800-\udfff]")
_KEY = re.compile(r"[\x21-\x7e]{1,100}")


@dataclass(frozen=True)
class Shape:
    """What a row may have beside `source_id`: `texts`; of these `lists` may be lists of texts (they are joined by
    semicolons), `booleans` true or false (`yes`, `no`); whether it may say that it is `deleted`.
    """

    texts: tuple[str, ...]
    lists: frozenset[str] = frozenset()
    booleans: frozenset[str] = frozenset()
    deletes: bool = False

    @property
    def known(self) -> frozenset[str]:
        return frozenset({*self.texts, "source_id", *({"deleted"} if self.deletes else ())})


TARGET = Shape(tuple(column.name for column in COLUMNS), lists=frozenset({"tags"}), deletes=True)


@dataclass
class Sent:
    """One row: what the system calls it, the texts that it handed in, and what is wrong with its shape."""

    source_id: str
    values: dict[str, str] = field(default_factory=dict)
    deleted: bool = False
    faults: list[Fault] = field(default_factory=list)

    @property
    def given(self) -> frozenset[str]:
        return frozenset(self.values)


def is_key(text: str) -> bool:
    """Whether a text can be an `Idempotency-Key`: up to a hundred visible ASCII characters."""
    return bool(_KEY.fullmatch(text))


def read(rows: list[Any], shape: Shape = TARGET) -> list[Sent]:
    """Every row, in order; one that cannot be read carries its faults, and so does a repetition."""
    found: list[Sent] = []
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, start=1):
        sent = _row(row, shape)
        if sent.source_id and sent.source_id in seen:
            sent.faults.append(
                Fault("source_id", "sync_repeated", value=sent.source_id, first=seen[sent.source_id])
            )
        seen.setdefault(sent.source_id, number)
        found.append(sent)
    return found


def _row(row: Any, shape: Shape) -> Sent:
    if not isinstance(row, Mapping):
        return Sent("", faults=[Fault("source_id", "sync_row_shape", value="")])
    source_id, faults = _source_id(row.get("source_id"))
    sent = Sent(source_id, faults=faults)
    for name in sorted(str(key) for key in row if key not in shape.known):
        faults.append(Fault(name[:40], "sync_unknown_field", value=name[:40]))
    for name in shape.texts:
        _take(sent, name, row.get(name), shape)
    deleted = row.get("deleted", False) if shape.deletes else False
    if not isinstance(deleted, bool):
        faults.append(Fault("deleted", "sync_not_boolean", value=str(deleted)[:40]))
    sent.deleted = deleted is True
    return sent


def _source_id(value: Any) -> tuple[str, list[Fault]]:
    text = str(value).strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    if not text or len(text) > LONGEST_ID or _UNREADABLE.search(text):
        return "", [Fault("source_id", "sync_source_id", value=text[:40], most=LONGEST_ID)]
    return text, []


def _take(sent: Sent, name: str, value: Any, shape: Shape) -> None:
    """One field: a text, or what the shape lets it be; null and a missing field say nothing."""
    if value is None:
        return
    if name in shape.lists and isinstance(value, list):
        if len(value) > MOST_IN_A_LIST or not all(isinstance(text, str) for text in value):
            sent.faults.append(Fault(name, "sync_not_text", value=name))
            return
        value = ";".join(value)
    if name in shape.booleans and isinstance(value, bool):
        value = "yes" if value else "no"
    if isinstance(value, str) and not _UNREADABLE.search(value):
        value = clean(value)
    if not isinstance(value, str):
        sent.faults.append(Fault(name, "sync_not_text", value=name))
    elif len(value) > LONGEST_TEXT:
        sent.faults.append(Fault(name, "too_long", value="", most=LONGEST_TEXT, found=len(value)))
    elif _UNREADABLE.search(value):
        sent.faults.append(Fault(name, "sync_unreadable", value=name))
    else:
        sent.values[name] = value


def fault_line(fault: Fault, message: str) -> dict[str, Any]:
    """A fault as the answer has it; personal data stays covered."""
    value = "" if fault.value is None else str(covered(fault.field, fault.value))
    return {"field": fault.field, "code": fault.code, "message": message, "value": value[:200]}
