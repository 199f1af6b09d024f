"""Who would have to conspire to steer a draw, computed from its plan (end of protocol section 3)."""

from dataclasses import dataclass

from app.draws.engine.plan import Plan

OPERATOR_AND_LAST_WITNESS = "operator_and_last_witness"
OPERATOR_AND_ALL_WITNESSES = "operator_and_all_witnesses"
OPERATOR_AND_BEACON = "operator_and_beacon"
OPERATOR_UNLESS_CLOSING_KEPT = "operator_unless_closing_kept"


@dataclass(frozen=True, slots=True)
class Conspiracy:
    """`code` names the sentence. `operator` is always needed; with `operator_and_last_witness` one of
    `witnesses`,
    whoever comes last, with `operator_and_all_witnesses` all of them. `beacon` is the plan's beacon where
    it counts.

    A refusal to reveal is always possible and always visible; whoever can read the operator's secrets
    before the draw
    knows the result as soon as the last input is there.
    """

    code: str
    operator: str
    witnesses: tuple[str, ...] = ()
    beacon: dict[str, str | int] | None = None


def who_could_steer(plan: Plan, closing_cosigned: bool = False) -> Conspiracy:
    """The smallest group that could. `closing_cosigned`: independent witnesses of the log co-sign the
    closing head;
    without them a beacon binds the operator only as far as somebody kept the closing head before it came
    out."""
    operator = plan.document["initiator"]
    if plan.beacon is not None:
        code = OPERATOR_AND_BEACON if closing_cosigned else OPERATOR_UNLESS_CLOSING_KEPT
        return Conspiracy(code, operator, beacon=plan.beacon)
    if plan.document["contributions"] == "commit":
        return Conspiracy(OPERATOR_AND_ALL_WITNESSES, operator, plan.witnesses)
    return Conspiracy(OPERATOR_AND_LAST_WITNESS, operator, plan.witnesses)
