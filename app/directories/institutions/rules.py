"""Rules of institutions. Pure."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from app.kernel.decisions import ALLOWED, Decision, refused
from app.regulation import implements


class Qualified(Protocol):
    active: bool
    valid_from: date | None
    valid_until: date | None


@implements("R-16.1")
def is_qualified(institution: Qualified | None, day: date) -> Decision:
    """Whether an institution's experts may assist on a day; somebody without an institution stands for himself."""
    if institution is None:
        return ALLOWED
    if not institution.active:
        return refused("INSTITUTION_INACTIVE", rule="R-16.1")
    begins, ends = institution.valid_from, institution.valid_until
    if (ends is not None and ends < day) or (begins is not None and begins > day):
        return refused("INSTITUTION_EXPIRED", rule="R-16.1", until=str(ends or begins))
    return ALLOWED
