"""Rules of the directory of inspectors. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from app.kernel.decisions import ALLOWED, Decision, Refusal, refused
from app.kernel.errors import Fault
from app.kernel.states import StateEnum
from app.regulation import implements

MANDATORY = ("certificate_no", "name", "unit", "position", "phone")
LONGEST = {"certificate_no": 40, "name": 60, "unit": 80, "position": 60, "phone": 30}


class TransferState(StateEnum):
    ASKED = "asked", "Waits for the receiving agency", "warn"
    ACCEPTED = "accepted", "Accepted", "info"
    DECLINED = "declined", "Declined", "bad"
    WITHDRAWN = "withdrawn", "Withdrawn", "mute"
    DONE = "done", "Carried out", "ok"


class Certified(Protocol):
    certified: bool
    certificate_from: date | None
    certificate_until: date | None
    active: bool


class Absence(Protocol):
    first_day: date
    last_day: date


@implements("R-15.1", "R-15.3")
def eligibility(
    inspector: Certified, leaves: Iterable[Absence], period_from: date, period_to: date, on_site: bool
) -> Decision:
    """Whether an inspector may be matched in a period (both days included); the first reason why not.

    INACTIVE (transferred, left), UNCERTIFIED (only for checks on site), EXPIRED (a certificate does not
    cover the period), ABSENT (a leave falls into it).
    """
    if not inspector.active:
        return refused("INACTIVE", rule="R-15.1")
    if on_site and not inspector.certified:
        return refused("UNCERTIFIED", rule="R-15.3")
    if inspector.certified and not _covers(inspector, period_from, period_to):
        return refused("EXPIRED", rule="R-15.1", until=str(inspector.certificate_until or ""))
    for leave in leaves:
        if leave.first_day <= period_to and period_from <= leave.last_day:
            return refused("ABSENT", rule="R-15.1", until=str(leave.last_day))
    return ALLOWED


@dataclass(frozen=True)
class Verdict:
    """One rule of eligibility and what it says: `refusal` None where nothing stands against the inspector."""

    rule: str
    article: str
    refusal: Refusal | None


@implements("R-15.1", "R-15.3")
def verdicts(inspector: Certified, leaves: Iterable[Absence], day: date) -> list[Verdict]:
    """Each rule of `eligibility` by itself for a check on site on one day, in their order."""
    until = str(inspector.certificate_until or "")
    absence = next((leave for leave in leaves if leave.first_day <= day <= leave.last_day), None)
    expired = inspector.certified and not _covers(inspector, day, day)
    return [
        Verdict("on_duty", "R-15.1", None if inspector.active else Refusal("INACTIVE", rule="R-15.1")),
        Verdict(
            "certified", "R-15.3", None if inspector.certified else Refusal("UNCERTIFIED", rule="R-15.3")
        ),
        Verdict("valid", "R-15.1", Refusal("EXPIRED", {"until": until}, "R-15.1") if expired else None),
        Verdict(
            "present",
            "R-15.1",
            Refusal("ABSENT", {"until": str(absence.last_day)}, "R-15.1") if absence else None,
        ),
    ]


def _covers(inspector: Certified, period_from: date, period_to: date) -> bool:
    begins, ends = inspector.certificate_from, inspector.certificate_until
    return ends is not None and ends >= period_to and (begins is None or begins <= period_from)


@implements("R-14.1")
def missing_fields(values: Mapping[str, str | None]) -> list[Fault]:
    """One fault per mandatory field that is empty: number, name, unit, position, telephone."""
    return [
        Fault(name, f"inspector_{name}_missing", value="")
        for name in MANDATORY
        if not (values.get(name) or "").strip()
    ]


def too_long_fields(values: Mapping[str, str | None]) -> list[Fault]:
    return [
        Fault(name, "too_long", value=value, most=most, found=len(value))
        for name, most in LONGEST.items()
        if (value := values.get(name) or "") and len(value) > most
    ]


@implements("R-14.1")
def certificate_faults(certified: bool, begins: date | None, ends: date | None) -> list[Fault]:
    """A certificate has an end, and not before its beginning."""
    if not certified:
        return []
    if ends is None:
        return [Fault("certificate_until", "certificate_without_end", value="")]
    if begins is not None and begins > ends:
        return [
            Fault("certificate_until", "days_not_in_order", value=ends.isoformat(), first=begins.isoformat())
        ]
    return []


@implements("R-14.2")
def may_lead(certified: bool, leader: bool) -> Decision:
    """Staff without the certificate accompany, they do not lead."""
    return refused("leader_without_certificate", rule="R-14.2") if leader and not certified else ALLOWED


def leave_faults(first_day: date, last_day: date) -> list[Fault]:
    if first_day > last_day:
        return [
            Fault("last_day", "days_not_in_order", value=last_day.isoformat(), first=first_day.isoformat())
        ]
    return []


def overlapping(known: Iterable[Absence], first_day: date, last_day: date) -> Absence | None:
    """The first leave that shares a day with the period."""
    sharing = [leave for leave in known if leave.first_day <= last_day and first_day <= leave.last_day]
    return min(sharing, key=lambda leave: leave.first_day, default=None)


MOST_CERTIFICATE = {"kind": 60, "number": 60}


def further_certificate_faults(kind: str, number: str, begins: date | None, ends: date | None) -> list[Fault]:
    """What is wrong with a certificate beside the enforcement certificate."""
    texts = {"kind": kind.strip(), "number": number.strip()}
    found = [Fault(name, "required") for name, text in texts.items() if not text]
    found += [
        Fault(name, "too_long", value=text, most=MOST_CERTIFICATE[name], found=len(text))
        for name, text in texts.items()
        if len(text) > MOST_CERTIFICATE[name]
    ]
    if ends is None:
        found.append(Fault("valid_until", "certificate_without_end", value=""))
    elif begins is not None and begins > ends:
        found.append(
            Fault("valid_until", "days_not_in_order", value=ends.isoformat(), first=begins.isoformat())
        )
    return found


LONGEST_REASON = 200


def transfer_faults(reason: str, takes_effect_on: date, day: date) -> list[Fault]:
    """A transfer needs its reason and a day that has not gone by."""
    found = reason_faults("reason", reason)
    if takes_effect_on < day:
        found.append(Fault("takes_effect_on", "transfer_day_gone_by", value=takes_effect_on.isoformat()))
    return found


def reason_faults(field: str, reason: str) -> list[Fault]:
    text = reason.strip()
    if not text:
        return [Fault(field, "required")]
    if len(text) > LONGEST_REASON:
        return [Fault(field, "too_long", value=text, most=LONGEST_REASON, found=len(text))]
    return []
