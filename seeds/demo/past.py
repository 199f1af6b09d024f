"""Last year's published results in Yinchuan, in the shares that authorities reported for theirs."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypedDict

from seeds.demo.recusals import HOTELS
from seeds.demo.targets import TargetRow

SEED = 640_000


class PastResultRow(TypedDict):
    """One agency's result at one target. Codes of result and disposition are the default scheme's; `problem`
    is empty unless the result is one. Published within 20 days, so within 20 working days."""

    joint_code: str
    agency_code: str
    target_code: str
    items: list[str]
    checked_on: date
    published_on: date
    result_code: str
    disposition_code: str
    problem: str


@dataclass(frozen=True)
class Outcome:
    """A result with the number of cases that were reported."""

    cases: int
    result: str
    disposition: str
    problem: str = ""


@dataclass(frozen=True)
class Past:
    """A task of last year: who checked what how often, and how often which outcome was found elsewhere."""

    joint: str
    agency: str
    items: tuple[str, ...]
    checks: int
    outcomes: tuple[Outcome, ...]


# Sichuan 2015, 17,759 checks, the outcomes that were broken down.
_ANNUAL_REPORTS = Past(
    "J16", "AMR-640100", ("AMR-09",), 180,
    (
        Outcome(15_088, "1", "1"),
        Outcome(1_305, "6", "3", "通过登记的住所无法与企业取得联系，已拍照留证"),
        Outcome(714, "C", "3", "公示的资产状况信息与账册不一致，已责令限期改正"),
        Outcome(57, "8", "4", "拒绝提供账册和有关材料，情节严重"),
        Outcome(155, "9", "2"),
    ),
)  # fmt: skip
# Qingdao 2019, hygiene in public places: 67 of 183 failed.
_HOTEL_HYGIENE = Past(
    "J15", "HEALTH-640100", ("HEALTH-01",), 20,
    (
        Outcome(116, "1", "1"),
        Outcome(67, "5", "3", "公共用品用具清洗消毒记录不全，部分从业人员未持有效健康合格证明"),
    ),
)  # fmt: skip


def demo_past_results(targets: Iterable[TargetRow], today: date, seed: int = SEED) -> Iterator[PastResultRow]:
    """Two hundred results of the calendar year before today's, at open targets of Yinchuan that existed then.

    Fewer where there are fewer such targets; each target once per task.
    """
    rng = random.Random(f"past:{seed}")
    year = today.year - 1
    known: list[TargetRow] = [
        row for row in targets
        if row["region_code"].startswith("6401")
        and row["status"] != "closed" and row["registered_on"].year < year
    ]  # fmt: skip
    enterprises = [row["code"] for row in known if row["kind"] == "enterprise"]
    hotels = [row["code"] for row in known if row["industry"] in HOTELS]
    for past, codes in ((_ANNUAL_REPORTS, enterprises), (_HOTEL_HYGIENE, hotels)):
        for code in rng.sample(codes, min(past.checks, len(codes))):
            yield _result(rng, past, code, year)


def _result(rng: random.Random, past: Past, code: str, year: int) -> PastResultRow:
    outcome = rng.choices(past.outcomes, [found.cases for found in past.outcomes])[0]
    checked_on = date(year, 3, 1) + timedelta(days=rng.randrange(270))
    return PastResultRow(
        joint_code=past.joint,
        agency_code=past.agency,
        target_code=code,
        items=list(past.items),
        checked_on=checked_on,
        published_on=checked_on + timedelta(days=rng.randint(2, 20)),
        result_code=outcome.result,
        disposition_code=outcome.disposition,
        problem=outcome.problem,
    )
