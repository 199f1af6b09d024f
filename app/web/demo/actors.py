"""Acting as a demo account: the same actor and scope that its browser would have."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app
from sqlalchemy import select

from app.db import Actor, Unit, db, unit_of_work
from app.kernel.clock import today
from app.kernel.errors import NotFound
from app.security.models import Account
from app.security.queries import actor_of, memberships_of, scope_for
from app.security.scope import Scope


@contextmanager
def acting_as(username: str) -> Iterator[Unit]:
    """One unit of work of the account, under its first membership.

    :raises NotFound: when there is no such account
    """
    session = db.session()
    session.info.update(scope=Scope.system("find the account"), actor_code="cli")
    account = session.scalars(select(Account).where(Account.username == username, Account.active)).first()
    held = memberships_of(session, account.id) if account else []
    if not held:
        raise NotFound("demo_no_account", name=username)
    clock = current_app.extensions["clock"]
    day = today(clock)
    actor, scope = actor_of(held[0], day), scope_for(session, held[0], day)
    session.rollback()
    with unit_of_work(actor, scope, clock) as unit:
        yield unit


@contextmanager
def looking(reason: str) -> Iterator[Unit]:
    """A unit of the system, for reading what the journey needs to know."""
    with unit_of_work(Actor.system("cli"), Scope.system(reason), current_app.extensions["clock"]) as unit:
        yield unit
