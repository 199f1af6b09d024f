"""Fictional targets of inspection: all kinds, all counties, valid identifiers."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import TypedDict

from seeds.demo import identifiers
from seeds.demo.trades import (
    COOPERATIVE,
    ENTERPRISE,
    FOREIGN,
    GENERAL,
    INDIVIDUAL,
    OF_THE_ITEMS,
    OTHER,
    PUBLIC,
    SOCIAL,
    TOTAL,
    Trade,
)
from seeds.demo.words import MARK, address, brand, person, telephone
from seeds.reader import reference

SEED = 640_000

# Inhabitants in ten thousands, about as in 2020; Yinchuan's counties scaled to some 35 % of the whole.
COUNTY_WEIGHTS = {
    "640104": 66, "640105": 38, "640106": 53, "640121": 26, "640122": 28, "640181": 24,
    "640202": 30, "640205": 20, "640221": 25,
    "640302": 46, "640303": 20, "640323": 16, "640324": 32, "640381": 24,
    "640402": 47, "640422": 31, "640423": 11, "640424": 9, "640425": 16,
    "640502": 40, "640521": 33, "640522": 34,
}  # fmt: skip
# Enterprises per class as Dandong published them in May 2023; the bounds are Ningxia's.
CLASS_SHARES = {"A": 31_107, "B": 12_044, "C": 3_682, "D": 721}
CLASS_BOUNDS = {"A": (0, 250), "B": (251, 500), "C": (501, 750), "D": (751, 1000)}
STATUS_SHARES = {"active": 94.5, "suspended": 2.5, "closed": 3.0}
PREFIXES = {
    ENTERPRISE: "91", INDIVIDUAL: "92", COOPERATIVE: "93", SOCIAL: "52", PUBLIC: "12", FOREIGN: "91",
    OTHER: "81",
}  # fmt: skip
ORGANISATION_CODE_SHARE = {OTHER: 0.3, SOCIAL: 0.03}
INTERNAL_CODE_SHARE = {INDIVIDUAL: 0.005, OTHER: 0.1}
LEGAL_FORM = {COOPERATIVE: "农民专业合作社", FOREIGN: "代表处"}


class TargetRow(TypedDict):
    """One target. `industry`: a GB/T 4754 class; `region_code`: a county; `tags`: names of specialties."""

    code: str
    code_kind: str
    name: str
    kind: str
    industry: str
    region_code: str
    address: str
    legal_representative: str
    contact: str
    phone: str
    home_address: str | None
    status: str
    registered_on: date
    risk_score: int | None
    risk_class: str
    tags: list[str]


def demo_targets(today: date, n: int = TOTAL, seed: int = SEED) -> Iterator[TargetRow]:
    """Exactly n targets (at most a million), mixed in order; the same (today, n, seed) gives the same rows.

    Counts per trade scale with n. Dates are before today.
    """
    rng = random.Random(f"targets:{seed}")
    regions = {row["code"]: row for row in reference("regions")}
    order = _order(n)
    rng.shuffle(order)
    names: set[str] = set()
    for serial, (trade, in_yinchuan) in enumerate(order):
        region = _county(rng, in_yinchuan)
        yield _target(rng, today, serial, trade, regions[region], regions[region[:4] + "00"]["name"], names)


def _order(n: int) -> list[tuple[Trade, bool | None]]:
    """Trade and place (Yinchuan, elsewhere, by weight) of every row."""
    order: list[tuple[Trade, bool | None]] = []
    for trade in OF_THE_ITEMS:
        count = trade.count * n // TOTAL
        if trade.yinchuan is None:
            order += [(trade, None)] * count
        else:
            inside = trade.yinchuan * n // TOTAL
            order += [(trade, True)] * inside + [(trade, False)] * (count - inside)
    left, weight = n - len(order), sum(trade.count for trade in GENERAL)
    done = 0
    for trade in GENERAL:
        upto = left * (done + trade.count) // weight
        order += [(trade, None)] * (upto - left * done // weight)
        done += trade.count
    return order


_COUNTIES = {
    place: ([code for code in COUNTY_WEIGHTS if place is None or code.startswith("6401") == place])
    for place in (None, True, False)
}
_WEIGHTS = {place: [COUNTY_WEIGHTS[code] for code in codes] for place, codes in _COUNTIES.items()}


def _county(rng: random.Random, in_yinchuan: bool | None) -> str:
    return rng.choices(_COUNTIES[in_yinchuan], _WEIGHTS[in_yinchuan])[0]


def _pick(rng: random.Random, shares: dict[str, float] | dict[str, int]) -> str:
    return rng.choices(list(shares), list(shares.values()))[0]


def _target(
    rng: random.Random,
    today: date,
    serial: int,
    trade: Trade,
    county: dict[str, str],
    city: str,
    names: set[str],
) -> TargetRow:
    kind = _pick(rng, dict(trade.kinds))
    region = county["code"]
    code, code_kind = _code(rng, serial, trade, kind, region)
    risk_class = _pick(rng, CLASS_SHARES) if kind == ENTERPRISE else "N"
    head = person(rng)
    return TargetRow(
        code=code,
        code_kind=code_kind,
        name=_name(rng, trade, kind, county["name"], city, names),
        kind=kind,
        industry=trade.industry,
        region_code=region,
        address=address(rng, city + county["name"]),
        legal_representative=head,
        contact=head if kind == INDIVIDUAL or rng.random() < 0.3 else person(rng),
        phone=telephone(rng, region),
        home_address=address(rng, city + county["name"]) if kind == INDIVIDUAL else None,
        status=_pick(rng, STATUS_SHARES),
        registered_on=today - timedelta(days=30 + int(rng.random() ** 2 * 9000)),
        risk_score=rng.randint(*CLASS_BOUNDS[risk_class]) if kind == ENTERPRISE else None,
        risk_class=risk_class,
        tags=[tag for tag, share in trade.tags if rng.random() < share],
    )


def _code(rng: random.Random, serial: int, trade: Trade, kind: str, region: str) -> tuple[str, str]:
    organisation, chance = identifiers.organisation_code(serial), rng.random()
    internal = INTERNAL_CODE_SHARE.get(kind, 0.0)
    if chance < internal:
        return identifiers.internal_code(region, serial), "internal"
    if chance < internal + ORGANISATION_CODE_SHARE.get(kind, 0.0):
        return organisation, "org"
    prefix = dict(trade.prefixes).get(kind, PREFIXES[kind])
    return identifiers.social_credit_code(prefix, region, organisation), "uscc"


def _name(rng: random.Random, trade: Trade, kind: str, county: str, city: str, names: set[str]) -> str:
    """A name that no earlier row has; it begins with the county, of bigger ones also with city or region."""
    while True:
        small = kind in (INDIVIDUAL, COOPERATIVE, PUBLIC, OTHER)
        place = county if small else rng.choice((city, county, "宁夏"))
        name = place + brand(rng) + rng.choice(trade.suffixes) + LEGAL_FORM.get(kind, "") + MARK
        if name not in names:
            names.add(name)
            return name
