"""People of the demo by name, and entries to invite."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.people.rules import Entry
from app.people.services.inviting import entry_of
from app.security.models import Account, Agency, Membership, SecurityLog


class People:
    """Look-ups past every wall, as the test sees the database."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def id(self, name: str) -> int:
        return self.session.scalars(select(Account.__table__.c.id).where(Account.username == name)).one()

    def account(self, name: str) -> Account:
        query = select(Account).where(Account.username == name)
        return self.session.scalars(query.execution_options(populate_existing=True)).one()

    def place(self, name: str, agency: str | None = None) -> Membership:
        query = (
            select(Membership)
            .join(Account, Account.id == Membership.user_id)
            .join(Agency, Agency.id == Membership.agency_id)
            .where(Account.username == name)
            .order_by(Membership.active.desc(), Membership.id)
        )
        if agency is not None:
            query = query.where(Agency.code == agency)
        return self.session.scalars(query.execution_options(populate_existing=True)).first()

    def agency(self, code: str) -> int:
        return self.session.scalars(select(Agency.__table__.c.id).where(Agency.code == code)).one()

    def roles(self, name: str, agency: str | None = None) -> set[str]:
        place = self.place(name, agency)
        self.session.refresh(place, ["roles"])
        return {link.role.name for link in place.roles}

    def logged(self, action: str) -> list[tuple[str, str]]:
        table = SecurityLog.__table__
        query = select(table.c.outcome, table.c.subject).where(table.c.action == action).order_by(table.c.id)
        return [tuple(row) for row in self.session.execute(query)]

    def inspector(self, agency: str = "POLICE-640100") -> str:
        query = (
            select(Account.__table__.c.username)
            .join(Membership.__table__, Membership.__table__.c.user_id == Account.__table__.c.id)
            .where(
                Membership.__table__.c.agency_id == self.agency(agency),
                Account.username.startswith("i_"),
            )
            .order_by(Account.__table__.c.id)
        )
        return self.session.scalars(query).first()


@pytest.fixture
def who(session: Session) -> People:
    return People(session)


@pytest.fixture
def entry(who: People) -> Callable[..., Entry]:
    def make(**changes: object) -> Entry:
        given = {
            "name": "王示例",
            "agency_id": who.agency("POLICE-640100"),
            "roles": ["clerk"],
            "title": "科员",
            "reason": "new colleague",
            **changes,
        }
        return entry_of(**given)

    return make
