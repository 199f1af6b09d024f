"""Roles that an office composes: restrictions of standard roles, changed for all at once, put away in order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text

from app.audit.models import Event
from app.db import unit_of_work
from app.kernel.clock import today
from app.kernel.errors import Invalid, NotFound, Refused, Stale
from app.security import grants
from app.security.models import CustomRole, MembershipRole, SecurityLog
from app.security.queries import actor_of, people, scope_for
from app.security.roles import queries, services
from app.security.roles.services import prune_after_release
from app.security.scope import Scope

LOOK = ("can_list", "TargetView")
OPEN = ("can_show", "TargetView")
ACT = ("can_act", "Tasks")
READ = ("can_read", "Tasks")


@pytest.fixture
def compose(act_as):
    def make(name="资料员示例", bases=("clerk",), permissions=(LOOK, OPEN), by="office", **more):
        with act_as(by) as unit:
            entries = {"note": "只看名录", "reason": "示例", **more}
            return services.compose_role(
                unit, name=name, bases=set(bases), permissions=set(permissions), **entries
            )

    return make


@pytest.fixture
def holder(session, compose, newcomer, act_as):
    """A person of the police who holds a composed role, with its internal name."""
    custom = compose()
    person = newcomer("POLICE-640100")
    with act_as("police_admin") as unit:
        services.grant_role(unit, person.id, custom.role.name, until=None, reason="示例")
    session.refresh(person)
    return person, custom


def test_who_holds_a_composed_role_counts_as_its_bases_and_opens_only_what_was_chosen(
    holder, session, clock, client_as, agency
):
    person, _custom = holder
    day = today(clock)
    assert actor_of(person, day).roles == {"clerk"}
    assert scope_for(session, person, day).agency_ids == {person.agency_id}
    assert person.user_id in {a.id for a in people(session, agency("POLICE-640100").id, {"clerk"}, day)}
    client = client_as(person.user.username)
    assert client.get("/targets/").status_code == 200
    assert client.get("/tasks/").status_code == 404
    assert client.get("/roles/").status_code == 404


def test_the_name_that_the_office_gave_stands_in_the_page(holder, client_as):
    person, _custom = holder
    assert "资料员示例" in client_as(person.user.username).get("/targets/").text


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        ({"name": " "}, ("name", "required")),
        ({"name": "字" * 41}, ("name", "too_long")),
        ({"reason": ""}, ("reason", "required")),
        ({"bases": ("clerk", "inspector"), "permissions": (ACT,)}, ("bases", "base_without_permission")),
    ],
)
def test_entries_with_faults_are_marked_and_nothing_is_stored(entries, fault, compose, session):
    with pytest.raises(Invalid) as error:
        compose(**entries)
    assert fault in [(f.field, f.code) for f in error.value.faults]
    assert session.scalars(select(CustomRole)).all() == []


def test_a_name_is_taken_once_per_office(compose):
    compose()
    with pytest.raises(Invalid) as error:
        compose()
    assert error.value.faults[0].code == "duplicate"
    compose(by="region_office")


@pytest.mark.parametrize(
    ("bases", "permissions", "code"),
    [
        (("clerk",), (("can_review", "ReviewView"),), "permission_beyond_bases"),
        (("clerk",), (("can_open", "ConsoleDoor"),), "permission_beyond_bases"),
        (("clerk",), (("can_compose", "RoleView"),), "permission_beyond_bases"),
        (("office_admin",), (LOOK,), "bases_not_composable"),
        (("security_admin",), (LOOK,), "bases_not_composable"),
        (("clerk",), (), "no_permission_chosen"),
        ((), (LOOK,), "bases_not_composable"),
    ],
)
def test_an_office_composes_nothing_beyond_what_it_may_give(bases, permissions, code, compose):
    with pytest.raises(Refused) as error:
        compose(bases=bases, permissions=permissions)
    assert error.value.code == code


@pytest.mark.parametrize("name", ["police_admin", "office_reviewer", "secadmin", "sysadmin", "police_clerk"])
def test_only_an_offices_administrator_composes(name, compose):
    with pytest.raises(Refused):
        compose(by=name)


def test_a_role_of_another_offices_area_is_neither_seen_nor_given(
    compose, session, newcomer, act_as, member, clock
):
    custom = compose(by="region_office")
    mine = compose(by="office")
    elsewhere = newcomer("OFFICE-640200", "office_admin")
    other = newcomer("POLICE-640200")
    actor = actor_of(elsewhere, today(clock))
    known = {role.name for role in queries.roles_known_to(session, actor)}
    assert custom.role.name in known
    assert mine.role.name not in known
    with pytest.raises(Refused) as error, unit_of_work(actor, Scope.system("test"), clock) as unit:
        services.grant_role(unit, other.id, mine.role.name, until=None, reason="示例")
    assert error.value.code == "role_of_other_area"


def test_a_change_reaches_everybody_who_holds_the_role_and_is_recorded(holder, session, act_as, client_as):
    person, custom = holder
    with act_as("office") as unit:
        services.change_role(
            unit,
            custom.id,
            version=custom.version,
            name="任务查看示例",
            note="",
            bases={"clerk"},
            permissions={READ},
            reason="职责调整",
        )
    event = session.scalars(select(Event).where(Event.tag == "role.changed")).one()
    assert event.data["added"] == "can_read:Tasks"
    assert event.data["removed"] == "can_list:TargetView,can_show:TargetView"
    line = session.scalars(select(SecurityLog).where(SecurityLog.action == "role_composed")).all()[-1]
    assert "职责调整" in line.detail
    client = client_as(person.user.username)
    assert (client.get("/targets/").status_code, client.get("/tasks/").status_code) == (404, 200)


def test_two_who_change_a_role_at_once_do_not_overwrite_each_other(holder, act_as):
    _person, custom = holder
    entries = {"name": "甲示例", "note": "", "bases": {"clerk"}, "permissions": {READ}, "reason": "示例"}
    seen = custom.version
    with act_as("office") as unit:
        services.change_role(unit, custom.id, version=seen, **entries)
    with pytest.raises(Stale), act_as("office") as unit:
        services.change_role(unit, custom.id, version=seen, **entries)


def test_a_change_that_does_not_fit_where_the_role_is_held_is_refused(holder, compose, act_as, newcomer):
    _person, custom = holder
    office_hand = newcomer("OFFICE-640100")
    with act_as("office") as unit:
        services.grant_role(unit, office_hand.id, custom.role.name, until=None, reason="示例")
    with pytest.raises(Refused) as error, act_as("office") as unit:
        services.change_role(
            unit,
            custom.id,
            version=custom.version,
            name="检查示例",
            note="",
            bases={"inspector"},
            permissions={("can_fill", "FormView")},
            reason="示例",
        )
    assert error.value.code == "change_does_not_fit"


def test_only_the_own_office_changes_a_role(holder, act_as):
    _person, custom = holder
    for name in ("region_office",):
        with pytest.raises(NotFound), act_as(name) as unit:
            services.archive_role(unit, custom.id, reason="示例")


def test_a_role_that_is_held_is_archived_only_with_another_one_for_its_holders(
    holder, session, act_as, compose, clock
):
    person, custom = holder
    with pytest.raises(Refused) as error, act_as("office") as unit:
        services.archive_role(unit, custom.id, reason="示例")
    assert error.value.facts["count"] == 1
    smaller = compose(name="小资料员示例", permissions=(LOOK,))
    with act_as("office") as unit:
        _custom, moved = services.archive_role(unit, custom.id, reason="合并", move_to=smaller.role.name)
    assert moved == 1
    session.expire_all()
    links = session.scalars(select(MembershipRole).where(MembershipRole.membership_id == person.id)).all()
    assert [link.custom.name for link in links] == ["小资料员示例"]
    with pytest.raises(Refused) as error, act_as("police_admin") as unit:
        services.grant_role(unit, person.id, custom.role.name, until=None, reason="示例")
    assert error.value.code == "role_archived"


def test_moving_holders_gives_nobody_more_than_the_office_might_give_them(
    session, compose, newcomer, act_as, clock
):
    custom = compose(by="region_office")
    person = newcomer("POLICE-640100")
    with act_as("police_admin") as unit:
        services.grant_role(unit, person.id, custom.role.name, until=None, reason="示例")
    with pytest.raises(Refused) as error, act_as("region_office") as unit:
        services.archive_role(unit, custom.id, reason="示例", move_to="clerk")
    assert error.value.code == "cannot_move_holders"


def test_an_end_moves_along(session, compose, newcomer, act_as, clock):
    custom, smaller = compose(), compose(name="小示例", permissions=(LOOK,))
    person = newcomer("POLICE-640100")
    end = today(clock) + timedelta(days=4)
    with act_as("police_admin") as unit:
        services.grant_role(unit, person.id, custom.role.name, until=end, reason="示例")
    with act_as("office") as unit:
        services.archive_role(unit, custom.id, reason="示例", move_to=smaller.role.name)
    session.expire_all()
    link = session.scalars(select(MembershipRole).where(MembershipRole.membership_id == person.id)).one()
    assert link.until == end


def test_a_release_keeps_what_was_composed_and_takes_what_no_base_has_any_more(
    app, session, holder, act_as_system
):
    _person, custom = holder
    with act_as_system() as unit:
        grants.sync(unit.session, app.appbuilder.baseviews)
        assert prune_after_release(unit) == 0
    assert queries.permissions_by_role(session)[custom.role.name] == {LOOK, OPEN}
    session.execute(
        text(
            "DELETE FROM ab_permission_view_role a USING ab_role r, ab_permission_view pv, ab_permission p,"
            " ab_view_menu v WHERE r.id = a.role_id AND r.name = 'clerk' AND pv.id = a.permission_view_id"
            " AND p.id = pv.permission_id AND v.id = pv.view_menu_id AND p.name = 'can_show'"
            " AND v.name = 'TargetView'"
        )
    )
    with act_as_system() as unit:
        assert prune_after_release(unit) == 1
    assert queries.permissions_by_role(session)[custom.role.name] == {LOOK}
    event = session.scalars(select(Event).where(Event.tag == "role.pruned")).one()
    assert event.data == {"removed": "can_show:TargetView"}
    session.execute(delete(MembershipRole).where(MembershipRole.role_id == custom.role_id))
