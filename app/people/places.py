"""Work that is bound to a person. Domains above register; a move or a leave lists it and hands it over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from app.kernel.places import Place

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.db import Unit
    from app.security.models import Account, Region


class Successor(StrEnum):
    """Who may take a piece of work over.

    `NAMED`: a colleague of the same agency, chosen by name. `BY_ORDER`: whom a rule names, nobody chooses.
    `NOBODY`: it is bound to this person for good and stays as it is.
    """

    NAMED = "named"
    BY_ORDER = "by_order"
    NOBODY = "nobody"


@dataclass(frozen=True)
class OpenWork:
    """One thing that a person has in hand. `note` says in a sentence what becomes of it."""

    kind: str
    key: str
    label: str
    link: str
    successor: Successor = Successor.NAMED
    note: Any = ""


@dataclass(frozen=True)
class OpenWorkProvider:
    """`work(session, account, agency_id)` lists at most a hundred things. `hand_over(unit, key, to, reason)`
    gives one of them to `to` (None where a rule names the successor); it checks again, and raises a
    `DomainError` where it cannot be done. `roles`: who among the colleagues may take it.
    """

    kind: str
    work: Callable[[Session, Account, int], list[OpenWork]]
    hand_over: Callable[[Unit, str, Account | None, str], None]
    roles: frozenset[str] = frozenset()


open_work: Place[OpenWorkProvider] = Place("open work")

after_leaving: Place[Callable[[Unit, Account, int], None]] = Place("after leaving")
"""Told within the unit: the person no longer belongs to the agency; what names the person there is put away."""

after_joining: Place[Callable[[Unit, Account, int], None]] = Place("after joining")
"""Told within the unit: the person belongs to the agency again."""


after_region_merged: Place[Callable[[Unit, Region, Region], None]] = Place("after a region was merged")
"""Told within the unit, with the region that went and the one that takes over: what lies in it moves along."""


def provider_of(kind: str) -> OpenWorkProvider | None:
    return next((provider for provider in open_work if provider.kind == kind), None)


def open_work_of(session: Session, account: Account, agency_id: int) -> list[OpenWork]:
    """All open work of a person at an agency, in the order of the providers."""
    return [thing for provider in open_work for thing in provider.work(session, account, agency_id)]
