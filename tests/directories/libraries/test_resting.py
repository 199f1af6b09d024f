"""Libraries are put away when nothing uses them, and joint ones carried to the next year with all that they hold."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.directories.inspectors.models import Inspector
from app.directories.libraries import queries, services
from app.directories.libraries.models import Library, LibraryPerson, LibraryPick
from app.directories.targets.models import Target
from app.item_lists.models import ItemList, JointItem, JointItemPart
from app.kernel.errors import Invalid, NotFound, Refused
from app.plans.models import PlanEntry
from app.security.scope import Scope
from app.tasks.models import Task
from seeds.demo.plans import hotel_entry

HOTELS = {"kinds": ["enterprise"], "industries": ["61"], "status": ["active"]}


def owner(session):
    session.info["scope"] = Scope.system("test")
    session.expire_all()
    return session


@pytest.fixture
def library(act_as):
    with act_as("police_clerk") as unit:
        return services.create_library(unit, unit.actor.agency_id, "要归档的库", "category", HOTELS).id


@pytest.fixture
def items(session, clock):
    """The joint item of the demo and the same one in next year's list."""
    code = hotel_entry(clock.now().date())["joint_code"]
    item = owner(session).scalars(select(JointItem).where(JointItem.code == code)).first()
    old = session.get(ItemList, item.list_id)
    values = {
        c.key: getattr(old, c.key)
        for c in ItemList.__table__.columns
        if c.key not in ("id", "year", "version")
    }
    following = ItemList(**{**values, "year": old.year + 1})
    session.add(following)
    session.flush()
    columns = [c.key for c in JointItem.__table__.columns if c.key not in ("id", "list_id")]
    again = JointItem(**{name: getattr(item, name) for name in columns}, list_id=following.id)
    session.add(again)
    session.flush()
    for part in session.scalars(select(JointItemPart).where(JointItemPart.joint_item_id == item.id)).all():
        copied = {
            c.key: getattr(part, c.key)
            for c in JointItemPart.__table__.columns
            if c.key not in ("id", "joint_item_id")
        }
        session.add(JointItemPart(**copied, joint_item_id=again.id))
    session.commit()
    return item.id, again.id


def test_what_is_put_away_is_offered_nowhere_and_comes_back(act_as, session, library):
    with act_as("police_clerk") as unit:
        with pytest.raises(Invalid):
            services.archive_library(unit, library, " ")
        services.archive_library(unit, library, "业务调整")
        assert str(library) not in queries.library_names(unit.session)
        assert library in [one.id for one in queries.libraries(unit.session, archived=True)]
        with pytest.raises(Refused) as refusal:
            services.change_library(unit, library, "别名", "category", HOTELS, 1)
        assert refusal.value.code == "library_archived"
        with pytest.raises(Refused):
            services.archive_library(unit, library, "又一次")
        services.restore_library(unit, library)
        assert str(library) in queries.library_names(unit.session)
        log = [line.what for line in queries.changes_of(unit.session, library)]
    assert log == ["restored", "archived", "created"]


def test_a_library_that_a_plan_uses_stays(act_as, client_as, session, clock, library):
    entry = owner(session).scalars(select(PlanEntry).join(PlanEntry.plan)).first()
    entry.rule = {"libraries": [str(library)]}
    entry.state, entry.plan.year = "published", clock.now().year
    session.commit()
    with act_as("police_clerk") as unit, pytest.raises(Refused) as refusal:
        services.archive_library(unit, library, "业务调整")
    assert refusal.value.code == "library_in_use"
    page = client_as("police_clerk").get(f"/libraries/{library}/archive").text
    assert "仍在使用" in page and 'name="reason"' not in page
    answer = client_as("police_clerk").post(f"/libraries/{library}/archive", data={"reason": "业务调整"})
    assert answer.status_code == 422 and "不能归档" in answer.text
    owner(session).get(PlanEntry, entry.id).state = "done"
    session.commit()
    with act_as("police_clerk") as unit:
        services.archive_library(unit, library, "业务调整")


def test_a_task_holds_it_until_it_is_over(act_as, session, task, library):
    task.rule = {"libraries": [str(library)]}
    session.commit()
    with act_as("police_clerk") as unit, pytest.raises(Refused):
        services.archive_library(unit, library, "业务调整")
    held = owner(session).get(Task, task.id)
    held.state, held.cancel_reason = "cancelled", "演示"
    session.commit()
    with act_as("police_clerk") as unit:
        assert services.archive_library(unit, library, "业务调整").archive_reason == "业务调整"


