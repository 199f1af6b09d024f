"""Fictional inspectors and outside experts."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypedDict

from seeds.demo.words import GIVEN, MARK, SURNAMES

SEED = 640_000
FIRST_CERTIFICATE = 30_010_001
YINCHUAN = ("640104", "640105", "640106", "640121", "640122", "640181")
OTHER_CITIES = ("640200", "640300", "640400", "640500")
COUNTY_LINES = ("police", "amr", "health", "fire")


class InspectorRow(TypedDict):
    """One inspector. `regions`: the first is home; `specialties`: names; `load`: visits since January;
    `on_leave`: first and last day, or None. `certified` False: assists, has no certificate dates."""

    certificate_no: str
    name: str
    agency_code: str
    unit: str
    position: str
    phone: str
    certificate_valid_from: date | None
    certificate_valid_until: date | None
    certified: bool
    regions: list[str]
    specialties: list[str]
    leader: bool
    load: int
    on_leave: tuple[date, date] | None


class ExpertRow(TypedDict):
    """One outside expert, kept by an agency, never counted as an inspector (Article 16)."""

    expert_no: str
    name: str
    agency_code: str
    organisation: str
    qualification: str
    specialties: list[str]
    regions: list[str]
    phone: str
    valid_from: date
    valid_until: date


@dataclass(frozen=True)
class Trait:
    """A line's inspectors: `core` specialties everybody has, `more` that some have, unit, positions."""

    core: tuple[str, ...]
    more: tuple[str, ...]
    unit: str
    leads: tuple[str, ...] = ("科长", "副科长", "大队长")
    others: tuple[str, ...] = ("一级主任科员", "三级主任科员", "四级主任科员", "一级科员")


TRAITS = {
    "police": Trait(
        ("治安",),
        ("网络安全",),
        "治安管理支队",
        ("支队长", "副支队长", "大队长"),
        ("一级警长", "二级警长", "一级警员"),
    ),
    "amr": Trait(("价格", "登记"), ("食品", "特种设备", "计量", "产品质量", "检验检测"), "信用监督管理科"),
    "health": Trait(("公共卫生",), ("食品",), "卫生监督所"),
    "fire": Trait(("消防",), (), "防火监督科", others=("一级助理员", "二级助理员", "专业技术员")),
    "culture": Trait(("文化市场",), (), "文化市场综合执法支队"),
    "education": Trait(("办学", "校车"), (), "教育督导室"),
    "housing": Trait(("建筑",), ("消防",), "建设工程质量安全监督站"),
    "ecology": Trait(("环境监测",), (), "生态环境综合执法支队"),
    "commerce": Trait(("商务",), (), "市场秩序科"),
    "propaganda": Trait(("新闻出版",), (), "出版管理科"),
    "tax": Trait(("税收",), (), "税源管理科"),
    "hrss": Trait(("劳动保障",), (), "劳动保障监察支队"),
    "transport": Trait(("校车",), (), "交通运输综合执法支队"),
    "emergency": Trait(("安全生产",), (), "安全生产监察支队"),
    "development": Trait(("粮食", "建筑"), (), "粮食和物资储备科"),
}
CITY_STAFF = {
    "police": 24, "amr": 26, "health": 22, "fire": 10, "culture": 10, "education": 10,
    "housing": 8, "ecology": 8, "commerce": 6, "propaganda": 6, "tax": 6, "hrss": 6, "transport": 5,
    "emergency": 4, "development": 5,
}  # fmt: skip
COUNTY_STAFF, OTHER_CITY_STAFF = 3, 6
ALWAYS_READY = 10  # the first of every city agency: valid, present, certified, for the whole city
UNIT_BELOW = "综合执法大队"


def demo_inspectors(today: date, seed: int = SEED) -> Iterator[InspectorRow]:
    """300 inspectors with distinct certificate numbers, names and telephones; dates are relative to today.

    In every city agency of Yinchuan the first ten are on duty for the whole city with all core specialties,
    every other one a leader. Later ones may be expired, about to expire, away or uncertified.
    """
    rng = random.Random(f"inspectors:{seed}")
    names = [surname + given + MARK for surname in SURNAMES for given in GIVEN]
    rng.shuffle(names)
    for serial, (line, region, place) in enumerate(_posts()):
        yield _inspector(rng, today, serial, names[serial], line, region, place)


