"""The columns of a spreadsheet of plan entries, and what a row says before agencies and items are looked up. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.item_lists.importing.drafts import YEAR, year_of
from app.item_lists.parties import Named, Parties
from app.item_lists.services.sheet import read_methods, words_of
from app.kernel.errors import Fault
from app.kernel.spreadsheet import Column, SheetRow
from app.plans.importing.said import is_nothing, read_number, read_ratio, read_time

COLUMNS = (
    Column(
        "name", ("抽查任务名称", "任务名称", "计划项目名称", "项目名称", "抽查计划名称", "task name"), True
    ),
    Column("plan_name", ("抽查计划名称", "计划名称", "plan name")),
    Column("joint_item", ("联合事项编码", "事项编码", "joint item")),
    Column("items", ("抽查事项", "检查事项", "联合抽查事项", "事项名称", "事项", "检查内容", "items")),
    Column("object", ("检查对象", "抽查对象", "抽查对象范围", "对象范围", "检查对象类型", "object")),
    Column("kinds", ("对象类型", "kinds")),
    Column("industries", ("行业代码", "行业", "industries")),
    Column(
        "ratio",
        ("抽查比例(%)", "抽查比例", "抽查比例(数量)", "比例", "抽查范围及数量比例（地区）", "ratio"),
    ),
    Column(
        "number",
        ("抽查市场主体数量", "抽查数量", "抽查对象数量", "检查对象数量", "抽查户数", "数量", "quantity"),
    ),
    Column(
        "time", ("检查时间", "抽查时间", "起止时间", "实施时间", "计划期限始", "任务期限始", "时间", "time")
    ),
    Column("until", ("计划期限止", "任务期限止", "结束时间", "until")),
    Column("lead", ("发起部门", "牵头部门", "发起单位", "责任单位（牵头处室）", "责任单位", "lead dept")),
    Column("support", ("配合部门", "参与部门", "联合部门", "任务参与部门", "配合单位", "support depts")),
    Column("method", ("检查方式", "抽查方式", "方式", "method or mode", "method")),
    Column("frequency", ("抽查频率", "抽查频次", "频次", "frequency")),
    Column("credit", ("信用风险分类", "信用规则", "credit rule")),
    Column("note", ("备注", "说明", "note")),
    YEAR,
)

# Who checks whose targets, and whether a draw is directed: no way of checking.
_MODE = re.compile(
    r"[省市县区\w()（）]*抽[省市县区\w()（）]*查|不?定向(?:抽查)?|双随机(?:抽查)?|随机(?:抽查)?"
)
SUCH_TIMES = "3月至11月、全年、10月底前"
SUCH_RATIOS = "3%、不低于5%、A类1% D类100%、15家"
NOTES = {"frequency": "频次", "credit": "信用风险", "number": "数量"}


@dataclass(frozen=True)
class Entry:
    """What a row says. `selection` is the stored shape; `method` empty where the row names none; `words`: what items
    may be called in it, the surest first.
    """

    name: str
    year: int
    months: tuple[int, int]
    selection: Mapping[str, Any]
    lead: Named
    support: Named
    words: tuple[tuple[str, tuple[str, ...]], ...]
    method: str = ""
    kinds: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    note: str = ""
    plan_name: str = ""


@dataclass(frozen=True)
class Words:
    kinds: Mapping[str, str]
    parties: Parties
    expected: str
    year: int
    level: str


def read_row(row: SheetRow, words: Words) -> tuple[Entry | None, list[Fault]]:
    """What a row says, or every cell of it that says nothing that an entry can hold."""
    cells, faults = row.cells, []
    name = " ".join(cells.get("name", "").split())
    if not name:
        faults.append(row.fault("name", "required"))
    year, more = year_of(row, words.year)
    faults += more
    months, fault = _months(row, year)
    faults += [fault] if fault else []
    selection, fault = _selection(row, words.level)
    faults += [fault] if fault else []
    lead = words.parties.read(cells.get("lead", ""))
    support = words.parties.read(cells.get("support", ""))
    for field, named in (("lead", lead), ("support", support)):
        faults += [
            row.fault(field, "party_unknown", value=word, expected=words.expected) for word in named.unknown
        ]
    method, strange = _method(cells.get("method", ""))
    faults += [row.fault("method", "item_method_word", value=word) for word in strange]
    kinds = words_of(cells.get("kinds", ""))
    faults += [row.fault("kinds", "item_kind_word", value=w) for w in kinds if w not in words.kinds]
    if faults or months is None or selection is None:
        return None, faults
    entry = Entry(
        name=name,
        year=year,
        months=months,
        selection=selection,
        lead=lead,
        support=support,
        words=_item_words(cells, name),
        method=method,
        kinds=tuple(dict.fromkeys(words.kinds[word] for word in kinds)),
        industries=tuple(code.rstrip("*") for code in words_of(cells.get("industries", ""))),
        note=_note(cells),
        plan_name=cells.get("plan_name", "").strip(),
    )
    return entry, []


def _months(row: SheetRow, year: int) -> tuple[tuple[int, int] | None, Fault | None]:
    text = row.cells.get("time", "")
    if is_nothing(text):
        return None, row.fault("time", "plan_time_missing", such=SUCH_TIMES)
    time = read_time(text, row.cells.get("until", ""))
    if time is None:
        return None, row.fault("time", "plan_time_word", such=SUCH_TIMES)
    if time.year not in (0, year):
        return None, row.fault("time", "plan_time_other_year", year=year)
    return (time.first, time.last), None


def _selection(row: SheetRow, level: str) -> tuple[dict[str, Any] | None, Fault | None]:
    """The ratio; without one the number in all."""
    ratio, number = row.cells.get("ratio", ""), row.cells.get("number", "")
    heading = row.headings.get("ratio", "")
    found = read_ratio(ratio, level, in_percent="%" in heading or "％" in heading)
    if found is None:
        found = read_number(ratio) if "数量" in heading else None
    if found is None and not is_nothing(ratio) and any(sign.isdecimal() for sign in ratio):
        return None, row.fault("ratio", "plan_ratio_word", such=SUCH_RATIOS)
    found = found or read_number(number)
    if found is None:
        at = "ratio" if not is_nothing(ratio) or is_nothing(number) else "number"
        code = "plan_ratio_word" if row.cells.get(at) else "plan_ratio_missing"
        return None, row.fault(at, code, such=SUCH_RATIOS)
    return found, None


def _method(cell: str) -> tuple[str, list[str]]:
    methods, strange = read_methods(cell)
    return (methods[0] if methods else ""), [word for word in strange if not _MODE.fullmatch(word)]


def _item_words(cells: Mapping[str, str], name: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """By column: codes, the items' names whole and apart; only where it names none, the entry's own name and its
    targets, so that no published item stands in for one that the row names and that is not published (N-1).
    """
    items = cells.get("items", "")
    apart = [part.strip() for part in re.split(r"[;；\n]+", items) if part.strip()]
    found = {
        "joint_item": words_of(cells.get("joint_item", "")),
        "items": list(dict.fromkeys([*([items] if items else []), *apart])),
    }
    if not any(found.values()):
        found = {"name": [name], "object": [cells["object"]] if cells.get("object") else []}
    return tuple((field, tuple(each)) for field, each in found.items() if each)


def _note(cells: Mapping[str, str]) -> str:
    """The note, and what a plan's row says beside that an entry has no field for."""
    said = [f"{word}：{cells[name]}" for name, word in NOTES.items() if not is_nothing(cells.get(name, ""))]
    return "；".join([*([cells["note"]] if cells.get("note") else []), *said])
