"""transcript.json in its two editions (protocol section 6): what is not opened is null, or an empty list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.draws.engine.ceremony import Ceremony
from app.draws.engine.results import BatchResult
from app.draws.engine.sealing import OPEN, Secrets
from app.kernel import canonical

FULL, PUBLIC = "full", "public"


@dataclass(frozen=True, slots=True)
class Void:
    """Why a draw came to nothing, and the name of who was missing."""

    reason: str
    who: str
    at: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """What exists from the seed on. The stored entries of results and codes serve as well as fresh ones."""

    secrets: Secrets
    seed: bytes
    results: Sequence[dict[str, Any]]
    codes: Sequence[bytes]

    @classmethod
    def of(cls, secrets: Secrets, seed: bytes, results: Sequence[BatchResult]) -> "Drawn":
        codes = [result.code for result in results if result.code is not None]
        return cls(secrets, seed, [result.entry() for result in results], codes)


def transcript(
    ceremony: Ceremony,
    drawn: Drawn | None,
    *,
    edition: str = FULL,
    opened: bool = False,
    void: Void | None = None,
) -> dict[str, Any]:
    """The record of a draw. `opened`: the last form is submitted (or `open_after` is reached).

    The full edition, and open mode, show everything from the seed on. The public edition of a sealed draw
    shows
    operator secret, codes and seed only when opened, and the list secret never. Without a seed nothing is
    opened.
    """
    everything = edition == FULL or ceremony.plan.mode == OPEN
    shown = drawn if everything or opened else None
    return {
        "plan_hash": ceremony.plan.plan_hash.hex(),
        "commitments": [
            {"witness": c.witness, "digest": c.digest.hex(), "received_at": c.received_at}
            for c in ceremony.commitments
        ],
        "contributions": [
            {
                "witness": c.witness,
                "value": c.value,
                "nonce": c.nonce.hex() if c.nonce is not None else None,
                "received_at": c.received_at,
            }
            for c in ceremony.contributions
        ],
        "beacon": {"value": ceremony.beacon.value, "signature": ceremony.beacon.signature}
        if ceremony.beacon
        else None,
        "closing": ceremony.closing.hex() if ceremony.closing is not None else None,
        "operator_secret": shown.secrets.operator.hex() if shown else None,
        "list_secret": shown.secrets.list.hex() if shown and everything else None,
        "codes": [code.hex() for code in shown.codes] if shown else [],
        "seed": shown.seed.hex() if shown else None,
        "results": [dict(entry) for entry in drawn.results] if drawn else [],
        "void": {"reason": void.reason, "who": void.who, "at": void.at} if void else None,
    }


def write_transcript(record: dict[str, Any]) -> bytes:
    """transcript.json."""
    return canonical.dumps(record)
