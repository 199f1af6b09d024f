"""The matching engine of `evenhand-draw/1`: no clock, no chance, no database.

The same frozen files and the same seed give the same assignment in every implementation, because the optimum
of the four levels (balance, mismatch, tickets, tickets2) is unique or the matching is void.
"""

from app.matching.engine.eligibility import OFF_ROSTER, Target, Verdict, covers, explain
from app.matching.engine.errors import FileFault, MatchingError, PlanFault, SolverFault, Void
from app.matching.engine.files import (
    RECUSAL_REASONS,
    Assigned,
    Inspector,
    Recusal,
    assignment_text,
    parse_assignment,
    parse_recusals,
    parse_roster,
    recusals_nonce,
    recusals_text,
    roster_nonce,
    roster_text,
)
from app.matching.engine.impossible import Block, Impossible, Possible
from app.matching.engine.optimum import Matched, feasible, match
from app.matching.engine.plan import AgencyPlan, Needs, Relaxation
from app.matching.engine.replacement import NobodyLeft, Replaced, replace_inspector
from app.matching.engine.tickets import Tickets
from app.matching.engine.trial import Crowd, ShortHanded, short_handed, trial

__all__ = [
    "OFF_ROSTER",
    "RECUSAL_REASONS",
    "AgencyPlan",
    "Assigned",
    "Block",
    "Crowd",
    "FileFault",
    "Impossible",
    "Inspector",
    "Matched",
    "MatchingError",
    "Needs",
    "NobodyLeft",
    "PlanFault",
    "Possible",
    "Recusal",
    "Relaxation",
    "Replaced",
    "ShortHanded",
    "SolverFault",
    "Target",
    "Tickets",
    "Verdict",
    "Void",
    "assignment_text",
    "covers",
    "explain",
    "feasible",
    "match",
    "parse_assignment",
    "parse_recusals",
    "parse_roster",
    "recusals_nonce",
    "recusals_text",
    "replace_inspector",
    "roster_nonce",
    "roster_text",
    "short_handed",
    "trial",
]
