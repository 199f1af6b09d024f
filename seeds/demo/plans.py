"""Plan entries that agencies of Yinchuan have reported, after rows that other cities published."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypedDict

from seeds.reader import cell_list, reference

CITY = "640100"
NO_CAP = 1000
# Ratios rise with the class, as Changzhi's plan of 2024 has it; whoever is not classified is drawn like B.
CLASS_FACTORS = {"A": 0.5, "B": 1.0, "C": 2.0, "D": 4.0, "N": 1.0}


class Part(TypedDict):
    """What one agency checks: its department items by code."""

    agency_code: str
    items: list[str]


class PlanEntryRow(TypedDict):
    """One reported entry. `industries` empty: all. `ratios`: per mille of each class that the scope can
    contain; `quantity` is None, the ratios decide. Both days of the period belong to it."""

    agency_code: str
    joint_code: str
    name: str
    items: list[str]
    participants: list[Part]
    kinds: list[str]
    industries: list[str]
    regions: list[str]
    ratios: dict[str, int]
    quantity: int | None
    method: str
    frequency: str
    period_from: date
    period_until: date
    source: str


@dataclass(frozen=True)
class Model:
    """A published row to go by: title, participants besides the initiator, ratio per mille, months, place."""

    joint: str
    title: str
    partners: tuple[str, ...]
    ratio: int
    months: tuple[int, int]
    source: str


_MODELS = (
    Model("J01", "印刷企业", ("culture",), 50, (4, 10), "汾阳市联合抽查事项清单"),
    Model("J02", "出版物零售单位", ("culture",), 50, (4, 10), "汾阳市联合抽查事项清单"),
    Model("J03", "中小学教育装备产品", ("amr",), 50, (5, 10), "武汉市青山区2024年联合抽查计划"),
    Model("J05", "校外培训机构", ("amr", "tax"), 50, (6, 9), "汾阳市联合抽查事项清单"),
    Model("J06", "学校食堂食品安全", ("education", "health"), 200, (3, 10), "武汉市青山区2024年联合抽查计划"),
    Model(
        "J07",
        "影剧院、歌舞游艺场所许可",
        ("police", "health", "fire"),
        30,
        (1, 12),
        "武汉市青山区2024年联合抽查计划",
    ),
    Model(
        "J08",
        "影剧院、歌舞游艺场所卫生",
        ("culture", "fire"),
        30,
        (1, 12),
        "汕头市联合抽查事项清单（第二版）",
    ),
    Model("J09", "游泳场（馆）", ("amr",), 50, (6, 9), "汾阳市联合抽查事项清单"),
    Model("J10", "商场（超市）", ("amr",), 20, (5, 11), "汾阳市联合抽查事项清单"),
    Model("J11", "经营性互联网文化单位", ("police",), 50, (4, 11), "汾阳市联合抽查事项清单"),
    Model("J14", "校车安全", ("police", "transport"), 100, (3, 10), "汕头市联合抽查事项清单（第二版）"),
    Model("J16", "企业年度报告", ("hrss", "tax"), 5, (1, 12), "武汉市青山区2024年联合抽查计划"),
    Model("J17", "生态环境监测机构", ("amr",), 50, (5, 11), "武汉市青山区2024年联合抽查计划"),
    Model("J19", "汽车新车销售企业", ("amr", "tax"), 50, (7, 10), "广东某市商务局2024年部门联合抽查计划"),
    Model("J20", "机动车排放检验机构", ("ecology",), 100, (7, 12), "汕尾市联合抽查计划（推断）"),
)
_HOTELS = Model("J15", "宾馆、旅店", ("health", "amr"), 20, (1, 12), "武汉市青山区2024年联合抽查计划")
# Rounded up, six of the demo's hotels: one of each class, two that are not classified.
_HOTEL_RATIOS = {"A": 8, "B": 20, "C": 50, "D": 100, "N": 15}


def demo_agency_plans(today: date) -> Iterator[PlanEntryRow]:
    """Fifteen entries of other agencies than the police, none above its cap, all in the rest of today's year.

    With the police's hotel entry they cover 16 of the 19 joint items of city level, 84 %, without it 79 %;
    Article 18 asks for 80.
    """
    return (_entry(model, today) for model in _MODELS)


def hotel_entry(today: date) -> PlanEntryRow:
    """The entry that the police report in the journey: health and market supervision take part."""
    return PlanEntryRow({**_entry(_HOTELS, today), "ratios": dict(_HOTEL_RATIOS)})


def _entry(model: Model, today: date) -> PlanEntryRow:
    joint = next(row for row in reference("joint_items") if row["code"] == model.joint)
    lead, kinds = joint["lead_line"], cell_list(joint["target_kinds"])
    period_from, period_until = _period(today, model.months)
    return PlanEntryRow(
        agency_code=_agency(lead),
        joint_code=model.joint,
        name=f"{today.year}年度{model.title}部门联合抽查",
        items=_items(model.joint, lead),
        participants=[
            Part(agency_code=_agency(line), items=_items(model.joint, line)) for line in model.partners
        ],
        kinds=kinds,
        industries=cell_list(joint["industries"]),
        regions=[CITY],
        ratios=_ratios(model.ratio, int(joint["ratio_cap"] or NO_CAP), kinds),
        quantity=None,
        method=joint["method"],
        frequency="1次/年",
        period_from=period_from,
        period_until=period_until,
        source=model.source,
    )


def _agency(line: str) -> str:
    return f"{line.upper()}-{CITY}"


def _items(joint: str, line: str) -> list[str]:
    parts = reference("joint_item_parts")
    return [row["item_code"] for row in parts if (row["joint_code"], row["line"]) == (joint, line)]


def _ratios(base: int, cap: int, kinds: list[str]) -> dict[str, int]:
    """Never zero: a class that looks clean is drawn from as well. No class alone is above the cap."""
    classes = ("ABCD" if "enterprise" in kinds else "") + ("N" if kinds != ["enterprise"] else "")
    return {name: min(cap, max(1, int(base * CLASS_FACTORS[name]))) for name in classes}


def _period(today: date, months: tuple[int, int]) -> tuple[date, date]:
    """The published months as far as they lie ahead; where they are over, the rest of the year."""
    year, (first, last) = today.year, months
    begin = max(date(year, first, 1), today)
    end = date(year, last, calendar.monthrange(year, last)[1])
    return begin, end if end >= begin else date(year, 12, 31)
