"""What tests of roles share: people of the demo by name, as memberships."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select

from app.kernel.clock import today
from app.security.models import Account, Agency, Membership, MembershipRole
from app.security.queries import roles_of


@pytest.fixture
def member(session) -> Callable[[str], Membership]:
    """`member("police_clerk")`: the first membership of a demo account."""

    def find(username: str) -> Membership:
        query = select(Membership).join(Membership.user).where(Account.username == username)
        return session.scalars(query.order_by(Membership.id)).first()

    return find


@pytest.fixture
def agency(session) -> Callable[[str], Agency]:
    return lambda code: session.scalars(select(Agency).where(Agency.code == code)).one()


@pytest.fixture
def newcomer(session, agency) -> Callable[..., Membership]:
    """`newcomer("HEALTH-640100")`: a person without any role at a unit."""
    made = 0

    def make(code: str, *roles: str, until: date | None = None, account: Account | None = None) -> Membership:
        nonlocal made
        made += 1
        if account is None:
            account = Account(
                username=f"new_{made}",
                first_name="n",
                last_name="",
                display_name="新人示例",
                email=f"new_{made}@portal.invalid",
                active=True,
                password="x",
            )
            session.add(account)
            session.flush()
        membership = Membership(user_id=account.id, agency_id=agency(code).id, active=True)
        session.add(membership)
        session.flush()
        for name in roles:
            role_id = session.scalars(select(Role.id).where(Role.name == name)).one()
            session.add(MembershipRole(membership_id=membership.id, role_id=role_id, until=until))
        session.commit()  # a refused act rolls its own work back, not this
        session.refresh(membership)
        return membership

    return make


@pytest.fixture
def held(session, clock) -> Callable[[int], frozenset[str]]:
    """Standard roles of a membership, as stored."""

    def look(membership_id: int) -> frozenset[str]:
        session.expire_all()
        return roles_of(session.get(Membership, membership_id), today(clock))

    return look
