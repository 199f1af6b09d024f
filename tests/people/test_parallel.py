"""Two hands at once, and very many people."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import pytest
from sqlalchemy import func, insert, select, text

from app.db import db, unit_of_work
from app.kernel.clock import today
from app.kernel.errors import DomainError
from app.people import services
from app.people.models import MoveRequest
from app.people.queries import listing
from app.people.queries.listing import Area, PeopleFilter
from app.people.services.inviting import entry_of
from app.security.models import Account, Agency, Membership
from app.security.queries import actor_of, memberships_of, scope_for
from app.security.scope import Scope


def agency_id(code: str) -> int:
    return db.session().scalars(select(Agency.__table__.c.id).where(Agency.code == code)).one()


def user_id(name: str) -> int:
    return db.session().scalars(select(Account.__table__.c.id).where(Account.username == name)).one()


def at_once(app, clock, name, *acts):
    """Each act in a thread of its own, in a unit of work of the person; what each gave or raised."""

    def run(act):
        with app.app_context():
            orm = db.session()
            orm.info["scope"] = Scope.system("test")
            membership = memberships_of(orm, user_id(name))[0]
            day = today(clock)
            try:
                with unit_of_work(actor_of(membership, day), scope_for(orm, membership, day), clock) as unit:
                    return act(unit)
            except DomainError as error:
                return error
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.parametrize("changes", [{}, {"phone": "13811112222"}, {"mail": "wang@example.invalid"}])
def test_one_person_invited_by_two_hands_at_once_has_one_account(own_app, clock, changes):
    entry = entry_of(
        name="王示例", agency_id=agency_id("POLICE-640100"), roles=["clerk"], reason="new", **changes
    )
    db.session.rollback()
    found = at_once(own_app, clock, "office", *[lambda unit: services.invite(unit, entry)[0].id] * 4)
    assert sum(not isinstance(answer, DomainError) for answer in found) == 1
    count = select(func.count()).select_from(Account.__table__).where(Account.display_name == "王示例")
    assert db.session().scalar(count) == 1


def test_a_move_and_a_leave_at_once_end_in_one_of_the_two(own_app, clock):
    person = user_id("police_clerk")
    place = db.session().scalars(select(Membership.__table__.c.id).where(Membership.user_id == person)).one()
    amr = agency_id("AMR-640100")
    db.session.rollback()

    def move(unit):
        services.move(unit, person, place, amr, title="", roles=["clerk"], reason="new post", choices={})
        return "moved"

    def leave(unit):
        services.leave(unit, person, "retires", {})
        return "left"

    at_once(own_app, clock, "office", move, leave, move, leave)
    session = db.session()
    account = session.execute(select(Account.__table__).where(Account.id == person)).one()
    active = session.execute(
        select(func.count())
        .select_from(Membership.__table__)
        .where(Membership.user_id == person, Membership.active)
    ).scalar_one()
    assert (account.left_at is None, account.active, active) in {(True, True, 1), (False, False, 0)}


def test_a_move_is_asked_for_once(own_app, clock):
    person = user_id("police_clerk")
    place = db.session().scalars(select(Membership.__table__.c.id).where(Membership.user_id == person)).one()
    target = agency_id("AMR-640200")
    db.session.rollback()

    def ask(unit):
        return services.ask_move(unit, person, place, target, title="", reason="new post", choices={}).id

    assert len(set(at_once(own_app, clock, "office", ask, ask, ask))) == 1
    session = db.session()
    session.info["scope"] = Scope.system("test")
    assert session.scalar(select(func.count()).select_from(MoveRequest.__table__)) == 1


def test_twenty_thousand_people_are_listed_searched_and_counted_quickly(session, clock):
    agency = agency_id("POLICE-640100")
    session.execute(
        text(
            "INSERT INTO ab_user (id, username, first_name, last_name, display_name, email, active)"
            " SELECT 1000000 + n, 'bulk' || n, 'x', '', '批量' || lpad(n::text, 5, '0'), 'bulk' || n || '@x.invalid',"
            " true FROM generate_series(1, 20000) n"
        )
    )
    session.execute(
        insert(Membership.__table__).from_select(
            ["user_id", "agency_id", "title", "active"],
            select(Account.__table__.c.id, text(str(agency)), text("''"), text("true")).where(
                Account.__table__.c.id > 1_000_000
            ),
        )
    )
    where = Area(frozenset({agency}), clock.now(), today(clock))
    began = perf_counter()
    page = listing.page(session, where, PeopleFilter(q="批量"))
    figures = listing.figures(session, where, PeopleFilter(q="批量"))
    following = listing.page(session, where, PeopleFilter(q="批量"), after=page.after)
    assert figures.found == listing.COUNTED_UP_TO + 1 and figures.people > 20_000
    assert following.rows[0].name == "批量00051"
    assert perf_counter() - began < 5
