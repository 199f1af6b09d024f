"""The columns of a spreadsheet of items, and how a row is read. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.item_lists.rules import ItemFields, item_gaps, shape_faults
from app.kernel.errors import Fault
from app.kernel.spreadsheet import Column, SheetRow
from app.regulation.vocabulary import CheckMethod, ItemCategory

COLUMNS = (
    Column("code", ("事项编码", "编码", "编号", "序号")),
    Column("line", ("业务条线", "部门", "负责部门", "单位")),
    Column("project", ("抽查项目", "项目", "抽查类别"), mandatory=True),
    Column("name", ("抽查事项", "事项名称", "检查事项", "抽查内容", "事项"), mandatory=True),
    Column("target_scope", ("检查对象", "抽查对象", "对象"), mandatory=True),
    Column("target_kinds", ("对象类型", "检查对象类型")),
    Column("category", ("事项类别", "类别", "事项分类"), mandatory=True),
    Column("methods", ("检查方式", "抽查方式", "方式"), mandatory=True),
    Column("subject", ("检查主体", "实施主体", "抽查主体", "主体"), mandatory=True),
    Column("basis", ("检查依据", "抽查依据", "法律依据", "依据"), mandatory=True),
    Column("specialty", ("专业要求", "专业")),
    Column("ratio_cap", ("抽查比例上限", "比例上限", "抽查比例", "比例")),
    Column("form_lines", ("检查要点", "检查内容")),
)

_CATEGORIES = {
    "重点": ItemCategory.KEY,
    "重点检查事项": ItemCategory.KEY,
    "重点事项": ItemCategory.KEY,
    "key": ItemCategory.KEY,
    "一般": ItemCategory.GENERAL,
    "一般检查事项": ItemCategory.GENERAL,
    "一般事项": ItemCategory.GENERAL,
    "general": ItemCategory.GENERAL,
}
_METHODS = {
    "现场检查": CheckMethod.ON_SITE,
    "实地检查": CheckMethod.ON_SITE,
    "实地核查": CheckMethod.ON_SITE,
    "现场": CheckMethod.ON_SITE,
    "书面检查": CheckMethod.WRITTEN,
    "书面": CheckMethod.WRITTEN,
    "网络监测": CheckMethod.ONLINE,
    "网络检查": CheckMethod.ONLINE,
    "网络": CheckMethod.ONLINE,
    "其他方式": CheckMethod.OTHER,
    "其他": CheckMethod.OTHER,
    **{method.value: method for method in CheckMethod},
}
_SEPARATORS = re.compile(r"[;；,，、/\n]+")
_PERCENT = re.compile(r"[≤<]?\s*(\d{1,3})(?:\.(\d))?\s*[%％]?")
# A draft may lack its upper ratio: it stays a gap of the list, most published lists have no such column.
_MAY_LACK = frozenset({"ratio_cap"})


def read_row(
    row: SheetRow, kinds: Mapping[str, str], specialties: frozenset[str]
) -> tuple[ItemFields, list[Fault]]:
    """The item of a row and every fault in it.

    :param kinds: code of a target kind by its code and by its name
    """
    cells, faults = row.cells, []
    category = _CATEGORIES.get(cells.get("category", "").strip().casefold())
    if category is None and cells.get("category"):
        faults.append(row.fault("category", "item_category_word"))
    methods = []
    for word in _words(cells.get("methods", "")):
        method = _METHODS.get(word.casefold())
        if method is None:
            faults.append(row.fault("methods", "item_method_word", value=word))
        elif method.value not in methods:
            methods.append(method.value)
    found_kinds = []
    for word in _words(cells.get("target_kinds", "")):
        if word in kinds:
            found_kinds.append(kinds[word])
        else:
            faults.append(row.fault("target_kinds", "item_kind_word", value=word))
    specialty = cells.get("specialty") or None
    if specialty is not None and specialty not in specialties:
        faults.append(row.fault("specialty", "not_a_choice"))
    cap, cap_fault = _cap(row)
    faults += [cap_fault] if cap_fault else []
    item = ItemFields(
        code=cells.get("code", ""),
        project=cells.get("project", ""),
        name=cells.get("name", ""),
        target_scope=cells.get("target_scope", ""),
        category=category.value if category else "",
        methods=tuple(methods),
        subject=cells.get("subject", ""),
        basis=cells.get("basis", ""),
        target_kinds=tuple(found_kinds),
        specialty=specialty,
        ratio_cap=cap if category is ItemCategory.GENERAL else None,
        form_lines=tuple(
            (line.strip(), "") for line in cells.get("form_lines", "").splitlines() if line.strip()
        ),
    )
    told = {fault.field for fault in faults}
    faults += [
        row.fault(gap.field, gap.code)
        for gap in item_gaps(item)
        if gap.field not in told and gap.field not in _MAY_LACK
    ]
    told |= {fault.field for fault in faults}
    faults += [
        row.fault(fault.field, fault.code, **fault.facts)
        for fault in shape_faults(item)
        if fault.field not in told and fault.field != "code"
    ]
    return item, faults


def _words(cell: str) -> list[str]:
    return [word.strip() for word in _SEPARATORS.split(cell) if word.strip()]


def _cap(row: SheetRow) -> tuple[int | None, Fault | None]:
    """In per mille. A column under the portal's own name holds per mille already, any other percent."""
    text = row.cells.get("ratio_cap", "").strip()
    if not text:
        return None, None
    if row.headings.get("ratio_cap") == "ratio_cap" and text.isascii() and text.isdigit():
        return int(text), None
    match = _PERCENT.fullmatch(text)
    if match is None:
        return None, row.fault("ratio_cap", "item_cap_word")
    return int(match.group(1)) * 10 + int(match.group(2) or 0), None
