"""Fictional permits and premises of the demo targets: what their trades usually hold, a few of them ending soon."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypedDict, TypeVar

from seeds.demo.targets import TargetRow

SEED = 640_000
YEARS_3, YEARS_4, YEARS_5 = 3 * 365, 4 * 365, 5 * 365
FOR_EVER = 0
# How the validity of the permits is spread, in days from today of the last one: expired, ending soon, far ahead.
SPREAD = ((0.05, -240, -1), (0.08, 1, 58), (0.87, 61, YEARS_4))
STATUS = ("valid",) * 24 + ("suspended", "cancelled")


Found = TypeVar("Found")


@dataclass(frozen=True)
class Usual:
    """A kind of permit that a trade holds. `share` of its targets have it; `days` of validity, 0: indefinite;
    `line`: name of the issuing department after the city's name."""

    kind: str
    share: float
    days: int
    line: str
    letters: str


HYGIENE = Usual("public_place_hygiene", 0.95, YEARS_4, "卫生健康委员会", "宁卫公证字")
HOTEL = Usual("hotel_special_trade", 0.95, FOR_EVER, "公安局", "宁公特旅字")
FOOD = Usual("food_business", 0.85, YEARS_5, "市场监督管理局", "JY")
TOBACCO = Usual("tobacco_retail", 0.3, YEARS_5, "烟草专卖局", "宁烟零字")
FIRE = Usual("fire_safety_check", 0.4, FOR_EVER, "消防救援支队", "宁消安检字")
SCHOOL = Usual("school_running", 0.9, YEARS_5, "教育局", "教民")
FUN = Usual("entertainment_place", 0.95, YEARS_3, "文化旅游广电局", "宁文娱字")

# By the beginning of the industry's code; the longest beginning wins.
PERMITS = {
    "61": (HOTEL, HYGIENE, FIRE),
    "62": (Usual("food_business", 0.45, YEARS_5, "市场监督管理局", "JY"),),
    "6210": (FOOD, FIRE),
    "5212": (FOOD, TOBACCO),
    "5211": (FIRE, FOOD, HYGIENE),
    "8310": (SCHOOL, FOOD),
    "839": (SCHOOL,),
    "8760": (Usual("film_projection", 0.95, YEARS_5, "新闻出版广电局", "宁影放字"), HYGIENE, FIRE),
    "8820": (Usual("commercial_performance", 0.9, 2 * 365, "文化旅游广电局", "宁演字"), FIRE),
    "90": (FUN, HYGIENE, FIRE),
    "8930": (Usual("high_risk_sport", 0.95, YEARS_5, "体育局", "宁体高字"), HYGIENE),
    "525": (Usual("drug_business", 0.9, YEARS_5, "市场监督管理局", "宁药零字"),),
    "5265": (
        Usual("hazardous_chemicals", 0.95, YEARS_3, "应急管理局", "宁危化经字"),
        Usual("refined_oil", 0.95, YEARS_5, "商务局", "油零售证书第"),
    ),
    "54": (Usual("road_transport", 0.4, YEARS_4, "交通运输局", "宁交运管许可字"),),
    "84": (Usual("medical_institution", 0.95, YEARS_5, "卫生健康委员会", "宁卫医证字"),),
    "804": (Usual("public_place_hygiene", 0.4, YEARS_4, "卫生健康委员会", "宁卫公证字"),),
    "7291": (Usual("travel_agency", 0.95, FOR_EVER, "文化旅游广电局", "L-NX"),),
    "9013": (Usual("internet_access_place", 0.95, YEARS_3, "文化旅游广电局", "宁网文字"), FIRE),
}  # fmt: skip
PREMISES = {
    "61": (("hotel_building", "主楼", 800, 9000), ("kitchen", "后厨", 40, 400)),
    "6210": (("business_place", "一层门店", 40, 600), ("kitchen", "后厨", 15, 120)),
    "521": (("business_place", "门店", 20, 800), ("warehouse", "仓库", 20, 600)),
    "83": (("classroom", "教学楼", 300, 9000), ("canteen", "食堂", 60, 900)),
    "8760": (("screening_room", "一号厅", 90, 400), ("screening_room", "二号厅", 90, 400)),
    "8820": (("performance_place", "剧场", 300, 3000),),
    "90": (("business_place", "营业大厅", 120, 1500),),
    "8930": (("swimming_pool", "泳池", 200, 2500),),
    "5265": (("filling_station", "加油区", 300, 2000), ("hazardous_store", "油罐区", 60, 500)),
    "84": (("clinic", "诊室", 40, 900),),
    "54": (("parking", "停车场", 500, 9000),),
}  # fmt: skip


