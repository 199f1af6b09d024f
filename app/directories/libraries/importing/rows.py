"""The columns of a spreadsheet of libraries, and what a row says. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.directories.libraries.rules import BY_HAND, LibraryKind
from app.directories.targets.rules import TargetStatus
from app.kernel.errors import Fault
from app.kernel.identifiers import normalise
from app.kernel.spreadsheet import Column, SheetRow

COLUMNS = (
    Column("name", ("专项库", "名录库", "专项库名称", "名录库名称", "库名称", "library"), True),
    Column("kind", ("库类型", "名录库类型", "kind of library")),
    Column("kinds", ("对象类型", "主体类别", "kinds")),
    Column("industries", ("行业代码", "行业", "industries")),
    Column("regions", ("行政区域", "所属区域", "区域", "regions")),
    Column("permits", ("许可证名称", "许可种类", "permits")),
    Column("premises", ("场所类型", "premises")),
    Column("tags", ("监管标签", "专业标签", "标签", "tags")),
    Column(
        "target",
        ("统一社会信用代码", "统一社会信用代码/注册号", "主体身份代码", "检查对象代码", "对象代码", "target"),
    ),
    Column("reason", ("入库理由", "理由", "数据来源", "reason")),
)
PARTS = ("kinds", "industries", "regions", "permits", "premises", "tags")
LONGEST_REASON = 300
_SEPARATORS = re.compile(r"[;；,，、\n]+")
_KINDS = {
    "专项库": LibraryKind.CATEGORY,
    "类别库": LibraryKind.CATEGORY,
    "行业库": LibraryKind.INDUSTRY,
    "区域库": LibraryKind.AREA,
    "地区库": LibraryKind.AREA,
    "基础库": LibraryKind.BASE,
    **{kind.value: kind for kind in LibraryKind if kind is not LibraryKind.JOINT},
}


@dataclass(frozen=True)
class Entry:
    """`rule`: the parts that the row says, empty where it says none; `target`: the code of one to be added."""

    name: str
    kind: str
    rule: Mapping[str, list[str]] = field(default_factory=dict)
    target: str = ""
    reason: str = ""

    @property
    def key(self) -> str:
        return f"{self.name}\x1f{self.target}"


@dataclass(frozen=True)
class Words:
    """`codes`: code by word for the parts that have a vocabulary; `known`: rules of libraries in use elsewhere by name."""

    codes: Mapping[str, Mapping[str, str]]
    known: Mapping[str, Mapping[str, list[str]]]


def read_row(row: SheetRow, words: Words) -> tuple[Entry | None, list[Fault]]:
    cells, faults = row.cells, []
    name = " ".join(cells.get("name", "").split())
    if not name:
        faults.append(row.fault("name", "library_name_missing"))
    kind = _KINDS.get(cells.get("kind", "").strip() or LibraryKind.CATEGORY.value)
    if kind is None:
        faults.append(row.fault("kind", "library_kind_unknown"))
    target = normalise(cells.get("target", ""))
    rule: dict[str, list[str]] = {}
    for part in () if target else PARTS:
        for word in _SEPARATORS.split(cells.get(part, "")):
            word = word.strip()
            code = words.codes.get(part, {}).get(word, word.rstrip("*") if part == "industries" else "")
            if word and not code:
                faults.append(row.fault(part, "rule_value_unknown", value=word))
            elif word and code not in rule.setdefault(part, []):
                rule[part].append(code)
    reason = " ".join(cells.get("reason", "").split())
    if len(reason) > LONGEST_REASON:
        faults.append(row.fault("reason", "too_long", most=LONGEST_REASON, found=len(reason)))
    if faults or kind is None:
        return None, faults
    return Entry(name, kind.value, rule, target, reason), []


def new_rule(entry: Entry, words: Words) -> dict[str, list[str]]:
    """The rule of a new library: what its row says; what a library of this name has elsewhere; else nobody."""
    said: dict[str, Any] = {part: list(values) for part, values in entry.rule.items() if values}
    if not said and not entry.target:
        said = {part: list(values) for part, values in words.known.get(entry.name, {}).items()}
    if not set(said) - {"status"}:
        said = {"by_hand": [BY_HAND]}
    return {"status": [TargetStatus.ACTIVE.value], **said}
