"""The columns of a spreadsheet of joint items, and how a row is read. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.item_lists.importing.drafts import LIST_NAME, YEAR, year_of
from app.item_lists.parties import Parties
from app.item_lists.rules import JointItemFields, shape_faults
from app.item_lists.services.sheet import CATEGORIES, cap_of, read_methods, words_of
from app.kernel.errors import Fault
from app.kernel.spreadsheet import Column, SheetRow
from app.regulation.vocabulary import CheckMethod, ItemCategory, MemberLevel

COLUMNS = (
    Column("code", ("联合事项编码", "事项编码", "编码", "code")),
    Column("domain", ("抽查领域", "检查领域", "领域", "抽查项目", "抽查类别", "domain")),
    Column("name", ("抽查事项", "联合抽查事项", "检查事项", "事项名称", "事项", "item"), True),
    Column("target_scope", ("检查对象", "抽查对象", "抽查对象范围", "对象", "object"), True),
    Column("target_kinds", ("对象类型", "检查对象类型")),
    Column("industries", ("行业代码", "行业", "industries")),
    Column("lead_line", ("发起部门", "牵头部门", "发起单位", "牵头单位", "lead dept", "initiator"), True),
    Column("support", ("配合部门", "参与部门", "联合部门", "协同部门", "support depts", "participants")),
    Column("parts", ("部门事项", "部门事项编码", "parts")),
    Column("levels", ("抽查层级", "检查层级", "层级", "level")),
    Column(
        "category",
        ("事项类别", "类别", "事项分类", "item type"),
        looks=re.compile(r"(?:重点|一般)(?:检查)?(?:事项)?|key|general", re.IGNORECASE),
        strict=True,
    ),
    Column("method", ("检查方式", "抽查方式", "方式", "method")),
    Column(
        "ratio_cap", ("抽查比例上限", "比例上限", "抽查比例(%)", "抽查比例", "比例", "ratio", "ratio or note")
    ),
    Column("basis", ("检查依据", "抽查依据", "法律依据", "依据", "basis")),
    Column("source", ("来源", "发文依据", "source", "src")),
    YEAR,
    LIST_NAME,
)

# Words of a cell of levels. 市县(区)级 are two of them, 自治区级 is none of the counties'.
_REGION = re.compile(r"省|自治区")
_COUNTY = re.compile(r"县|(?<!自治)区")
_IN_NOTE = re.compile(r"(重点|一般)(?:检查)?事项")
LEAD, SUPPORT, NOTE = "发起部门", "配合部门", "说明"


@dataclass(frozen=True)
class Entry:
    """A joint item as a row has it. `lines`: whoever takes part, the initiator first; `parts`: codes or names of items,
    where the sheet has them.
    """

    fields: JointItemFields
    year: int
    lines: tuple[str, ...]
    origin: str = ""
    parts: tuple[str, ...] = ()
    list_name: str = ""


@dataclass(frozen=True)
class Words:
    kinds: Mapping[str, str]
    parties: Parties
    expected: str
    year: int


def read_row(row: SheetRow, words: Words) -> tuple[Entry | None, list[Fault]]:
    """The joint item of a row, or every fault in it. What the sheet leaves out is a gap of the draft; a list without
    the two categories has general items, whose missing upper ratio keeps it from being submitted.
    """
    cells, faults = row.cells, []
    note = cells.get("ratio_cap", "")
    year, more = year_of(row, words.year)
    faults += more
    lead = words.parties.read(cells.get("lead_line", ""))
    support = words.parties.read(cells.get("support", ""))
    for field, named in (("lead_line", lead), ("support", support)):
        faults += [
            row.fault(field, "party_unknown", value=word, expected=words.expected) for word in named.unknown
        ]
    if not lead.lines and not lead.unknown:
        faults.append(row.fault("lead_line", "party_missing", expected=words.expected))
    category = _category(cells.get("category"), note)
    if category is None:
        faults.append(row.fault("category", "item_category_word"))
    method, strange = _method(cells.get("method"), note)
    faults += [row.fault("method", "item_method_word", value=word) for word in strange]
    kinds = words_of(cells.get("target_kinds", ""))
    faults += [
        row.fault("target_kinds", "item_kind_word", value=word) for word in kinds if word not in words.kinds
    ]
    cap, unclear = cap_of(row)
    faults += [unclear] if unclear else []
    fields = JointItemFields(
        code=cells.get("code", ""),
        domain=cells.get("domain", ""),
        name=cells.get("name", ""),
        target_scope=cells.get("target_scope", ""),
        lead_line=lead.lines[0] if lead.lines else "",
        levels=read_levels(cells.get("levels", "")),
        category=category.value if category else "",
        method=method,
        target_kinds=tuple(words.kinds[word] for word in kinds if word in words.kinds),
        industries=tuple(code.rstrip("*") for code in words_of(cells.get("industries", ""))),
        ratio_cap=cap if category is ItemCategory.GENERAL else None,
        basis=cells.get("basis", ""),
        source=_source(row, cap is None, len(lead.lines) > 1 or support.open),
    )
    told = {fault.field for fault in faults}
    faults += [
        row.fault(fault.field, fault.code, **fault.facts)
        for fault in shape_faults(fields)
        if fault.field not in told and (fault.field != "code" or fields.code)
    ]
    if faults:
        return None, faults
    lines = tuple(dict.fromkeys((*lead.lines, *support.lines)))
    parts = tuple(words_of(cells.get("parts", "")))
    return Entry(fields, year, lines, cells.get("source", ""), parts, cells.get("list_name", "").strip()), []


def read_levels(cell: str) -> tuple[str, ...]:
    """Levels in the words of lists: 市级; 市县(区)级; 市级发起，下派区级检查."""
    found = {
        MemberLevel.REGION: bool(_REGION.search(cell)),
        MemberLevel.CITY: "市" in cell,
        MemberLevel.COUNTY: bool(_COUNTY.search(cell)),
    }
    return tuple(level.value for level, is_named in found.items() if is_named)


def _category(cell: str | None, note: str) -> ItemCategory | None:
    """None: a word that is neither. A note beside the ratio may tell it, where there is no column of its own."""
    if cell:
        return CATEGORIES.get(cell.strip().casefold())
    told = _IN_NOTE.search(note)
    return ItemCategory.KEY if told and told.group(1) == "重点" else ItemCategory.GENERAL


def _method(cell: str | None, note: str) -> tuple[str, list[str]]:
    """The first method; on the spot where the sheet says nothing, which asks the most of inspectors (R-15.3)."""
    if cell:
        methods, strange = read_methods(cell)
        return (methods[0] if methods else ""), strange
    methods, _strange = read_methods(note)
    return (methods[0] if methods else CheckMethod.ON_SITE.value), []


def _source(row: SheetRow, note_is_open: bool, says_more: bool) -> str:
    """Where the item comes from, and in the list's own words what a draft has no field for."""
    cells = row.cells
    said = [cells.get("source", "")]
    if says_more and cells.get("lead_line"):
        said.append(f"{LEAD}：{cells['lead_line']}")
    if cells.get("support"):
        said.append(f"{SUPPORT}：{cells['support']}")
    if note_is_open and cells.get("ratio_cap"):
        said.append(f"{NOTE}：{cells['ratio_cap']}")
    return "；".join(part for part in said if part)
