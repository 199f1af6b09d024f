"""A target as a form or a spreadsheet hands it in: columns, words to codes, all faults. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from app.directories.targets.rules import (
    CODE_KINDS,
    TargetStatus,
    check_code,
    kind_of_code,
    missing_fields,
    region_of_code,
    too_long_fields,
)
from app.kernel.errors import Fault
from app.kernel.identifiers import Identifier, IdentifierKind, asks_for_code
from app.kernel.spreadsheet import Column, SheetRow, half_width

COLUMNS = (
    Column(
        "code",
        ("统一社会信用代码", "统一社会信用代码/注册号", "信用代码", "标识码", "组织机构代码", "代码", "uscc"),
        True,
        re.compile(
            r"\s*[0-9A-Za-z０-９Ａ-Ｚ]{17}[0-9A-Za-z０-９Ａ-Ｚ]\s*|[0-9A-Z]{8}-?[0-9X]|V\d{14}[0-9A-Z]"
        ),
    ),
    Column(
        "name",
        (
            "名称",
            "检查对象名称",
            "检查对象",
            "企业名称",
            "单位名称",
            "主体名称",
            "市场主体名称",
            "企业（机构）名称",
            "机构名称",
        ),
        True,
    ),
    Column("kind", ("对象类型", "主体类型", "主体类别", "类型", "种类", "检查对象类型", "target kind")),
    Column("industry", ("行业", "行业代码", "行业类别", "所属行业", "国民经济行业代码", "industry code")),
    Column(
        "region", ("行政区域", "行政区划", "行政区划代码", "区划", "区县", "所属区域", "区域", "region code")
    ),
    Column("address", ("住所", "地址", "经营场所", "住所（经营场所）", "注册地址", "经营地址")),
    Column(
        "legal_representative",
        ("法定代表人", "法定代表人（负责人）", "法定代表人/负责人", "负责人", "经营者", "法人代表", "法人"),
    ),
    Column("contact", ("联系人", "联络员", "联系人姓名", "contact person")),
    Column(
        "phone",
        ("联系电话", "电话", "联系方式", "手机", "手机号码", "telephone"),
        looks=re.compile(r"(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|0\d{2,3}[- ]?\d{7,8}"),
    ),
    Column("home_address", ("经营者住址", "家庭住址", "home address")),
    Column("status", ("登记状态", "状态", "经营状态", "企业状态", "主体状态（有效/失效）")),
    Column(
        "registered_on",
        ("成立日期", "注册日期", "登记日期", "开业日期", "date of registration"),
        looks=re.compile(r"(?:19|20)\d{2}(?:[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{4})"),
    ),
    Column("tags", ("专业", "标签", "所需专业", "specialties")),
)

STATUS_WORDS = {
    **{s.value: s for s in TargetStatus},
    **dict.fromkeys(
        ("存续", "有效", "在业", "开业", "正常", "在营", "存续（在营、开业、在册）"), TargetStatus.ACTIVE
    ),
    **dict.fromkeys(("停业", "歇业", "吊销", "经营异常", "吊销未注销"), TargetStatus.SUSPENDED),
    **dict.fromkeys(("注销", "失效", "撤销", "迁出", "关闭"), TargetStatus.CLOSED),
}
# An empty cell of these leaves what is stored: the entry took the value from the code, or a default.
TOLD = frozenset({"kind", "region", "status"})
# Written as they are; everywhere else full-width letters and figures count as their half-width ones.
PROSE = frozenset(
    {"name", "kind", "address", "legal_representative", "contact", "home_address", "status", "tags"}
)
_NAMES = tuple(column.name for column in COLUMNS)
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
# Days since the end of 1899, as a spreadsheet counts them: 1930 to 2064.
_SERIAL = re.compile(r"(?:1[1-9]|[2-5]\d)\d{3}(?:\.\d+)?", re.ASCII)
_EPOCH = date(1899, 12, 30)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)


@dataclass(frozen=True)
class Vocabulary:
    """Words and codes that an entry may use. Each maps a code or a name to the stored value."""

    kinds: Mapping[str, str]
    prefixes: Mapping[str, str]
    industries: Mapping[str, str]
    regions: Mapping[str, int]
    reachable: Collection[int] | None
    tags: Collection[str] = ()


@dataclass
class TargetEntry:
    """A checked entry. `given`: the fields that were handed in; others keep what is stored.

    `code` is empty while the portal is asked to issue one: `sources.services.issue_codes` does.
    """

    code: str
    code_kind: str
    name: str
    kind: str
    industry_code: str | None
    region_id: int
    address: str
    legal_representative: str
    contact: str
    phone: str
    home_address: str
    status: str
    registered_on: date | None
    tags: list[str]
    given: frozenset[str] = field(default_factory=frozenset)
    organisation_code: str | None = None


def check_row(row: SheetRow, words: Vocabulary) -> tuple[TargetEntry | None, list[Fault]]:
    """The entry of one row, or all its faults with place and value."""
    entry, faults = check_entry(row.cells, words)
    return entry, [_at(row, fault) for fault in faults]


def _at(row: SheetRow, fault: Fault) -> Fault:
    return row.fault(fault.field, fault.code, **{**fault.facts, "value": fault.value})


def check_entry(values: Mapping[str, str], words: Vocabulary) -> tuple[TargetEntry | None, list[Fault]]:
    """The entry, or all faults. `values`: text by the names of `COLUMNS`."""
    faults = [*missing_fields(values), *too_long_fields(values)]
    get = _cells(values).__getitem__
    identifier = asked_code() if asks_for_code(get("code")) else check_code(get("code"))
    if identifier.fault is not None and get("code"):
        faults.append(
            Fault("code", identifier.fault.code, **{**identifier.fault.facts, "value": get("code")})
        )
    kind = words.kinds.get(get("kind")) if get("kind") else kind_of_code(identifier, words.prefixes)
    if kind is None and (identifier or get("kind")):
        faults.append(Fault("kind", "target_kind_unknown", value=get("kind")))
    industry = _industry(get("industry"), words)
    if get("industry") and industry is None:
        faults.append(Fault("industry", "target_industry_unknown", value=get("industry")))
    region_text = get("region") or region_of_code(identifier) or ""
    region_id = words.regions.get(region_text)
    if region_id is None and (identifier or get("region")):
        faults.append(Fault("region", "target_region_unknown", value=region_text))
    elif region_id is not None and words.reachable is not None and region_id not in words.reachable:
        faults.append(Fault("region", "target_region_elsewhere", value=region_text))
    status = STATUS_WORDS.get(get("status").casefold() or TargetStatus.ACTIVE.value)
    if status is None:
        faults.append(Fault("status", "target_status_unknown", value=get("status")))
    registered_on = read_date(get("registered_on"))
    if get("registered_on") and registered_on is None:
        faults.append(Fault("registered_on", "target_date_unreadable", value=get("registered_on")))
    tags = split_words(get("tags"))
    faults += [Fault("tags", "target_tag_unknown", value=tag) for tag in tags if tag not in words.tags]
    if faults or identifier.kind is None or kind is None or region_id is None or status is None:
        return None, faults
    return (
        TargetEntry(
            code=identifier.code,
            code_kind=CODE_KINDS[identifier.kind],
            name=get("name"),
            kind=kind,
            industry_code=industry,
            region_id=region_id,
            address=get("address"),
            legal_representative=get("legal_representative"),
            contact=get("contact"),
            phone=get("phone"),
            home_address=get("home_address"),
            status=status.value,
            registered_on=registered_on,
            tags=tags,
            given=frozenset(name for name in values if name not in TOLD or get(name)),
            organisation_code=identifier.organisation_code,
        ),
        [],
    )


def _cells(values: Mapping[str, str]) -> dict[str, str]:
    """The text of every column, empty where nothing was handed in."""
    found = dict.fromkeys(_NAMES, "")
    for name, text in values.items():
        if text:
            text = text.strip()
            found[name] = text if name in PROSE or text.isascii() else half_width(text).strip()
    return found


def asked_code() -> Identifier:
    """Stands for the code that the portal is going to issue: internal, and still empty in the entry."""
    return Identifier("", IdentifierKind.INTERNAL)


def _industry(text: str, words: Vocabulary) -> str | None:
    found = words.industries.get(text)
    if found is None and len(text) == 5 and text[0].isalpha():
        found = words.industries.get(text[1:])
    return found


@lru_cache(maxsize=20_000)
def read_date(text: str) -> date | None:
    """`2026-01-31`, `2026/1/31`, `2026.1.31`, `20260131`, `2026年1月31日`, a spreadsheet's number of days; a time of
    day is dropped.
    """
    text = half_width(text).strip()
    if _SERIAL.fullmatch(text):
        return _EPOCH + timedelta(days=int(text.partition(".")[0]))
    match = _DATE.fullmatch(text.replace("T", " ").partition(" ")[0]) or _COMPACT.fullmatch(text)
    if match is None:
        return None
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        return None


def split_words(text: str) -> list[str]:
    """The words of a cell that holds several, in order, each once."""
    return list(dict.fromkeys(word for word in re.split(r"[;；,，、\s]+", text) if word))


FIELDS: tuple[tuple[str, str], ...] = (
    ("name", "name"),
    ("kind", "kind"),
    ("industry_code", "industry"),
    ("region_id", "region"),
    ("address", "address"),
    ("legal_representative", "legal_representative"),
    ("contact", "contact"),
    ("phone", "phone"),
    ("home_address", "home_address"),
    ("status", "status"),
    ("registered_on", "registered_on"),
    ("tags", "tags"),
)


def changes(stored: Mapping[str, Any], entry: TargetEntry) -> dict[str, Any]:
    """What the entry changes of a stored row; only fields that were handed in count."""
    return {
        column: getattr(entry, column)
        for column, name in FIELDS
        if name in entry.given and stored[column] != getattr(entry, column)
    }
