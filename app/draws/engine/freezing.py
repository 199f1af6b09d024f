"""The freeze: the last moment at which anything about a draw may be refused."""

from dataclasses import dataclass

from app.draws.engine import refusals
from app.draws.engine.frame import Frame
from app.draws.engine.plan import Plan, Terms, write_plan
from app.draws.engine.refusals import Circumstances
from app.draws.engine.sealing import Secrets
from app.draws.engine.sizes import Cut, cuts, sizes
from app.kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class Frozen:
    """What a freeze leaves: the plan, how many rows it will draw, and the quotas that the list cannot
    fill."""

    plan: Plan
    sizes: dict[str, int]
    cuts: tuple[Cut, ...]


def freeze(terms: Terms, frame: Frame, secrets: Secrets, circumstances: Circumstances) -> Frozen:
    """Fix list and rules. Raises Invalid `draw.freeze_refused` with every fault."""
    faults = refusals.find(terms, frame, secrets, circumstances)
    if faults:
        raise Invalid("draw.freeze_refused", faults)
    counts = frame.counts()
    return Frozen(
        plan=write_plan(terms, frame, secrets),
        sizes=sizes(terms.selection, counts),
        cuts=cuts(terms.selection, counts),
    )
