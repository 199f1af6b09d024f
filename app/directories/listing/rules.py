"""Rules of saved views. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from app.kernel.decisions import ALLOWED, Decision, refused
from app.kernel.errors import Fault
from app.security.rules import RoleName

LONGEST_NAME = 40
MOST_VIEWS = 30
MOST_COLUMNS = 60


class Kept(Protocol):
    owner_id: int
    agency_id: int | None
    shared: bool


def may_change(view: Kept, user_id: int | None, agency_id: int | None, roles: Iterable[str]) -> Decision:
    """One's own view; a view shared with the agency also its administrator, for people who have left."""
    if view.owner_id == user_id:
        return ALLOWED
    if (
        view.shared
        and view.agency_id == agency_id
        and {RoleName.AGENCY_ADMIN, RoleName.OFFICE_ADMIN} & set(roles)
    ):
        return ALLOWED
    return refused("view_of_another")


def view_faults(name: str, taken: Iterable[str], kept: int) -> list[Fault]:
    """:param taken: names of the views that the person sees already; `kept`: how many the person owns"""
    found = []
    if not name:
        found.append(Fault("name", "required"))
    elif len(name) > LONGEST_NAME:
        found.append(Fault("name", "view_name_too_long", most=LONGEST_NAME))
    elif name in set(taken):
        found.append(Fault("name", "view_name_taken", value=name))
    if kept >= MOST_VIEWS:
        found.append(Fault("name", "views_too_many", most=MOST_VIEWS))
    return found
