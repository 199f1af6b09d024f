"""The columns of a spreadsheet of items, and how a row is read. Pure."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from typing import Any

from app.item_lists.rules import ItemFields, item_gaps, shape_faults
from app.kernel.errors import Fault
from app.kernel.spreadsheet import Column, SheetRow
from app.regulation.vocabulary import CheckMethod, ItemCategory

COLUMNS = (
    Column("code", ("事项编码", "编码", "编号", "序号")),
    Column("line", ("业务条线", "部门", "负责部门", "单位")),
    Column(
        "name",
        ("抽查事项", "事项名称", "检查事项", "抽查内容", "事项", "抽查子项", "sub item", "item"),
        mandatory=True,
    ),
    Column("project", ("抽查项目", "项目", "抽查类别", "item", "category"), mandatory=True),
    Column("target_scope", ("检查对象", "抽查对象", "对象", "object"), mandatory=True),
    Column("target_kinds", ("对象类型", "检查对象类型")),
    Column(
        "category",
        ("事项类别", "类别", "事项分类", "item type"),
        looks=re.compile(r"(?:重点|一般)(?:检查)?(?:事项)?|key|general", re.IGNORECASE),
        strict=True,
    ),
    Column("methods", ("检查方式", "抽查方式", "方式", "method"), mandatory=True),
    Column("subject", ("检查主体", "实施主体", "抽查主体", "主体", "body", "subject body"), mandatory=True),
    Column("basis", ("检查依据", "抽查依据", "法律依据", "依据"), mandatory=True),
    Column("specialty", ("专业要求", "专业")),
    Column("ratio_cap", ("抽查比例上限", "比例上限", "抽查比例", "比例", "ratio")),
    Column("form_lines", ("检查要点", "检查内容")),
)

CATEGORIES = {
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
# Lists describe in words what the regulation counts: a word within a longer text tells the way.
_WITHIN = {
    "现场": CheckMethod.ON_SITE,
    "实地": CheckMethod.ON_SITE,
    "书面": CheckMethod.WRITTEN,
    "书式": CheckMethod.WRITTEN,
    "查阅": CheckMethod.WRITTEN,
    "网络": CheckMethod.ONLINE,
    "网上": CheckMethod.ONLINE,
    "线上": CheckMethod.ONLINE,
    "抽样": CheckMethod.OTHER,
    "抽取样品": CheckMethod.OTHER,
    "监督抽查": CheckMethod.OTHER,
}
_SEPARATORS = re.compile(r"[;；,，、/\n]+")
_PERCENT = re.compile(r"[≤<]?\s*(\d{1,3})(?:\.(\d))?\s*[%％]?")
# The upper ratio that another level keeps to (省级不超过2%) is none of this list.
_LIMITED = re.compile(r"(?<![级局])不超过[^\d%％]{0,8}(\d{1,3})(?:\.(\d))?\s*[%％]")
_TITLE = re.compile(r"《[^《》]*》")
# A draft may lack its upper ratio: it stays a gap of the list, most published lists have no such column.
_MAY_LACK = frozenset({"ratio_cap"})


def numbered(rows: Sequence[SheetRow]) -> Sequence[SheetRow]:
    """Some lists give one code to a project and all of its items: those are told apart by a number behind it, and an
    item without a name of its own is called like its project. What stands there twice stays a twin.
    """
    named: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        cells = row.cells
        if not cells.get("name"):
            cells["name"] = cells.get("project", "")
        if cells.get("code"):
            items = named.setdefault(cells["code"], [])
            key = (cells.get("project", ""), cells["name"])
            if key not in items:
                items.append(key)
    for row in rows:
        items = named.get(row.cells.get("code", ""), [])
        if len(items) > 1:
            place = items.index((row.cells.get("project", ""), row.cells["name"])) + 1
            row.cells["shared"] = row.cells["code"]
            row.cells["code"] = f"{row.cells['code']}-{place}"
    return rows


def known_item(
    item: ItemFields, shared: str, by_code: Mapping[str, Any], by_name: Mapping[tuple[str, str], Any]
) -> Any:
    """The stored item that a row means: by its code; by project and name where the code is not its own, so that a row
    more in next year's file shifts nothing.
    """
    if item.code and not shared:
        return by_code.get(item.code)
    return by_name.get((item.project, item.name))


def free_code(code: str, shared: str, taken: Container[str]) -> str:
    """The code of a new item; one behind a shared code is the next that is free."""
    if not shared or code not in taken:
        return code
    number = 1
    while f"{shared}-{number}" in taken:
        number += 1
    return f"{shared}-{number}"


def read_row(
    row: SheetRow, kinds: Mapping[str, str], specialties: frozenset[str], *, complete: bool = True
) -> tuple[ItemFields, list[Fault]]:
    """The item of a row and every fault in it.

    :param kinds: code of a target kind by its code and by its name
    :param complete: what is merely missing is a fault as well; else it is a gap of the draft
    """
    cells, faults = row.cells, []
    # A list from before the two categories has no such column: its items are general ones.
    category = (
        CATEGORIES.get(cells["category"].strip().casefold()) if "category" in cells else ItemCategory.GENERAL
    )
    if category is None and cells.get("category"):
        faults.append(row.fault("category", "item_category_word"))
    methods, strange = read_methods(cells.get("methods", ""))
    faults += [row.fault("methods", "item_method_word", value=word) for word in strange]
    found_kinds = []
    for word in words_of(cells.get("target_kinds", "")):
        if word in kinds:
            found_kinds.append(kinds[word])
        else:
            faults.append(row.fault("target_kinds", "item_kind_word", value=word))
    specialty = cells.get("specialty") or None
    if specialty is not None and specialty not in specialties:
        faults.append(row.fault("specialty", "not_a_choice"))
    cap, cap_fault = cap_of(row)
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
        if complete and gap.field not in told and gap.field not in _MAY_LACK
    ]
    told |= {fault.field for fault in faults}
    faults += [
        row.fault(fault.field, fault.code, **fault.facts)
        for fault in shape_faults(item)
        if fault.field not in told and (fault.field != "code" or item.code)
    ]
    return item, faults


def read_methods(cell: str) -> tuple[list[str], list[str]]:
    """The methods that a cell names, and the words in it that name none. The title of a rule tells a method at most."""
    methods: list[str] = []
    strange = []
    for word in words_of(cell):
        meant = _methods(word)
        if not meant:
            strange.append(word)
        methods += [method.value for method in meant if method.value not in methods]
    return methods, [word for word in strange if not methods or _TITLE.sub("", word)]


def _methods(word: str) -> list[CheckMethod]:
    method = _METHODS.get(word.casefold())
    if method is not None:
        return [method]
    return list(dict.fromkeys(meant for part, meant in _WITHIN.items() if part in word))


def words_of(cell: str) -> list[str]:
    return [word.strip() for word in _SEPARATORS.split(cell) if word.strip()]


def cap_of(row: SheetRow) -> tuple[int | None, Fault | None]:
    """In per mille. A column under the portal's own name holds per mille already, any other percent."""
    text = row.cells.get("ratio_cap", "").strip()
    if not text:
        return None, None
    if row.headings.get("ratio_cap") == "ratio_cap" and text.isascii() and text.isdigit() and len(text) < 10:
        return int(text), None
    match = _PERCENT.fullmatch(text)
    if match is None:
        told = _LIMITED.search(text)
        if told is not None:
            match = told
        elif "上限" not in row.headings.get("ratio_cap", ""):
            # A column of ratios in general speaks of least numbers and plans as well: the upper one stays a gap.
            return None, None
    if match is None:
        return None, row.fault("ratio_cap", "item_cap_word")
    return int(match.group(1)) * 10 + int(match.group(2) or 0), None
