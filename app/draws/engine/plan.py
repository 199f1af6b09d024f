"""The plan of a draw: one canonical document that fixes everything before the seed exists (protocol
section 3)."""

from dataclasses import dataclass, field
from typing import Any

from app.draws.engine.frame import Frame
from app.draws.engine.sealing import Secrets
from app.draws.engine.seed import operator_commit
from app.kernel import canonical
from app.kernel.errors import Invalid
from app.kernel.hashing import NAMES, Hash, by_name, enc, tag

VERSION = "evenhand-draw/1"
FIELDS = frozenset(
    {
        "version",
        "draw_no",
        "task_no",
        "initiator",
        "mode",
        "hash",
        "frame",
        "selection",
        "matching",
        "operator_commit",
        "codes",
        "witnesses",
        "contributions",
        "absence_allowed",
        "contributions_until",
        "beacon",
        "open_after",
        "own_case",
        "previous",
    }
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What people decide. Times are UTC `2026-11-23T08:00:00Z`, `open_after` a date, `previous` hex of the
    log's root."""

    draw_no: str
    task_no: str
    initiator: str
    mode: str
    hash: str
    selection: dict[str, Any]
    matching: dict[str, Any] | None
    witnesses: tuple[str, ...]
    contributions: str
    absence_allowed: bool
    contributions_until: str
    beacon: dict[str, Any] | None
    open_after: str | None
    own_case: str
    previous: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as written: `document` its value, `text` the bytes of plan.json, `plan_hash` what everybody
    commits to."""

    document: dict[str, Any] = field(repr=False)
    text: bytes = field(repr=False)
    algorithm: Hash
    plan_hash: bytes

    @property
    def draw_no(self) -> str:
        return str(self.document["draw_no"])

    @property
    def mode(self) -> str:
        return str(self.document["mode"])

    @property
    def selection(self) -> dict[str, Any]:
        selection: dict[str, Any] = self.document["selection"]
        return selection

    @property
    def witnesses(self) -> tuple[str, ...]:
        return tuple(self.document["witnesses"])

    @property
    def contributions_until(self) -> str:
        return str(self.document["contributions_until"])

    @property
    def beacon(self) -> dict[str, Any] | None:
        beacon: dict[str, Any] | None = self.document["beacon"]
        return beacon

    @property
    def codes_length(self) -> int:
        return int(self.document["codes"]["length"])

    @property
    def codes_tip(self) -> bytes:
        return bytes.fromhex(self.document["codes"]["tip"])

    @property
    def batches(self) -> int:
        return self.codes_length + 1


def batch_count(selection: dict[str, Any]) -> int:
    return len(selection["batches"]) if selection["kind"] == "order" else 1


def write_plan(terms: Terms, frame: Frame, secrets: Secrets) -> Plan:
    """The plan of these terms and this frame. Computes only: what may be frozen is `refusals.find` to say."""
    algorithm = by_name(terms.hash)
    length = batch_count(terms.selection) - 1
    document = {
        "version": VERSION,
        "draw_no": terms.draw_no,
        "task_no": terms.task_no,
        "initiator": terms.initiator,
        "mode": terms.mode,
        "hash": terms.hash,
        "frame": {
            "root": frame.root.hex(),
            "digest": frame.digest.hex(),
            "rows": len(frame),
            "eligible": frame.eligible_count,
        },
        "selection": terms.selection,
        "matching": terms.matching,
        "operator_commit": operator_commit(algorithm, terms.draw_no, secrets.operator).hex(),
        "codes": {"tip": algorithm.repeat(secrets.chain, length).hex(), "length": length},
        "witnesses": list(terms.witnesses),
        "contributions": terms.contributions,
        "absence_allowed": terms.absence_allowed,
        "contributions_until": terms.contributions_until,
        "beacon": terms.beacon,
        "open_after": terms.open_after,
        "own_case": terms.own_case,
        "previous": terms.previous,
    }
    return _plan(document, canonical.dumps(document))


def read_plan(text: bytes) -> Plan:
    """The plan of a stored plan.json. Raises Invalid `draw.plan_faulty` when it is not canonical or not a
    plan."""
    try:
        document = canonical.loads(text)
    except canonical.NotCanonical as error:
        raise Invalid("draw.plan_faulty", path=error.path, reason=error.reason) from error
    if not isinstance(document, dict) or document.keys() != FIELDS or document["version"] != VERSION:
        raise Invalid("draw.plan_faulty", path="$", reason="fields")
    if document["hash"] not in NAMES:
        raise Invalid("draw.plan_faulty", path="$.hash", reason="unknown hash")
    return _plan(document, text)


def _plan(document: dict[str, Any], text: bytes) -> Plan:
    algorithm = by_name(document["hash"])
    return Plan(document, text, algorithm, algorithm.digest(tag("plan") + enc(text)))
