"""Tell of what ends, once per threshold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Protocol, TypeVar

from app.db import Unit
from app.directories.ending.rules import warning_of
from app.security.models import Account
from app.security.queries import people
from app.security.rules import RoleName


class Ends(Protocol):
    @property
    def agency_id(self) -> int: ...
    @property
    def until(self) -> date: ...


E = TypeVar("E", bound=Ends)


def tell_all(
    unit: Unit,
    endings: Iterable[E],
    day: date,
    keepers: frozenset[RoleName],
    tell: Callable[[E, int, list[Account]], int],
) -> int:
    """Number of messages. For the system.

    :param keepers: roles of the agency that are told
    :param tell: `(ending, threshold, keepers' accounts) -> messages`
    """
    known: dict[int, list[Account]] = {}
    told = 0
    for ending in endings:
        threshold = warning_of(ending.until, day)
        if threshold is None:
            continue
        if ending.agency_id not in known:
            known[ending.agency_id] = people(unit.session, ending.agency_id, keepers, day)
        told += tell(ending, threshold, known[ending.agency_id])
    return told
