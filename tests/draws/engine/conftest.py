"""A small draw, from rows to seed, that each test bends in one place."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.draws.engine import Circumstances, Frame, Frozen, Secrets, Terms, build_frame, freeze
from app.draws.engine.seed import witness_commitment
from app.kernel.hashing import by_name

VECTORS = Path(__file__).parents[2] / "vectors" / "draw-v1.json"
NONCE = bytes(range(16))
SECRETS = Secrets(b"\x01" * 32, b"\x02" * 32, b"\x03" * 32)
RULE = {"kind": "ratio", "num": 1, "den": 4, "base": "rows", "round": "ceil", "min": 0}
Row = tuple[str, str, int, int, str, str, str]


def make_rows(count: int = 40) -> list[Row]:
    """Strata S1 and S2 in turn, weights 1 to 9, every tenth row ineligible."""
    return [
        (
            f"91640100MA{number:08d}",
            f"S{1 + number % 2}",
            1 + number % 9,
            int(number % 10 != 3),
            "CAP" if number % 10 == 3 else "",
            "640104",
            "食品,消防" if number % 3 else "",
        )
        for number in range(count)
    ]


TERMS = Terms(
    draw_no="640000-2026-0001-1",
    task_no="宁双随机〔2026〕1号",
    initiator="GA-640000",
    mode="sealed",
    hash="sha256",
    selection={"kind": "strata", "rules": {"S1": RULE, "S2": {"kind": "count", "n": 3}}},
    matching=None,
    witnesses=("AMR-640000", "GA-640000"),
    contributions="commit",
    absence_allowed=False,
    contributions_until="2026-11-23T08:00:00Z",
    beacon=None,
    open_after="2026-12-31",
    own_case="order",
    previous="00" * 32,
)
CIRCUMSTANCES = Circumstances(
    witness_agencies={"AMR-640000": "AMR-640000", "GA-640000": "GA-640000", "P-7": "GA-640000"},
    risk_based=True,
    frozen_at="2026-11-20T08:00:00Z",
)


class Draw:
    """Terms and rows as they are before the freeze; `changed` gives a copy bent in one place."""

    secrets = SECRETS
    nonce = NONCE
    circumstances = CIRCUMSTANCES

    def __init__(self, terms: Terms = TERMS, rows: list[Row] | None = None) -> None:
        self.terms = terms
        self.rows = make_rows() if rows is None else rows

    def changed(self, **terms: Any) -> "Draw":
        return Draw(replace(self.terms, **terms), self.rows)

    def of(self, rows: list[Row]) -> "Draw":
        return Draw(self.terms, rows)

    def frame(self) -> Frame:
        return build_frame(self.rows, by_name(self.terms.hash), self.terms.mode, SECRETS.list)

    def frozen(self) -> Frozen:
        return freeze(self.terms, self.frame(), SECRETS, replace(CIRCUMSTANCES, risk_based=False))


@pytest.fixture
def draw() -> Draw:
    return Draw()


@pytest.fixture
def rows() -> list[Row]:
    return make_rows()


@pytest.fixture
def commitment() -> Callable[[Frozen, str, str], bytes]:
    """The digest that a witness's browser sends for a value."""

    def digest(frozen: Frozen, witness: str, value: str) -> bytes:
        plan = frozen.plan
        return witness_commitment(plan.algorithm, plan.plan_hash, witness, value, NONCE)

    return digest


@pytest.fixture(scope="session")
def cases() -> list[dict[str, Any]]:
    return json.loads(VECTORS.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def vectors_file() -> Path:
    return VECTORS
