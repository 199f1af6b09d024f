"""Beacons that a plan may name: when they come out, and whether a value can be theirs."""

import hashlib
from dataclasses import dataclass
from typing import Any

from app.draws.engine import times


@dataclass(frozen=True, slots=True)
class Chain:
    """A drand chain: round r comes out at `genesis + (r - 1) * period`, in seconds."""

    name: str
    genesis: int
    period: int


CHAINS = {
    "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971": Chain("quicknet", 1692803367, 3),
    "8990e7a9aaed2ffed73dbd7092123d6f289930540d7651336225dc172e51b2ce": Chain("default", 1595431050, 30),
}


def comes_at(beacon: dict[str, Any]) -> int:
    """Seconds since 1970 before which the value does not exist. The beacon must have passed the freeze."""
    if beacon["kind"] == "drand":
        chain = CHAINS[beacon["chain"]]
        return chain.genesis + (int(beacon["round"]) - 1) * chain.period
    return times.seconds(beacon["not_before"])


def randomness_fits(value: str, signature: str) -> bool:
    """drand: the value (hex) is SHA-256 of the signature (hex). The signature itself needs a BLS library."""
    try:
        return hashlib.sha256(bytes.fromhex(signature)).hexdigest() == value
    except ValueError:
        return False
