"""What can go wrong in the engine: a code and facts; the sentences are written where they are shown."""

from app.kernel.errors import DomainError


class MatchingError(DomainError):
    """Root of the engine's errors."""


class FileFault(MatchingError):
    """A roster, recusal or assignment file (or a row meant for one) breaks its format."""

    status = 422


class PlanFault(MatchingError):
    """The agency's entry in `plan.matching` is not one this version can carry out."""

    status = 422


class SolverFault(MatchingError):
    """The solver refused or answered wrongly (`BAD_COST_RANGE` and the like): nothing may be used."""

    status = 500


class Void(MatchingError):
    """Level 4 still leaves a choice: the draw is void (chance about pairs / 2^80)."""
