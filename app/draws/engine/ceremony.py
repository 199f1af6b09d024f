"""Contributions in their order: committed or contributed, closed, revealed, the beacon; then, and only
then, the seed.

Each verb takes the state and gives the next one; moments (`at`) are UTC texts handed in by the caller.
"""

import unicodedata
from dataclasses import dataclass, replace

from app.draws.engine import times
from app.draws.engine.beacons import comes_at, randomness_fits
from app.draws.engine.plan import Plan
from app.draws.engine.seed import beacon_bytes, operator_commit, seed, witness_commitment
from app.kernel.errors import Refused

LONGEST_CONTRIBUTION = 200
NONCE_SIZE = 16


@dataclass(frozen=True, slots=True)
class Commitment:
    witness: str
    digest: bytes
    received_at: str


@dataclass(frozen=True, slots=True)
class Contribution:
    """`nonce` is None where contributions are open."""

    witness: str
    value: str
    nonce: bytes | None
    received_at: str


@dataclass(frozen=True, slots=True)
class Beacon:
    """drand: value and signature in hex; declared: the text as published, no signature."""

    value: str
    signature: str | None


@dataclass(frozen=True, slots=True)
class Ceremony:
    """The state between freeze and seed. A service may rebuild it from its rows; `closing` is a root of 32
    bytes."""

    plan: Plan
    commitments: tuple[Commitment, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    closing: bytes | None = None
    beacon: Beacon | None = None

    @property
    def commits_first(self) -> bool:
        return bool(self.plan.document["contributions"] == "commit")

    @property
    def awaited(self) -> tuple[str, ...]:
        """Witnesses who still owe something at this step: before the closing all who have not come, then
        reveals."""
        given = {c.witness for c in self.contributions}
        if self.closing is None:
            came = {c.witness for c in self.commitments} if self.commits_first else given
            return tuple(w for w in self.plan.witnesses if w not in came)
        return tuple(c.witness for c in self.commitments if c.witness not in given)

    @property
    def is_ready(self) -> bool:
        """Whether everything that the seed needs from outside is there."""
        beacon_there = self.plan.beacon is None or self.beacon is not None
        return self.closing is not None and beacon_there and not self.awaited


def accept_commitment(ceremony: Ceremony, witness: str, digest: bytes, at: str) -> Ceremony:
    """A witness's commitment. Raises Refused: wrong kind of draw, closed, late, not a witness, given
    before."""
    if not ceremony.commits_first:
        raise Refused("draw.contributions_are_open")
    _require_before_closing(ceremony, at)
    _require_new(ceremony, witness, [c.witness for c in ceremony.commitments])
    if len(digest) != 32:
        raise Refused("draw.commitment_size", size=len(digest))
    return replace(ceremony, commitments=(*ceremony.commitments, Commitment(witness, digest, at)))


def accept_contribution(ceremony: Ceremony, witness: str, value: str, at: str) -> Ceremony:
    """An open contribution. Raises Refused as `accept_commitment`, and for a value that is not allowed."""
    if ceremony.commits_first:
        raise Refused("draw.contributions_are_committed")
    _require_before_closing(ceremony, at)
    _require_new(ceremony, witness, [c.witness for c in ceremony.contributions])
    require_value(value)
    return replace(ceremony, contributions=(*ceremony.contributions, Contribution(witness, value, None, at)))


def close(ceremony: Ceremony, root: bytes, at: str) -> Ceremony:
    """Close with the root of the signed head. Raises Refused: too early, somebody missing who may not be,
    after beacon."""
    plan = ceremony.plan
    if ceremony.closing is not None:
        raise Refused("draw.closed")
    if len(root) != 32:
        raise Refused("draw.closing_size", size=len(root))
    missing = ceremony.awaited
    if missing and times.require_moment(at) < plan.contributions_until:
        raise Refused("draw.closing_too_early", witnesses=missing, until=plan.contributions_until)
    if missing and not plan.document["absence_allowed"]:
        raise Refused("draw.witnesses_missing", witnesses=missing)
    if plan.beacon is not None and times.seconds(at) >= comes_at(plan.beacon):
        raise Refused("draw.closing_after_beacon", comes_at=comes_at(plan.beacon))
    return replace(ceremony, closing=root)


def reveal(ceremony: Ceremony, witness: str, value: str, nonce: bytes, at: str) -> Ceremony:
    """Open a commitment. Raises Refused: not closed, never committed, revealed before, or it does not fit."""
    if ceremony.closing is None:
        raise Refused("draw.not_closed")
    committed = {c.witness: c.digest for c in ceremony.commitments}
    if witness not in committed:
        raise Refused("draw.never_committed", witness=witness)
    if witness not in ceremony.awaited:
        raise Refused("draw.given_before", witness=witness)
    require_value(value)
    if len(nonce) != NONCE_SIZE:
        raise Refused("draw.nonce_size", size=len(nonce))
    plan = ceremony.plan
    if witness_commitment(plan.algorithm, plan.plan_hash, witness, value, nonce) != committed[witness]:
        raise Refused("draw.reveal_differs", witness=witness)
    shown = Contribution(witness, value, nonce, times.require_moment(at))
    return replace(ceremony, contributions=(*ceremony.contributions, shown))


def accept_beacon(ceremony: Ceremony, value: str, signature: str | None, at: str) -> Ceremony:
    """The beacon's value. Raises Refused: none in the plan, not closed, before its time, or not its shape.

    A drand signature is checked here against the value only; on the chain's key by whoever has a BLS library.
    """
    beacon = ceremony.plan.beacon
    if beacon is None:
        raise Refused("draw.no_beacon_in_plan")
    if ceremony.closing is None:
        raise Refused("draw.not_closed")
    if ceremony.beacon is not None:
        raise Refused("draw.beacon_known")
    if times.seconds(at) < comes_at(beacon):
        raise Refused("draw.beacon_not_out_yet", comes_at=comes_at(beacon))
    if beacon["kind"] == "drand":
        if signature is None or not randomness_fits(value, signature):
            raise Refused("draw.beacon_differs_from_signature")
    elif not value.strip() or signature is not None or _has_surrogate(value):
        raise Refused("draw.beacon_value")
    return replace(ceremony, beacon=Beacon(value, signature))


def make_seed(ceremony: Ceremony, operator_secret: bytes) -> bytes:
    """The seed, once everything is in. Raises Refused while something is missing, or if x0 is not the
    committed one."""
    plan = ceremony.plan
    if not ceremony.is_ready or ceremony.closing is None:
        raise Refused("draw.not_ready", witnesses=ceremony.awaited, closed=ceremony.closing is not None)
    if (
        operator_commit(plan.algorithm, plan.draw_no, operator_secret).hex()
        != plan.document["operator_commit"]
    ):
        raise Refused("draw.operator_secret_differs")
    values = {c.witness: c.value for c in ceremony.contributions}
    beacon = beacon_bytes(plan.beacon, ceremony.beacon.value if ceremony.beacon else None)
    in_order = [values.get(witness) for witness in plan.witnesses]
    return seed(plan.algorithm, plan.plan_hash, operator_secret, in_order, ceremony.closing, beacon)


def require_value(value: str) -> None:
    """Raises Refused unless the value has 1 to 200 code points without control characters and surrogates."""
    if not 1 <= len(value) <= LONGEST_CONTRIBUTION:
        raise Refused("draw.contribution_length", length=len(value), most=LONGEST_CONTRIBUTION)
    if _has_surrogate(value) or any(unicodedata.category(character) == "Cc" for character in value):
        raise Refused("draw.contribution_characters")


def _has_surrogate(value: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in value)


def _require_before_closing(ceremony: Ceremony, at: str) -> None:
    if ceremony.closing is not None:
        raise Refused("draw.closed")
    if times.require_moment(at) > ceremony.plan.contributions_until:
        raise Refused("draw.deadline_passed", until=ceremony.plan.contributions_until)


def _require_new(ceremony: Ceremony, witness: str, given: list[str]) -> None:
    if witness not in ceremony.plan.witnesses:
        raise Refused("draw.not_a_witness", witness=witness)
    if witness in given:
        raise Refused("draw.given_before", witness=witness)
