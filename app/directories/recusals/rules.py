"""Rules of recusal (article 25). Pure."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from app.kernel.errors import Fault
from app.kernel.states import StateEnum
from app.regulation import implements


class RecusalReason(StateEnum):
    """The words of the protocol files."""

    DECLARED = "DECLARED", "Conflict declared"
    EMPLOYER = "EMPLOYER", "Former employer"
    RELATIVE = "RELATIVE", "Relative"
    ROTATION = "ROTATION", "Checked in the last task"


class DeclaredBy(StateEnum):
    INSPECTOR = "inspector", "Inspector"
    AGENCY = "agency", "Agency"
    TARGET = "target", "Target"
    RULE = "rule", "Rule"


class Period(Protocol):
    since: date
    until: date | None
    withdrawn_on: date | None


@implements("R-25.2")
def is_active(recusal: Period, first_day: date, last_day: date) -> bool:
    """Whether the pair must not meet on any day of the period (both days included).

    A recusal that was withdrawn counts for no period any more.
    """
    if recusal.withdrawn_on is not None:
        return False
    return recusal.since <= last_day and (recusal.until is None or recusal.until >= first_day)


@implements("R-25.2")
def declaration_faults(
    reason: str, declared_by: str, since: date, until: date | None, evidence: str
) -> list[Fault]:
    """What is wrong with a declaration: the words, the order of the days, the missing evidence."""
    faults: list[Fault] = []
    if reason not in set(RecusalReason):
        faults.append(Fault("reason", "not_a_choice", value=reason))
    if declared_by not in set(DeclaredBy):
        faults.append(Fault("declared_by", "not_a_choice", value=declared_by))
    if until is not None and until < since:
        faults.append(Fault("until", "days_not_in_order", value=until.isoformat(), first=since.isoformat()))
    if not evidence.strip():
        faults.append(Fault("evidence", "recusal_without_evidence", value=""))
    elif len(evidence.strip()) > LONGEST_EVIDENCE:
        faults.append(
            Fault("evidence", "too_long", value=evidence, most=LONGEST_EVIDENCE, found=len(evidence.strip()))
        )
    return faults


LONGEST_EVIDENCE = 500
