"""What a list definition may say, and what a value must be. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from app.kernel.errors import Fault
from app.kernel.states import StateEnum

SLUG = re.compile(r"^[a-z][a-z0-9-]{1,39}$")
KEY = re.compile(r"^f[0-9]{1,3}$")
MOST_FIELDS = 60
LONGEST_LABEL = 60
LONGEST_TEXT = 500
LONGEST_LONG_TEXT = 10_000
LARGEST = Decimal(10) ** 15


class FieldType(StateEnum):
    TEXT = "text", "Text"
    LONG_TEXT = "long_text", "Long text"
    INTEGER = "integer", "Whole number"
    DECIMAL = "decimal", "Decimal number"
    PERCENT = "percent", "Percentage"
    DATE = "date", "Date"
    BOOLEAN = "boolean", "Yes or no"
    CHOICE = "choice", "Choice"
    MULTI_CHOICE = "multi_choice", "Several choices"
    LINK = "link", "Link"


WITH_CHOICES = frozenset({FieldType.CHOICE, FieldType.MULTI_CHOICE})


@dataclass(frozen=True)
class FieldSpec:
    """One field. `key` never changes once rows exist; the label may."""

    key: str
    label: str
    type: FieldType
    required: bool = False
    choices: tuple[str, ...] = ()
    help: str = ""

    def as_data(self) -> dict[str, Any]:
        return {**asdict(self), "type": self.type.value, "choices": list(self.choices)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> FieldSpec:
        return cls(
            key=data["key"],
            label=data["label"],
            type=FieldType(data["type"]),
            required=bool(data.get("required")),
            choices=tuple(data.get("choices", ())),
            help=data.get("help", ""),
        )


def read_fields(rows: Sequence[Mapping[str, Any]]) -> tuple[tuple[FieldSpec, ...], list[Fault]]:
    """Fields from the designer's rows, in their order, and every fault with the number of its row.

    A row without a label is no field. New rows get the next free key.
    """
    faults: list[Fault] = []
    fields: list[FieldSpec] = []
    used = [int(str(r["key"])[1:]) for r in rows if KEY.match(str(r.get("key") or ""))]
    following = max(used, default=0)
    for number, row in enumerate(rows, start=1):
        label = str(row.get("label") or "").strip()
        if not label:
            continue
        key = str(row.get("key") or "")
        if not KEY.match(key):
            following += 1
            key = f"f{following}"
        field, found = _read_field(number, key, label, row)
        faults.extend(found)
        if field:
            fields.append(field)
    labels = [f.label for f in fields]
    faults.extend(
        Fault("fields", "designer_label_twice", value=label)
        for label in sorted({x for x in labels if labels.count(x) > 1})
    )
    if not fields and not faults:
        faults.append(Fault("fields", "designer_no_fields"))
    if len(fields) > MOST_FIELDS:
        faults.append(Fault("fields", "designer_too_many_fields", found=len(fields), most=MOST_FIELDS))
    return tuple(fields), faults


def _read_field(
    number: int, key: str, label: str, row: Mapping[str, Any]
) -> tuple[FieldSpec | None, list[Fault]]:
    faults = []
    if len(label) > LONGEST_LABEL:
        faults.append(
            Fault("label", "too_long", row=number, value=label, most=LONGEST_LABEL, found=len(label))
        )
    kind = str(row.get("type") or "")
    if kind not in {t.value for t in FieldType}:
        return None, [*faults, Fault("type", "not_a_choice", row=number, value=kind)]
    choices = tuple(dict.fromkeys(c.strip() for c in row.get("choices") or () if c.strip()))
    if FieldType(kind) in WITH_CHOICES and len(choices) < 2:
        faults.append(Fault("choices", "designer_too_few_choices", row=number, value=label))
    return (
        FieldSpec(
            key=key,
            label=label,
            type=FieldType(kind),
            required=bool(row.get("required")),
            choices=choices if FieldType(kind) in WITH_CHOICES else (),
            help=str(row.get("help") or "").strip()[:300],
        ),
        faults,
    )


def removed(before: Sequence[FieldSpec], after: Sequence[FieldSpec]) -> list[FieldSpec]:
    """Fields that a new version no longer has."""
    kept = {f.key for f in after}
    return [f for f in before if f.key not in kept]


def retyped(before: Sequence[FieldSpec], after: Sequence[FieldSpec]) -> list[tuple[FieldSpec, FieldSpec]]:
    """Fields whose type a new version changes."""
    old = {f.key: f for f in before}
    return [(old[f.key], f) for f in after if f.key in old and old[f.key].type != f.type]


def read_value(field: FieldSpec, given: Any) -> tuple[Any, Fault | None]:
    """The stored form of what was entered (JSON: text, number as text, boolean, list), or the fault.

    Dates are ISO text, decimals canonical text: both compare and index without a cast that depends on settings.
    """
    if field.type is FieldType.MULTI_CHOICE:
        chosen = [str(c) for c in given or []]
        strange = [c for c in chosen if c not in field.choices]
        if strange:
            return None, Fault(field.key, "not_a_choice", value=strange[0])
        return (chosen, None) if chosen or not field.required else (None, Fault(field.key, "required"))
    if field.type is FieldType.BOOLEAN:
        return bool(given), None
    text = "" if given is None else str(given).strip()
    if not text:
        return (None, Fault(field.key, "required")) if field.required else (None, None)
    return _READERS[field.type](field, text)


def _text(field: FieldSpec, text: str) -> tuple[Any, Fault | None]:
    most = LONGEST_LONG_TEXT if field.type is FieldType.LONG_TEXT else LONGEST_TEXT
    if len(text) > most:
        return None, Fault(field.key, "too_long", value=text[:40], most=most, found=len(text))
    return text, None


def _number(field: FieldSpec, text: str) -> tuple[Any, Fault | None]:
    plain = text.rstrip("%％").replace(",", "") if field.type is FieldType.PERCENT else text.replace(",", "")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return None, Fault(field.key, "designer_not_a_number", value=text)
    if not number.is_finite() or abs(number) >= LARGEST or -int(number.as_tuple().exponent) > 6:
        return None, Fault(field.key, "designer_number_range", value=text)
    if field.type is FieldType.INTEGER and number != number.to_integral_value():
        return None, Fault(field.key, "designer_not_whole", value=text)
    return format(number.normalize(), "f"), None


def _date(field: FieldSpec, text: str) -> tuple[Any, Fault | None]:
    try:
        return date.fromisoformat(text.replace("/", "-")).isoformat(), None
    except ValueError:
        return None, Fault(field.key, "designer_not_a_date", value=text)


def _choice(field: FieldSpec, text: str) -> tuple[Any, Fault | None]:
    return (text, None) if text in field.choices else (None, Fault(field.key, "not_a_choice", value=text))


def _link(field: FieldSpec, text: str) -> tuple[Any, Fault | None]:
    if not re.match(r"^https?://[^\s<>\"']{3,490}$", text):
        return None, Fault(field.key, "designer_not_a_link", value=text[:60])
    return text, None


_READERS = {
    FieldType.TEXT: _text,
    FieldType.LONG_TEXT: _text,
    FieldType.INTEGER: _number,
    FieldType.DECIMAL: _number,
    FieldType.PERCENT: _number,
    FieldType.DATE: _date,
    FieldType.CHOICE: _choice,
    FieldType.LINK: _link,
}
