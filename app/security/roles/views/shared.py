"""What the pages about roles share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from app.db import Actor, Unit, db, unit_of_work
from app.kernel.clock import today
from app.kernel.errors import DomainError, NotFound
from app.security.acts import Outcome, perform
from app.security.context import current_clock, current_scope, person, request_unit
from app.security.roles.rules import Permission, RoleFacts
from app.security.rules import RoleName
from app.security.services import note_security

DELEGATES = frozenset({RoleName.OFFICE_ADMIN, RoleName.AGENCY_ADMIN, RoleName.SECURITY_ADMIN})
READERS = DELEGATES | {RoleName.AUDIT_ADMIN, RoleName.AUDITOR}
VIEW = "RoleView"
T = TypeVar("T")


def me() -> Actor:
    who = person()
    assert who is not None
    return who.actor


def current_day() -> date:
    return today(current_clock())


def perform_noted(action: str, subject: str, act: Callable[[Unit], T], form: Any = None) -> Outcome[T]:
    """As `perform`; an attempt that is refused stands in the security log although nothing else is stored."""
    codes: list[str] = []

    def tried(unit: Unit) -> T:
        try:
            return act(unit)
        except DomainError as error:
            codes.append(error.code)
            raise

    try:
        done = perform(tried, form)
    except NotFound:
        _note_refused(action, subject, codes)
        raise
    if not done.done:
        _note_refused(action, subject, codes)
    return done


def _note_refused(action: str, subject: str, codes: list[str]) -> None:
    with request_unit() as unit:
        note_security(unit, action, "refused", subject=subject, detail=",".join(codes))


def permissions_from(values: list[str]) -> frozenset[Permission]:
    """Check boxes `can_list:TargetView`; what has another shape is left out and so refused as missing."""
    found = set()
    for value in values:
        permission, _colon, view = value.partition(":")
        if permission and view:
            found.add((permission, view))
    return frozenset(found)


@dataclass(frozen=True)
class Shown:
    """A role as a page shows it."""

    facts: RoleFacts
    id: int
    label: str
    note: str
    where: str
    count: int


__all__ = [
    "DELEGATES",
    "READERS",
    "VIEW",
    "Shown",
    "current_day",
    "current_scope",
    "db",
    "me",
    "perform_noted",
    "permissions_from",
    "unit_of_work",
]
