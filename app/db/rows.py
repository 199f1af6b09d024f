"""The second wall's half in the session: PostgreSQL is told who asks before it answers.

Policies hold for the role `portal_scoped`, which neither owns the tables nor bypasses them. The session's
scope (`session.info["scope"]`, which may change at any moment) is followed lazily: before the next statement
on the session's connection, one round trip sets role, scope and actor for the rest of the transaction.
System work stays with the tables' owner and costs nothing. Whoever speaks to the driver itself (COPY) calls
`follow_scope(session)` first.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

ROLE = "portal_scoped"
SETTINGS = ("portal.agencies", "portal.watched", "portal.regions", "portal.person", "portal.roles")
"""What `Scope.settings` gives, in this order: ids and role names joined by commas."""

_NOTHING = ("",) * len(SETTINGS)
_UNKNOWN = ("unknown",)
_KEY = "portal.rows"
_AS_ACTOR = "SELECT set_config('portal.actor', %s, true), set_config('portal.cause', %s, true), "
_AS_OWNER = _AS_ACTOR + "set_config('role', 'none', true)"
_AS_SCOPED = (
    _AS_ACTOR
    + "".join(f"set_config('{name}', %s, true), " for name in SETTINGS)
    + f"set_config('role', '{ROLE}', true)"
)
_CONTROL = ("SAVEPOINT ", "RELEASE SAVEPOINT ", "ROLLBACK TO SAVEPOINT ")


@dataclass
class _Standing:
    """What the transaction of one connection was told last, and the sessions that take part in it.

    `values` None: the tables' owner, as every transaction begins.
    """

    sessions: list[weakref.ref[Session]] = field(default_factory=list)
    values: tuple[str, ...] | None = None
    actor: tuple[str, str] = ("", "")
    """Who acts, and the act that changes many rows at once (`Unit.because`)."""

    def join(self, session: Session) -> None:
        self.sessions = [one for one in self.sessions if one() not in (None, session)]
        self.sessions.append(weakref.ref(session))

    def asking(self) -> Session | None:
        """The session that began last and has not ended."""
        while self.sessions:
            session = self.sessions[-1]()
            if session is not None and session.in_transaction():
                return session
            self.sessions.pop()
        return None


def follow_scope(session: Session) -> None:
    """Bring the session's connection to the session's scope now."""
    connection = session.connection()
    _bring(connection, connection.info[_KEY])


@event.listens_for(Engine, "begin")
def _forget(connection: Connection) -> None:
    """A new transaction knows nothing of the one before, whoever had the connection."""
    connection.info.pop(_KEY, None)


@event.listens_for(Session, "after_begin")
def _join(session: Session, transaction: Any, connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.info.setdefault(_KEY, _Standing()).join(session)


@event.listens_for(Engine, "before_cursor_execute")
def _follow(
    connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool
) -> None:
    standing = connection.info.get(_KEY)
    if standing is None:
        return
    if statement.startswith(_CONTROL):
        if statement.startswith("ROLLBACK"):
            standing.values = _UNKNOWN
        return
    _bring(connection, standing)


def _told(session: Session) -> tuple[str, ...] | None:
    if session.info.get("as_owner"):
        return None
    scope = session.info.get("scope")
    return _NOTHING if scope is None else scope.settings


def _bring(connection: Connection, standing: _Standing) -> None:
    session = standing.asking()
    values, actor = None, standing.actor
    if session is not None:
        values = _told(session)
        actor = (session.info.get("actor_code") or "", session.info.get("cause") or "")
    if (values, actor) == (standing.values, standing.actor):
        return
    driver: Any = connection.connection.driver_connection
    if driver.info.transaction_status == TransactionStatus.INERROR:
        return
    sql, told = (_AS_OWNER, list(actor)) if values is None else (_AS_SCOPED, [*actor, *values])
    try:
        with driver.cursor() as cursor:
            cursor.execute(sql, told)
    except psycopg.Error as fault:
        gone = connection.dialect.is_disconnect(fault, driver, None)
        if gone:
            connection.invalidate(fault)
        raise DBAPIError.instance(
            sql, told, fault, psycopg.Error, connection_invalidated=gone, dialect=connection.dialect
        ) from fault
    standing.values, standing.actor = values, actor


@contextmanager
def as_owner(session: Session) -> Iterator[None]:
    """Core statements that the code itself guards (the log's) read all rows; the choke point stays as it is."""
    before = session.info.get("as_owner")
    session.info["as_owner"] = True
    try:
        yield
    finally:
        session.info["as_owner"] = before
