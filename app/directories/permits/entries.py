"""A permit as a form or a spreadsheet hands it in: words to codes, all faults. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.directories.permits.rules import PermitStatus
from app.directories.targets.entries import read_date
from app.kernel.errors import Fault

LONGEST = {"number": 80, "authority": 120}
MANDATORY = ("kind", "number", "authority")
FOR_EVER = frozenset({"长期", "长期有效", "永久", "无固定期限"})

STATUS_WORDS: Mapping[str, PermitStatus] = {
    **{status.value: status for status in PermitStatus},
    **dict.fromkeys(("有效", "正常", "在用"), PermitStatus.VALID),
    **dict.fromkeys(("暂停", "停用", "中止"), PermitStatus.SUSPENDED),
    **dict.fromkeys(("注销", "失效", "终止"), PermitStatus.CANCELLED),
    **dict.fromkeys(("吊销", "撤销"), PermitStatus.REVOKED),
}


def check_permit(
    values: Mapping[str, str], words: Mapping[str, str]
) -> tuple[dict[str, Any] | None, list[Fault]]:
    """The columns of a permit, or all faults.

    :param words: codes and names of kinds of permits -> code
    """
    get = lambda name: (values.get(name) or "").strip()  # noqa: E731
    faults = [Fault(name, f"permit_{name}_missing", value="") for name in MANDATORY if not get(name)]
    faults += [
        Fault(name, "too_long", value=get(name), most=most, found=len(get(name)))
        for name, most in LONGEST.items()
        if len(get(name)) > most
    ]
    kind = words.get(get("kind"))
    if get("kind") and kind is None:
        faults.append(Fault("kind", "permit_kind_unknown", value=get("kind")))
    first = read_date(get("valid_from"))
    if get("valid_from") and first is None:
        faults.append(Fault("valid_from", "permit_date_unreadable", value=get("valid_from")))
    ends = "" if get("valid_until") in FOR_EVER else get("valid_until")
    last = read_date(ends)
    if ends and last is None:
        faults.append(Fault("valid_until", "permit_date_unreadable", value=ends))
    if first is not None and last is not None and last < first:
        faults.append(Fault("valid_until", "permit_ends_before", value=ends))
    status = STATUS_WORDS.get(get("status") or PermitStatus.VALID.value)
    if status is None:
        faults.append(Fault("status", "permit_status_unknown", value=get("status")))
    if faults or kind is None or status is None:
        return None, faults
    return {
        "kind": kind,
        "number": get("number"),
        "authority": get("authority"),
        "valid_from": first,
        "valid_until": last,
        "status": status.value,
    }, []
