"""Rules of recusal (article 25). Pure."""

from __future__ import annotations

from collections.abc import Sequence
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


class RuleKind(StateEnum):
    """What makes pairs by itself; the word is the reason in the protocol files."""

    EMPLOYER = "EMPLOYER", "Former employer"
    RELATIVE = "RELATIVE", "Relative works there"
    ROTATION = "ROTATION", "Not the same inspector again"


class TieKind(StateEnum):
    EMPLOYER = "employer", "Worked there"
    RELATIVE = "relative", "A relative works there"


class RequestState(StateEnum):
    WAITING = "waiting", "Waits for an answer", "warn"
    CONFIRMED = "confirmed", "Confirmed", "ok"
    REJECTED = "rejected", "Rejected", "mute"


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
LONGEST_ANSWER = 300
MOST_BYTES = 10 * 1024 * 1024
MOST_FILES = 5
KINDS_OF_FILES = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}


def kind_of_file(content: bytes) -> str | None:
    """The media type by the first bytes, whatever the name says; None for what is no evidence."""
    return next((kind for head, kind in KINDS_OF_FILES.items() if content.startswith(head)), None)


def file_faults(files: Sequence[tuple[str, bytes]]) -> list[Fault]:
    """What is wrong with the files of a declaration: too many, too big, neither PDF nor picture."""
    found: list[Fault] = []
    if len(files) > MOST_FILES:
        found.append(Fault("files", "evidence_too_many", value="", most=MOST_FILES))
    for name, content in files:
        if len(content) > MOST_BYTES:
            found.append(Fault("files", "evidence_too_big", value=name, most=MOST_BYTES // 1024 // 1024))
        elif kind_of_file(content) is None:
            found.append(Fault("files", "evidence_unknown_kind", value=name))
    return found


@implements("R-25.2")
def request_faults(statement: str, declarant: str) -> list[Fault]:
    """A target says what the conflict is, and who says so."""
    found = []
    for field, text, most in (("statement", statement, LONGEST_EVIDENCE), ("declarant", declarant, 80)):
        if not text.strip():
            found.append(Fault(field, "required"))
        elif len(text.strip()) > most:
            found.append(Fault(field, "too_long", value=text, most=most, found=len(text.strip())))
    return found