def test_somebody_else_cannot_put_it_away(act_as, client_as, library):
    with act_as("amr_clerk") as unit, pytest.raises(NotFound):
        services.archive_library(unit, library, "不是我的")
    assert client_as("amr_clerk").get(f"/libraries/{library}/archive").status_code == 404
    assert client_as("office").get(f"/libraries/{library}/archive").status_code == 404


def test_the_pages_put_it_away_and_take_it_out_again(client_as, session, library):
    client = client_as("police_clerk")
    assert f"/libraries/{library}/archive" in client.get(f"/libraries/{library}").text
    assert client.post(f"/libraries/{library}/archive", data={"reason": "业务调整"}).status_code == 302
    page = client.get(f"/libraries/{library}").text
    assert "业务调整" in page and f"/libraries/{library}/restore" in page and "/edit" not in page
    assert "要归档的库" not in client.get("/libraries/").text
    assert "要归档的库" in client.get("/libraries/?kind=archived").text
    assert client.post(f"/libraries/{library}/restore").status_code == 302
    assert "要归档的库" in client.get("/libraries/").text


def test_the_members_are_exported_through_the_lists_own_export(client_as, session, library):
    client = client_as("police_clerk")
    page = client.get(f"/libraries/{library}").text
    assert f"/exports/targets/new?library={library}" in page
    answer = client.get(f"/exports/targets/new?library={library}")
    assert answer.status_code == 200 and "要归档的库" in client.get(f"/targets/?library={library}").text


@pytest.mark.rule("R-13.1")
def test_a_joint_library_goes_on_with_rule_additions_and_exclusions(act_as, client_as, session, items):
    this, following = items
    with act_as("police_clerk") as unit:
        old = services.found_joint_library(unit, this, "旅馆业联合库", HOTELS).id
        two = unit.session.scalars(select(Target.id).order_by(Target.id).limit(2)).all()
        services.pick_target(unit, old, two[0], included=True, reason="群众举报")
        services.pick_target(unit, old, two[1], included=False, reason="停业整顿")
    client = client_as("amr_clerk")
    form = client.get(f"/libraries/{old}/carry").text
    assert f'value="{following}"' in form and f'value="{this}"' not in form
    values = {"joint_item": following, "name": "旅馆业联合库（次年）"}
    assert client.post(f"/libraries/{old}/carry", data=values).status_code == 302
    made = owner(session).scalars(select(Library).where(Library.joint_item_id == following)).one()
    assert (made.rule, made.subject, made.agency.code) == (HOTELS, "targets", "POLICE-640100")
    picks = session.scalars(select(LibraryPick).where(LibraryPick.library_id == made.id)).all()
    assert {(p.target_id, p.included, p.reason) for p in picks} == {
        (two[0], True, "群众举报"),
        (two[1], False, "停业整顿"),
    }
    assert session.get(Library, old).archived_at is None
    again = client.post(f"/libraries/{old}/carry", data={**values, "name": "第三个"})
    assert again.status_code == 422


@pytest.mark.rule("R-17.1")
def test_a_joint_library_of_inspectors_leaves_out_whose_agency_left(act_as, session, items):
    this, following = items
    with act_as("police_clerk") as unit:
        old = services.found_joint_library(unit, this, "联合人员库", {}, "inspectors").id
        own = unit.session.scalars(
            select(Inspector.id).where(Inspector.agency_id == unit.actor.agency_id)
        ).first()
        services.pick_person(unit, old, own, included=False, reason="长期借调")
    with act_as("health_clerk") as unit:
        theirs = unit.session.scalars(
            select(Inspector.id).where(Inspector.agency_id == unit.actor.agency_id)
        ).first()
        services.pick_person(unit, old, theirs, included=True, reason="专业需要")
        gone = unit.actor.agency_id
    line = owner(session).scalars(select(Inspector).where(Inspector.id == theirs)).one().agency.line_code
    parts = select(JointItemPart).where(
        JointItemPart.joint_item_id == following, JointItemPart.line_code == line
    )
    for part in session.scalars(parts).all():
        session.delete(part)
    session.commit()
    with act_as("police_clerk") as unit:
        done = services.carry_library(unit, old, following, "联合人员库（次年）")
        assert gone not in {member.agency_id for member in done.library.members}
        assert (done.picks, done.left) == (1, 1)
        made = done.library.id
    people = owner(session).scalars(select(LibraryPerson).where(LibraryPerson.library_id == made)).all()
    assert [(p.inspector_id, p.included, p.reason) for p in people] == [(own, False, "长期借调")]


def test_only_joint_libraries_are_carried(act_as, client_as, library, items):
    with act_as("police_clerk") as unit, pytest.raises(NotFound):
        services.carry_library(unit, library, items[1], "x")
    assert client_as("police_clerk").get(f"/libraries/{library}/carry").status_code == 404
