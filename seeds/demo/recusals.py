"""Fictional conflicts of interest between inspectors and targets."""

import random
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import TypedDict

from seeds.demo.inspectors import InspectorRow
from seeds.demo.targets import TargetRow

SEED = 640_000
HOTELS = ("6110", "6121", "6129", "6130")
HOTEL_AGENCIES = ("POLICE-640100", "AMR-640100", "HEALTH-640100")
AMONG_HOTELS, AMONG_OTHERS = 30, 20
EVIDENCE = {
    "DECLARED": "本人书面申报",
    "EMPLOYER": "人事档案：三年内曾在该单位任职",
    "RELATIVE": "本人申报：与该单位负责人有近亲属关系",
    "ROTATION": "上一次抽查任务中检查过该对象",
}


class RecusalRow(TypedDict):
    """A pair that must not meet, by the inspector's certificate number and the target's code."""

    certificate_no: str
    target_code: str
    reason: str
    valid_from: date
    valid_until: date | None
    evidence: str


def demo_recusals(
    targets: Iterable[TargetRow], inspectors: Iterable[InspectorRow], today: date, seed: int = SEED
) -> Iterator[RecusalRow]:
    """Distinct pairs in force today: 30 of Yinchuan's hotels with its police, market and health inspectors,
    20 between other targets and inspectors of the same city; fewer where there are fewer targets.

    The rows of `targets` are read once and not kept.
    """
    rng = random.Random(f"recusals:{seed}")
    hotels, others = _candidates(rng, targets)
    staff = list(inspectors)
    of_hotels = [row for row in staff if row["agency_code"] in HOTEL_AGENCIES]
    by_city: dict[str, list[InspectorRow]] = {}
    for row in staff:
        by_city.setdefault(row["agency_code"].rsplit("-", 1)[1][:4], []).append(row)
    for code in rng.sample(hotels, min(AMONG_HOTELS, len(hotels))):
        yield _recusal(rng, today, rng.choice(of_hotels), code)
    for code, city in others:
        yield _recusal(rng, today, rng.choice(by_city[city]), code)


def _candidates(rng: random.Random, targets: Iterable[TargetRow]) -> tuple[list[str], list[tuple[str, str]]]:
    """Codes of Yinchuan's open hotels, and a sample of other targets with their cities (reservoir)."""
    hotels: list[str] = []
    others: list[tuple[str, str]] = []
    seen = 0
    for row in targets:
        if row["status"] == "closed":
            continue
        if row["industry"] in HOTELS and row["region_code"].startswith("6401"):
            hotels.append(row["code"])
            continue
        seen += 1
        place = len(others) if len(others) < AMONG_OTHERS else rng.randrange(seen)
        if place < AMONG_OTHERS:
            others[place : place + 1] = [(row["code"], row["region_code"][:4])]
    return hotels, others


def _recusal(rng: random.Random, today: date, inspector: InspectorRow, target_code: str) -> RecusalRow:
    reason = rng.choice(tuple(EVIDENCE))
    since = today - timedelta(days=rng.randint(20, 300))
    length = {"DECLARED": 730, "EMPLOYER": 3 * 365, "ROTATION": 365}.get(reason)
    return RecusalRow(
        certificate_no=inspector["certificate_no"],
        target_code=target_code,
        reason=reason,
        valid_from=since,
        valid_until=since + timedelta(days=length) if length else None,
        evidence=EVIDENCE[reason],
    )
