"""An inspector as a form or a spreadsheet hands it in: columns, words to codes, all faults. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.directories.inspectors.rules import certificate_faults, may_lead, missing_fields, too_long_fields
from app.directories.targets.entries import read_date, split_words
from app.kernel.errors import Fault
from app.kernel.spreadsheet import SCIENTIFIC, Column

COLUMNS = (
    Column(
        "certificate_no",
        (
            "执法证号",
            "执法证件号",
            "执法证编号",
            "证件号",
            "证件编号",
            "证号",
            "部门执法证号",
            "省政府执法证号",
            "certificate number",
        ),
        True,
    ),
    Column("name", ("姓名", "执法人员", "检查人员", "人员姓名"), True),
    Column(
        "agency",
        ("所属部门", "执法单位", "所属单位", "成员单位", "工作单位", "部门", "单位名称", "agency code"),
    ),
    Column("unit", ("科室", "业务部门（机构）", "内设机构", "处室", "所在科室", "单位")),
    Column("position", ("职务", "担任职务（6类）", "职级", "岗位")),
    Column("phone", ("联系电话", "电话", "联系方式", "手机", "手机号", "手机号码", "telephone")),
    Column("certified", ("是否持证", "持证", "有无执法证")),
    Column("certificate_from", ("发证日期", "有效期起", "证件有效期起", "valid from")),
    Column(
        "certificate_until", ("有效期至", "有效期止", "证件有效期", "证件有效期至", "有效期", "valid until")
    ),
    Column("leader", ("可任组长", "组长", "是否组长")),
    Column("load", ("本年已检查次数", "检查次数", "本年检查次数", "visits this year")),
    Column("regions", ("执法区域", "区域", "行政区域", "检查区域")),
    Column("specialties", ("专业", "专长", "专业特长", "业务专长")),
)

YES = frozenset({"1", "是", "有", "y", "yes", "true", "√", "持证"})
NO = frozenset({"0", "否", "无", "n", "no", "false", "×", "不持证", "未持证"})
MOST_LOAD = 9999
FIELDS = (
    "name", "unit", "position", "phone", "certified", "certificate_from", "certificate_until",
    "leader", "load", "regions", "specialties",
)  # fmt: skip
# An empty cell of these leaves what is stored.
TOLD = frozenset({"certified", "leader", "load", "regions", "agency"})


@dataclass(frozen=True)
class Vocabulary:
    """`agencies`: code or name of one within reach -> (id, its region's code); `regions`: word -> code."""

    agencies: Mapping[str, tuple[int, str]]
    regions: Mapping[str, str]
    specialties: Collection[str]
    default_agency: str = ""


@dataclass
class InspectorEntry:
    certificate_no: str
    agency_id: int
    name: str
    unit: str
    position: str
    phone: str
    certified: bool
    certificate_from: date | None
    certificate_until: date | None
    leader: bool
    load: int
    regions: list[str]
    specialties: list[str]
    given: frozenset[str] = field(default_factory=frozenset)


def check_entry(values: Mapping[str, str], words: Vocabulary) -> tuple[InspectorEntry | None, list[Fault]]:
    """The entry, or all faults. `values`: text by the names of `COLUMNS`."""
    faults = [*missing_fields(values), *too_long_fields(values)]
    text = {column.name: (values.get(column.name) or "").strip() for column in COLUMNS}
    if SCIENTIFIC.fullmatch(text["certificate_no"]):
        faults.append(Fault("certificate_no", "import_scientific", value=text["certificate_no"]))
    agency = words.agencies.get(text["agency"] or words.default_agency)
    if agency is None:
        faults.append(Fault("agency", "inspector_agency_unknown", value=text["agency"]))
    certified = _flag("certified", text, True, faults)
    leader = _flag("leader", text, False, faults)
    days = {name: _day(name, text, faults) for name in ("certificate_from", "certificate_until")}
    if not any(fault.field in days or fault.field == "certified" for fault in faults):
        faults += certificate_faults(certified, days["certificate_from"], days["certificate_until"])
    decision = may_lead(certified, leader)
    if not decision:
        faults.append(Fault("leader", "leader_without_certificate", value=text["leader"]))
    regions = _regions(text["regions"], words, agency, faults)
    specialties = split_words(text["specialties"])
    faults += [
        Fault("specialties", "specialty_unknown", value=word)
        for word in specialties
        if word not in words.specialties
    ]
    load = _load(text["load"], faults)
    if faults or agency is None:
        return None, faults
    return (
        InspectorEntry(
            certificate_no=text["certificate_no"],
            agency_id=agency[0],
            name=text["name"],
            unit=text["unit"],
            position=text["position"],
            phone=text["phone"],
            certified=certified,
            certificate_from=days["certificate_from"] if certified else None,
            certificate_until=days["certificate_until"] if certified else None,
            leader=leader,
            load=load,
            regions=regions,
            specialties=specialties,
            given=frozenset(name for name in values if name not in TOLD or text.get(name)),
        ),
        [],
    )


def _flag(name: str, text: Mapping[str, str], default: bool, faults: list[Fault]) -> bool:
    word = text[name].casefold()
    if word and word not in YES and word not in NO:
        faults.append(Fault(name, "yes_or_no_unreadable", value=text[name]))
    return word in YES if word else default


def _day(name: str, text: Mapping[str, str], faults: list[Fault]) -> date | None:
    day = read_date(text[name])
    if text[name] and day is None:
        faults.append(Fault(name, "target_date_unreadable", value=text[name]))
    return day


def _regions(text: str, words: Vocabulary, agency: tuple[int, str] | None, faults: list[Fault]) -> list[str]:
    """Codes of the regions, home first; without any, the agency's own."""
    found = split_words(text)
    if not found:
        return [agency[1]] if agency else []
    faults += [
        Fault("regions", "inspector_region_unknown", value=word)
        for word in found
        if word not in words.regions
    ]
    return [words.regions[word] for word in found if word in words.regions]


def _load(text: str, faults: list[Fault]) -> int:
    if not text:
        return 0
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or int(text) > MOST_LOAD:
        faults.append(Fault("load", "number_unreadable", value=text))
        return 0
    return int(text)


def changes(stored: Mapping[str, Any], entry: InspectorEntry) -> dict[str, Any]:
    """What the entry changes of a stored row; only fields that were handed in count."""
    return {
        name: getattr(entry, name)
        for name in FIELDS
        if name in entry.given and stored[name] != getattr(entry, name)
    }
