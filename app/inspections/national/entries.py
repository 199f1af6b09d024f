"""Rows of tasks and results as they come, from a batch and from a file alike: texts to plain values. Pure.

A field that is not there says nothing; one that is there and empty says that there is no value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.directories.importing.reading import Cells
from app.kernel.errors import Fault
from app.kernel.spreadsheet import Column

LONGEST_ID = 100
LONGEST_CODE = 60
LONGEST_NAME = 200
LONGEST_TEXT = 2000
MOST_ITEMS = 50
MOST_INSPECTORS = 20
_ITEMS = re.compile(r"[;；\n]+")
_PEOPLE = re.compile(r"[;；、,，\s]+")
YES_NO: Mapping[str, Any] = {
    **dict.fromkeys(("yes", "是", "随机", "双随机", "随机抽查", "true", "1"), True),
    **dict.fromkeys(("no", "否", "非随机", "专项", "定向", "false", "0"), False),
}
SOURCE = Column("source", ("来源系统", "来源系统编码", "国家系统", "系统编码", "source"))
SOURCE_ID = Column(
    "source_id", ("来源编号", "系统内编号", "国家系统编号", "任务编号", "结果编号", "source id"), True
)
TASK_COLUMNS = (
    Column("name", ("任务名称", "检查任务名称", "名称", "task name"), True),
    Column("items", ("检查事项", "抽查事项", "事项名称", "事项", "items"), True),
    Column("random", ("是否随机", "是否随机抽查", "任务类型", "random"), True),
    Column("period_from", ("开始日期", "检查起始日期", "检查开始日期", "from")),
    Column("period_to", ("结束日期", "检查截止日期", "检查结束日期", "to")),
    Column("drawn_on", ("抽取日期", "随机抽取日期", "drawn on")),
)
RESULT_COLUMNS = (
    Column("task", ("所属任务", "所属任务编号", "来源任务编号", "task"), True),
    Column("target", ("统一社会信用代码", "对象代码", "检查对象代码", "信用代码", "target code"), True),
    Column("inspectors", ("检查人员", "执法人员", "执法证号", "检查人员证号", "inspectors")),
    Column("checked_on", ("检查日期", "实地检查日期", "检查时间", "checked on"), True),
    Column("result", ("检查结果", "抽查检查结果", "结果", "result"), True),
    Column("problem_text", ("发现的问题", "问题描述", "存在问题", "problem")),
    Column("disposition", ("后续处置", "处置方式", "处理方式", "disposition")),
    Column("disposition_text", ("处置说明", "后续处置说明", "disposition text")),
    Column("corrected_on", ("整改完成日期", "改正日期", "整改日期", "corrected on")),
)


@dataclass
class Entry:
    """One row: what the system calls it, the values that it gives, and what is wrong with their shape.

    `values`: days as ISO 8601 or None; items and inspectors as lists; task, target, result and disposition as they
    were written.
    """

    source_id: str
    values: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    source: str = ""


def read_source_id(cells: Mapping[str, str]) -> tuple[str, list[Fault]]:
    row = Cells(cells)
    return row.text("source_id", LONGEST_ID, needed=True), row.faults


def read_task(source_id: str, cells: Mapping[str, str]) -> Entry:
    row, values = Cells(cells), {}
    if "name" in cells:
        values["name"] = row.text("name", LONGEST_NAME)
    if "items" in cells:
        values["items"] = _several(row, cells, "items", MOST_ITEMS, _ITEMS)
    if "random" in cells:
        text = cells["random"].strip().lower()
        if text not in YES_NO:
            row.faults.append(Fault("random", "not_a_choice" if text else "required", value=text[:40]))
        values["random"] = YES_NO.get(text)
    for name in ("period_from", "period_to", "drawn_on"):
        if name in cells:
            values[name] = row.day(name)
    return Entry(source_id, values, row.faults)


def read_result(source_id: str, cells: Mapping[str, str]) -> Entry:
    row, values = Cells(cells), {}
    if "task" in cells:
        values["task"] = row.text("task", LONGEST_ID)
    if "target" in cells:
        values["target"] = row.text("target", LONGEST_CODE)
    if "inspectors" in cells:
        values["inspectors"] = _several(row, cells, "inspectors", MOST_INSPECTORS, _PEOPLE)
    for name in ("result", "disposition"):
        if name in cells:
            values[name] = row.text(name, LONGEST_NAME)
    for name in ("problem_text", "disposition_text"):
        if name in cells:
            values[name] = row.text(name, LONGEST_TEXT)
    for name in ("checked_on", "corrected_on"):
        if name in cells:
            values[name] = row.day(name)
    return Entry(source_id, values, row.faults)


def _several(
    row: Cells, cells: Mapping[str, str], name: str, most: int, between: re.Pattern[str]
) -> list[str]:
    parts = [" ".join(part.split()) for part in between.split(cells[name])]
    found = list(dict.fromkeys(part for part in parts if part))
    if len(found) > most:
        row.faults.append(Fault(name, "national_too_many", value=str(len(found)), most=most))
    for part in found:
        if len(part) > LONGEST_NAME:
            row.faults.append(Fault(name, "too_long", value="", most=LONGEST_NAME, found=len(part)))
    return found
