"""Premises as a form or a spreadsheet hands them in: words to codes, all faults. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.directories.premises.rules import MOST_AREA, PremisesStatus
from app.kernel.errors import Fault

LONGEST = {"name": 120, "address": 300}
MANDATORY = ("kind", "name", "address")
_AREA = re.compile(r"(\d{1,3}(?:,\d{3})+|\d{1,12})(\.\d{1,6})?\s*(?:㎡|m2|m²|平方米|平米)?", re.ASCII | re.I)

STATUS_WORDS: Mapping[str, PremisesStatus] = {
    **{status.value: status for status in PremisesStatus},
    **dict.fromkeys(("在用", "使用中", "营业"), PremisesStatus.USED),
    **dict.fromkeys(("停用", "已停用", "搬离", "关闭"), PremisesStatus.LEFT),
}


def check_premises(
    values: Mapping[str, str], words: Mapping[str, str]
) -> tuple[dict[str, Any] | None, list[Fault]]:
    """The columns of premises, or all faults.

    :param words: codes and names of kinds of premises -> code
    """
    get = lambda name: (values.get(name) or "").strip()  # noqa: E731
    faults = [Fault(name, f"premises_{name}_missing", value="") for name in MANDATORY if not get(name)]
    faults += [
        Fault(name, "too_long", value=get(name), most=most, found=len(get(name)))
        for name, most in LONGEST.items()
        if len(get(name)) > most
    ]
    kind = words.get(get("kind"))
    if get("kind") and kind is None:
        faults.append(Fault("kind", "premises_kind_unknown", value=get("kind")))
    area = read_area(get("area"))
    if get("area") and area is None:
        faults.append(Fault("area", "premises_area_unreadable", value=get("area"), most=MOST_AREA))
    status = STATUS_WORDS.get(get("status") or PremisesStatus.USED.value)
    if status is None:
        faults.append(Fault("status", "premises_status_unknown", value=get("status")))
    if faults or kind is None or status is None:
        return None, faults
    return {
        "kind": kind,
        "name": get("name"),
        "address": get("address"),
        "area": area,
        "status": status.value,
    }, []


def read_area(text: str) -> Decimal | None:
    """`120`, `1,200.5`, `85.50 ㎡`, `300平方米`: square metres to the hundredth; None where it is none."""
    match = _AREA.fullmatch(text)
    if match is None:
        return None
    area = Decimal(match[1].replace(",", "") + (match[2] or "")).quantize(Decimal("0.01"))
    return area if 0 < area <= MOST_AREA else None