def _posts() -> Iterator[tuple[str, str, int]]:
    """Line, region and place within the agency, in the order of certificate numbers."""
    for line, count in CITY_STAFF.items():
        yield from ((line, "640100", place) for place in range(count))
    for region in YINCHUAN:
        for line in COUNTY_LINES:
            yield from ((line, region, place) for place in range(COUNTY_STAFF))
    for region in OTHER_CITIES:
        for line in COUNTY_LINES[:3]:
            yield from ((line, region, place) for place in range(OTHER_CITY_STAFF))


def _inspector(
    rng: random.Random, today: date, serial: int, name: str, line: str, region: str, place: int
) -> InspectorRow:
    trait, city = TRAITS[line], region == "640100"
    ready = city and place < ALWAYS_READY
    certified = ready or place % 23 != 20
    leader = certified and place % 2 == 0
    away = (today - timedelta(days=3), today + timedelta(days=18))
    valid = _validity(rng, today, 0 if ready else serial) if certified else None
    regions = [region] if ready or not city else _parts_of_city(rng)
    return InspectorRow(
        certificate_no=str(FIRST_CERTIFICATE + serial),
        name=name,
        agency_code=f"{line.upper()}-{region}",
        unit=trait.unit if region.endswith("00") else UNIT_BELOW,
        position=rng.choice(trait.leads if leader else trait.others),
        phone=f"1090{serial:07d}",
        certificate_valid_from=valid[0] if valid else None,
        certificate_valid_until=valid[1] if valid else None,
        certified=certified,
        regions=regions,
        specialties=[*trait.core, *(tag for tag in trait.more if rng.random() < 0.4)],
        leader=leader,
        load=rng.choice((0, 0, 1, 2, 3, 4, 5, 6, 8)),
        on_leave=away if serial % 37 == 36 and not ready else None,
    )


def _validity(rng: random.Random, today: date, serial: int) -> tuple[date, date]:
    """Five years. One in 29 is expired, one in 31 ends within the month, all others last for half a year."""
    if serial % 29 == 28:
        until = today - timedelta(days=rng.randint(5, 90))
    elif serial % 31 == 30:
        until = today + timedelta(days=rng.randint(3, 25))
    else:
        until = today + timedelta(days=rng.randint(200, 1_700))
    return until - timedelta(days=5 * 365), until


def _parts_of_city(rng: random.Random) -> list[str]:
    home, *rest = rng.sample(YINCHUAN, len(YINCHUAN))
    return [home, *sorted(rest[: rng.choice((1, 2, 5))])]


_EXPERTS = (
    ("AMR", "特种设备检验研究院", "特种设备检验师", "特种设备", 3),
    ("AMR", "食品检测研究院", "食品检验高级工程师", "食品", 2),
    ("HEALTH", "疾病预防控制中心", "公共卫生主任医师", "公共卫生", 3),
    ("FIRE", "消防技术服务机构", "一级注册消防工程师", "消防", 2),
    ("HOUSING", "建筑工程检测中心", "一级注册结构工程师", "建筑", 1),
    ("ECOLOGY", "环境监测技术中心", "环境监测高级工程师", "环境监测", 1),
)


def demo_experts(today: date, seed: int = SEED) -> Iterator[ExpertRow]:
    """Twelve outside experts of fictional institutions, for Yinchuan."""
    rng = random.Random(f"experts:{seed}")
    serial = 0
    for line, institution, qualification, specialty, count in _EXPERTS:
        for _ in range(count):
            serial += 1
            valid_from = today - timedelta(days=rng.randint(60, 600))
            yield ExpertRow(
                expert_no=f"E{serial:04d}",
                name=rng.choice(SURNAMES) + rng.choice(GIVEN) + rng.choice(GIVEN) + MARK,
                agency_code=f"{line}-640100",
                organisation=f"银川市{institution}{MARK}",
                qualification=qualification,
                specialties=[specialty],
                regions=["640100"],
                phone=f"1091{serial:07d}",
                valid_from=valid_from,
                valid_until=valid_from + timedelta(days=3 * 365),
            )
