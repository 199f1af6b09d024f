"""`unit_of_work`: the only commit.

Views, jobs and commands open one; services work inside and never commit. It puts scope and actor into
`session.info`, where the choke point of `app.security.scoping` finds them and from where `app.db.rows` hands
them to PostgreSQL: to the policies of the rows and to the history triggers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from app.db.base import db
from app.kernel.clock import Clock, FixedClock


@dataclass(frozen=True)
class Actor:
    """Who acts: a person under one membership, the system, or a command.

    `code` is what the log shows (`u12`, `system`, `cli`): opaque, no personal data.
    """

    code: str
    user_id: int | None = None
    membership_id: int | None = None
    agency_id: int | None = None
    agency_code: str | None = None
    region_id: int | None = None
    roles: frozenset[str] = frozenset()
    label: str = ""

    @classmethod
    def system(cls, code: str = "system") -> Actor:
        return cls(code=code, roles=frozenset({"system"}), label=code)


class Because(AbstractContextManager[None]):
    """The cause that stands from now on; what waited before belongs to what stood before."""

    def __init__(self, session: Session, cause: str) -> None:
        session.flush()
        self._session, self._before = session, session.info.get("cause")
        session.info["cause"] = cause

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            self._session.flush()
        self._session.info["cause"] = self._before


@dataclass
class Unit:
    """One unit of work: the session, who acts, within which scope, at what time, and what leaves after it.

    Time stands still within a unit: everything that one act writes down carries the same moment.
    """

    session: Session
    actor: Actor
    scope: Any
    clock: Clock
    _after: list[Callable[[], None]] = field(default_factory=list)

    def because(self, cause: str) -> Because:
        """What is changed from now on stands in the row history under this cause (`bulk:12`, `import:7`).

        Holds for the rest of the unit, or as `with unit.because(...)` until the block ends.
        """
        return Because(self.session, cause)

    def after_commit(self, effect: Callable[[], None]) -> None:
        """Run `effect` once the work is safely stored; never when it is rolled back."""
        self._after.append(effect)


@contextmanager
def unit_of_work(actor: Actor, scope: Any, clock: Clock, session: Session | None = None) -> Iterator[Unit]:
    """Open the one transaction of an act, commit it at the end, or leave nothing behind.

    :param scope: an `app.security.scope.Scope`
    :raises RuntimeError: when a unit is already open on this session; verbs call verbs with the same unit
    """
    session = session or db.session()
    if session.info.get("unit_open"):
        raise RuntimeError("a unit of work is already open on this session")
    before = {key: session.info.get(key) for key in ("scope", "actor_code", "cause", "clock")}
    unit = Unit(session=session, actor=actor, scope=scope, clock=FixedClock(clock.now()))
    session.info.update(scope=scope, actor_code=actor.code, cause=None, clock=unit.clock, unit_open=True)
    try:
        yield unit
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.update(before)
        session.info["unit_open"] = False
    for effect in unit._after:
        effect()
