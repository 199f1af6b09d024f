"""Names, dates, risk, frame and witnesses of the terms."""

from collections.abc import Iterator

from app.draws.engine import times
from app.draws.engine.frame import Frame
from app.draws.engine.plan import Terms
from app.draws.engine.refusals.circumstances import Circumstances
from app.draws.engine.refusals.shapes import is_hex32, is_identifier, is_text
from app.draws.engine.sealing import MODES, OPEN, Secrets, nonce
from app.kernel.errors import Fault
from app.kernel.hashing import NAMES

CONTRIBUTIONS = ("commit", "open")
OWN_CASE = ("order", "full")


def identity(terms: Terms) -> Iterator[Fault]:
    for name in ("draw_no", "initiator"):
        if not is_identifier(getattr(terms, name)):
            yield Fault(name, "draw.identifier", value=getattr(terms, name))
    if not is_text(terms.task_no):
        yield Fault("task_no", "draw.text_missing", value=terms.task_no)
    choices = {"mode": MODES, "hash": NAMES, "contributions": CONTRIBUTIONS, "own_case": OWN_CASE}
    for name, allowed in choices.items():
        if getattr(terms, name) not in allowed:
            yield Fault(name, "draw.not_a_choice", value=getattr(terms, name), choices=allowed)
    if not isinstance(terms.absence_allowed, bool):
        yield Fault(
            "absence_allowed", "draw.not_a_choice", value=terms.absence_allowed, choices=(True, False)
        )
    if not is_hex32(terms.previous):
        yield Fault("previous", "draw.not_a_digest", value=terms.previous)


def dates(terms: Terms, circumstances: Circumstances) -> Iterator[Fault]:
    until = terms.contributions_until
    if not times.is_moment(until):
        yield Fault("contributions_until", "draw.not_a_moment", value=until)
    elif until <= times.require_moment(circumstances.frozen_at):
        yield Fault(
            "contributions_until", "draw.deadline_passed", value=until, frozen_at=circumstances.frozen_at
        )
    if terms.open_after is None:
        return
    if not times.is_date(terms.open_after):
        yield Fault("open_after", "draw.not_a_date", value=terms.open_after)
    elif times.is_moment(until) and terms.open_after < until[:10]:
        yield Fault("open_after", "draw.opened_before_drawn", value=terms.open_after, until=until)


def risk(terms: Terms, circumstances: Circumstances) -> Iterator[Fault]:
    if not circumstances.risk_based:
        return
    if terms.mode == OPEN:
        yield Fault("mode", "draw.open_with_risk", value=terms.mode)
    if terms.own_case == "full":
        yield Fault("own_case", "draw.own_case_with_risk", value=terms.own_case)


def frame(terms: Terms, frozen: Frame, secrets: Secrets) -> Iterator[Fault]:
    if any(len(secret) != 32 for secret in (secrets.operator, secrets.list, secrets.chain)):
        yield Fault("secrets", "draw.secret_size")
    if len(frozen) == 0:
        yield Fault("frame", "draw.frame_empty")
    built_for = (frozen.algorithm.name, frozen.mode)
    if built_for != (terms.hash, terms.mode):
        yield Fault("frame", "draw.frame_of_other_terms", hash=built_for[0], mode=built_for[1])
    elif frozen.nonce != nonce(frozen.algorithm, frozen.mode, secrets.list, "frame"):
        yield Fault("frame", "draw.list_secret_not_of_frame")
    unfit = "EXCLUDED" if frozen.mode == OPEN else "OTHER"
    if f"\t0\t{unfit}\t".encode() in frozen.text:
        yield Fault("frame", "draw.frame_reason_of_other_mode", reason=unfit, mode=frozen.mode)


def witnesses(terms: Terms, circumstances: Circumstances) -> Iterator[Fault]:
    agencies = circumstances.witness_agencies
    for place, witness in enumerate(terms.witnesses):
        if not is_identifier(witness):
            yield Fault("witnesses", "draw.identifier", value=witness)
        elif witness not in agencies:
            yield Fault("witnesses", "draw.witness_unknown", value=witness)
        elif witness in terms.witnesses[:place]:
            yield Fault("witnesses", "draw.witness_twice", value=witness)
    outside = any(agencies.get(witness, terms.initiator) != terms.initiator for witness in terms.witnesses)
    if not outside and terms.beacon is None:
        yield Fault("witnesses", "draw.nobody_from_outside", initiator=terms.initiator)
    if terms.absence_allowed is True and terms.beacon is None:
        yield Fault("absence_allowed", "draw.absence_without_beacon")
