"""Everything that can be wrong is refused at the freeze, not after the seed (protocol section 3.1)."""

from app.draws.engine.frame import Frame
from app.draws.engine.plan import Terms
from app.draws.engine.refusals import beacon, matching, rules, selection
from app.draws.engine.refusals.circumstances import Circumstances
from app.draws.engine.sealing import Secrets
from app.kernel.errors import Fault

__all__ = ["Circumstances", "find"]


def find(terms: Terms, frame: Frame, secrets: Secrets, circumstances: Circumstances) -> list[Fault]:
    """All reasons against freezing, none when it may go on. `field` names the term, `facts` its
    parameters."""
    return [
        *rules.identity(terms),
        *rules.dates(terms, circumstances),
        *rules.risk(terms, circumstances),
        *rules.frame(terms, frame, secrets),
        *rules.witnesses(terms, circumstances),
        *beacon.faults(terms),
        *selection.faults(terms.selection, frame),
        *matching.faults(terms.matching),
    ]