class PermitRow(TypedDict):
    """One permit, by the code of its target. `valid_until` None: for an indefinite time."""

    target_code: str
    region_code: str
    kind: str
    number: str
    authority: str
    valid_from: date
    valid_until: date | None
    status: str


class PremisesRow(TypedDict):
    """One place of business, by the code of its target; `area` in square metres."""

    target_code: str
    region_code: str
    kind: str
    name: str
    address: str
    area: int


def demo_permits(
    targets: Iterable[TargetRow], cities: dict[str, str], today: date, seed: int = SEED
) -> Iterator[PermitRow]:
    """Permits of the targets whose trades need them; the same (targets, today, seed) give the same rows.

    :param cities: names of the cities by the first four figures of their code
    """
    rng = random.Random(f"permits:{seed}")
    serial = 0
    for row in targets:
        for usual in _of_trade(PERMITS, row["industry"]):
            serial += 1
            chance, first, last = rng.random(), *_validity(rng, today, usual.days)
            status = rng.choice(STATUS) if row["status"] == "active" else "cancelled"
            if chance >= usual.share:
                continue
            city = cities[row["region_code"][:4]]
            yield PermitRow(
                target_code=row["code"],
                region_code=row["region_code"],
                kind=usual.kind,
                number=_number(usual, first, row["region_code"], serial),
                authority=city + usual.line,
                valid_from=first,
                valid_until=last,
                status=status,
            )


def demo_premises(targets: Iterable[TargetRow], seed: int = SEED) -> Iterator[PremisesRow]:
    """Premises of the targets whose trades have several rooms; one in twelve has a second site."""
    rng = random.Random(f"premises:{seed}")
    for row in targets:
        for kind, name, least, most in _of_trade(PREMISES, row["industry"]):
            area, share, second = rng.randint(least, most), rng.random(), rng.random()
            if share >= 0.4:
                continue
            base = PremisesRow(
                target_code=row["code"],
                region_code=row["region_code"],
                kind=kind,
                name=name,
                address=row["address"],
                area=area,
            )
            yield base
            if second < 1 / 12:
                yield {
                    **base,
                    "name": f"{name}（二部）",
                    "address": f"{row['address']}附2号",
                    "area": area // 2 + 1,
                }


def _of_trade(usual: dict[str, tuple[Found, ...]], industry: str) -> tuple[Found, ...]:
    for length in range(len(industry), 1, -1):
        if industry[:length] in usual:
            return usual[industry[:length]]
    return ()


def _validity(rng: random.Random, today: date, days: int) -> tuple[date, date | None]:
    chance, place = rng.random(), rng.random()
    if not days:
        return today - timedelta(days=30 + int(place * 3000)), None
    _share, least, most = next(part for part in _cumulated() if chance < part[0])
    last = today + timedelta(days=least + int(place * (min(most, days - 1) - least)))
    return last - timedelta(days=days - 1), last


def _cumulated() -> Iterator[tuple[float, int, int]]:
    total = 0.0
    for share, least, most in SPREAD:
        total += share
        yield total + 1e-9, least, most


def _number(usual: Usual, first: date, region: str, serial: int) -> str:
    if usual.kind == "food_business":
        return f"JY1{region}00{serial:05d}"
    return f"{usual.letters}〔{first.year}〕第{region}{serial:05d}号"
