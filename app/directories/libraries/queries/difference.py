"""What changed since a draw froze the library: two lists in the order of their codes, read side by side."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Any

from sqlalchemy import not_, select
from sqlalchemy.orm import Session

from app.directories.libraries.models import Library
from app.directories.libraries.places import FrozenList, frozen_lists
from app.directories.libraries.queries.composition import DEAR, FRESH, MOST_KEPT
from app.directories.libraries.queries.selecting import members, to_the_end
from app.directories.outside.queries import is_outside
from app.directories.targets.models import Target
from app.security.scoping import scope_of

SHOWN = 100
AT_ONCE = 20_000
NOTHING = ("", "")

_T = Target.__table__.c


@dataclass(frozen=True)
class Change:
    """One target: its class on the frozen list and now; None where it was not, or is not, on the list."""

    code: str
    before: str | None
    now: str | None


@dataclass(frozen=True)
class Difference:
    """Numbers of all changes and the first of each kind, by code. `names`: of those shown, within the scope."""

    came: int
    went: int
    changed: int
    stayed: int
    first_came: tuple[Change, ...]
    first_went: tuple[Change, ...]
    first_changed: tuple[Change, ...]
    names: dict[str, tuple[int, str]]
    compared_at: datetime


_kept: OrderedDict[tuple[Any, ...], Difference] = OrderedDict()


def last_frozen(session: Session, library: Library) -> FrozenList | None:
    """The list of the last draw that used the library, as far as whoever asks may see it."""
    found = [one for place in frozen_lists if (one := place(session, library)) is not None]
    return max(found, key=lambda one: one.frozen_at, default=None)


def difference(session: Session, library: Library, frozen: FrozenList, now: datetime) -> Difference:
    """Against what a frame of the library would hold now. Reads both lists once, whatever their length; one that
    took more than a second is kept for ten minutes.
    """
    key = (
        str(session.get_bind().engine.url),
        library.id,
        library.version,
        library.changed_at,
        frozen.draw_no,
        scope_of(session).settings,
    )
    known = _kept.get(key)
    if known is not None and now - known.compared_at < FRESH:
        return known
    begun = perf_counter()
    found = _compare(session, library, frozen, now)
    if perf_counter() - begun >= DEAR:
        _kept[key] = found
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return found


def _compare(session: Session, library: Library, frozen: FrozenList, now: datetime) -> Difference:
    came, went, changed = _Kind(), _Kind(), _Kind()
    stayed = 0
    before, after = frozen.rows(), _now(session, library)
    old, new = next(before, NOTHING), next(after, NOTHING)
    while old[0] or new[0]:
        if old[0] == new[0]:
            if old[1] == new[1]:
                stayed += 1
            else:
                changed.add(old[0], old[1], new[1])
            old, new = next(before, NOTHING), next(after, NOTHING)
        elif not new[0] or (old[0] and old[0] < new[0]):
            went.add(old[0], old[1], None)
            old = next(before, NOTHING)
        else:
            came.add(new[0], None, new[1])
            new = next(after, NOTHING)
    shown = [change.code for kind in (came, went, changed) for change in kind.first]
    rows = session.execute(select(Target.code, Target.id, Target.name).where(Target.code.in_(shown)))
    return Difference(
        came=came.number,
        went=went.number,
        changed=changed.number,
        stayed=stayed,
        first_came=tuple(came.first),
        first_went=tuple(went.first),
        first_changed=tuple(changed.first),
        names={code: (number, name) for code, number, name in rows} if shown else {},
        compared_at=now,
    )


class _Kind:
    """Changes of one kind: how many, and the first of them."""

    def __init__(self) -> None:
        self.number = 0
        self.first: list[Change] = []

    def add(self, code: str, before: str | None, now: str | None) -> None:
        self.number += 1
        if self.number <= SHOWN:
            self.first.append(Change(code, before, now))


def _now(session: Session, library: Library) -> Iterator[tuple[str, str]]:
    """By the bytes of the codes, as frozen lists are: the collation of every database of the portal."""
    statement = members(session, library, _T.code, _T.risk_class).where(not_(is_outside()))
    statement = statement.order_by(_T.code)
    to_the_end(session)
    rows = session.execute(statement, execution_options={"yield_per": AT_ONCE})
    for part in rows.partitions():
        yield from part  # type: ignore[misc]
