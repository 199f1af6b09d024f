"""The three administrators apart (三员分立): the database refuses it, whoever writes and however."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError

from app.kernel.clock import today
from app.kernel.errors import Refused
from app.security.explain import explain_integrity
from app.security.models import Membership, MembershipRole
from app.security.roles import services
from app.security.rules import SEPARATE, RoleName, may_hold_together

PAIRS = [frozenset(pair) for pair in itertools.combinations(sorted(RoleName), 2)]


def _give(session, membership_id: int, role: str, until=None) -> None:
    role_id = session.scalars(select(Role.id).where(Role.name == role)).one()
    session.execute(
        insert(MembershipRole.__table__).values(membership_id=membership_id, role_id=role_id, until=until)
    )


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: "+".join(sorted(pair)))
def test_raw_sql_agrees_with_the_rule_on_every_pair_of_roles(pair, session, newcomer):
    person = newcomer("OFFICE-640000")
    first, second = sorted(pair)
    _give(session, person.id, first)
    if may_hold_together(pair):
        _give(session, person.id, second)
        return
    with pytest.raises(IntegrityError) as error, session.begin_nested():
        _give(session, person.id, second)
    assert error.value.orig.diag.constraint_name == "roles_apart"


def test_the_refusal_of_the_database_is_a_sentence(app, session, newcomer):
    person = newcomer("OFFICE-640000", "audit_admin")
    with pytest.raises(IntegrityError) as error, session.begin_nested():
        _give(session, person.id, "clerk")
    with app.test_request_context(headers={"Accept-Language": "zh-CN"}):
        assert "三" in explain_integrity(error.value)


def test_two_memberships_of_one_person_count_together(session, newcomer):
    first = newcomer("OFFICE-640000", "security_admin")
    second = newcomer("POLICE-640100", account=first.user)
    with pytest.raises(IntegrityError), session.begin_nested():
        _give(session, second.id, "clerk")


def test_a_resting_membership_wakes_up_only_when_its_roles_fit(session, newcomer):
    first = newcomer("OFFICE-640000", "security_admin")
    second = newcomer("POLICE-640100", account=first.user)
    session.execute(update(Membership).where(Membership.id == second.id).values(active=False))
    _give(session, second.id, "clerk")
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text("UPDATE membership SET active = true WHERE id = :id"), {"id": second.id})


def test_a_membership_does_not_change_hands_into_a_forbidden_pair(session, newcomer):
    admin, clerk = newcomer("OFFICE-640000", "system_admin"), newcomer("POLICE-640100", "clerk")
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(
            text("UPDATE membership SET user_id = :user WHERE id = :id"),
            {"user": admin.user_id, "id": clerk.id},
        )


def test_a_role_that_has_ended_no_longer_stands_in_the_way(session, newcomer, clock):
    person = newcomer("OFFICE-640000", "clerk", until=today(clock) - timedelta(days=400))
    _give(session, person.id, "audit_admin")
    later = newcomer("OFFICE-640000", "clerk", until=today(clock) + timedelta(days=400))
    with pytest.raises(IntegrityError), session.begin_nested():
        _give(session, later.id, "audit_admin")


def test_an_end_that_is_lifted_is_checked_again(session, newcomer, clock):
    person = newcomer("OFFICE-640000", "clerk", until=today(clock) - timedelta(days=400))
    _give(session, person.id, "audit_admin")
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(
            text("UPDATE membership_role SET until = NULL WHERE membership_id = :id"), {"id": person.id}
        )


@pytest.mark.parametrize("role", sorted(SEPARATE))
def test_the_service_says_it_before_the_database_has_to(role, newcomer, act_as):
    person = newcomer("OFFICE-640000", "reviewer")
    with pytest.raises(Refused) as error, act_as("secadmin") as unit:
        services.grant_role(unit, person.id, role, until=None, reason="示例")
    assert error.value.code == "roles_apart"


def test_a_custom_role_counts_as_business(session, newcomer, act_as):
    with act_as("region_office") as unit:
        custom = services.compose_role(
            unit,
            name="看图员示例",
            note="",
            bases={"reviewer"},
            permissions={("can_list", "TargetView")},
            reason="示例",
        )
        name = custom.role.name
    person = newcomer("OFFICE-640000", "audit_admin")
    with pytest.raises(IntegrityError), session.begin_nested():
        _give(session, person.id, name)


def test_no_custom_role_is_made_of_an_administrators_role(session, act_as, member):
    for base in ("office_admin", "system_admin", "security_admin", "audit_admin"):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(
                text(
                    "INSERT INTO custom_role(role_id, office_id, name, bases, created_at) "
                    "SELECT id, :office, 'x', jsonb_build_array(CAST(:base AS text)), now() FROM ab_role WHERE name = 'Public'"
                ),
                {"office": member("office").agency_id, "base": base},
            )


def test_of_two_grants_at_the_same_moment_the_second_sees_the_first(own_app):
    """Each alone would be right; together they are not, and the account's row makes one wait for the other."""
    from threading import Thread

    from app.db import db

    engine = db.engine
    find = "SELECT m.id FROM membership m JOIN ab_user u ON u.id = m.user_id WHERE u.username = 'sysadmin'"
    give = (
        "INSERT INTO membership_role(membership_id, role_id) SELECT :id, id FROM ab_role WHERE name = :role"
    )
    outcome: list[str] = []
    with engine.connect() as first:
        mine = first.execute(text(find)).scalar_one()
        first.execute(text("DELETE FROM membership_role WHERE membership_id = :id"), {"id": mine})
        first.commit()
        first.execute(text(give), {"id": mine, "role": "audit_admin"})

        def second() -> None:
            with engine.connect() as other:
                try:
                    other.execute(text(give), {"id": mine, "role": "clerk"})
                    other.commit()
                    outcome.append("stored")
                except IntegrityError as error:
                    outcome.append(error.orig.diag.constraint_name)

        waiting = Thread(target=second)
        waiting.start()
        waiting.join(0.5)
        assert outcome == []
        first.commit()
        waiting.join(10)
    assert outcome == ["roles_apart"]
