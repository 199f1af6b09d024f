"""Joint libraries: of a joint item, kept by its initiator and participants, frozen by a draw."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.directories.inspectors.models import Inspector
from app.directories.libraries import queries, services
from app.directories.libraries.models import Library, LibraryChange
from app.directories.libraries.places import joint_items
from app.directories.targets.models import Target
from app.draws.queries import read_file
from app.item_lists.models import Item, ItemList, JointItem, JointItemPart
from app.kernel.errors import Invalid, NotFound, Refused, Stale
from app.security.models import Agency
from seeds.demo.plans import hotel_entry

HOTELS = {"kinds": ["enterprise"], "industries": ["61"], "status": ["active"]}


@pytest.fixture
def joint(session, clock):
    code = hotel_entry(clock.now().date())["joint_code"]
    return session.scalars(select(JointItem).where(JointItem.code == code)).first().id


def _found(act_as, joint, name="police_clerk", subject="targets", rule=HOTELS):
    with act_as(name) as unit:
        return services.found_joint_library(unit, joint, "旅馆业联合库", rule, subject).id


@pytest.mark.rule("R-13.1")
def test_initiator_and_participants_keep_it_together_and_read_the_log(act_as, joint, session):
    number = _found(act_as, joint, "amr_clerk")
    library = session.get(Library, number)
    assert library.agency.code == "POLICE-640100"
    codes = {member.agency.code for member in library.members}
    assert {"POLICE-640100", "AMR-640100", "HEALTH-640100"} <= codes
    for name in ("police_clerk", "amr_clerk", "health_clerk"):
        with act_as(name) as unit:
            mine = queries.get_library(unit.session, number)
            changed = {**HOTELS, "status": ["active", "suspended"], "industries": ["61", name[0].upper()]}
            services.change_library(unit, number, f"旅馆业联合库 {name}", "joint", changed, mine.version)
    with act_as("health_clerk") as unit:
        log = queries.changes_of(unit.session, number)
    assert [line.what for line in log] == ["changed", "changed", "changed", "founded"]
    assert len({line.agency_name for line in log}) == 3


@pytest.mark.rule("R-13.1")
def test_picks_of_one_agency_are_seen_and_taken_back_by_another(act_as, joint):
    number = _found(act_as, joint)
    with act_as("amr_clerk") as unit:
        target = unit.session.scalars(select(Target.id).limit(1)).one()
        services.pick_target(unit, number, target, included=False, reason="另有安排")
    with act_as("health_clerk") as unit:
        assert [pick.reason for pick in queries.pick_page(unit.session, number)] == ["另有安排"]
        services.drop_pick(unit, number, target)
        assert queries.pick_page(unit.session, number) == []


@pytest.mark.rule("R-13.1")
def test_who_takes_no_part_neither_founds_nor_reads_it(act_as, session, clock):
    """A joint item of market supervision and the police alone is nothing to the health commission."""
    there = session.scalars(
        select(JointItem)
        .join(ItemList)
        .where(ItemList.kind == "joint", ItemList.state == "published")
        .limit(1)
    ).first()
    made = JointItem(
        item_list=there.item_list,
        list_id=there.list_id,
        code="T-01",
        domain="测试",
        name="两家联合",
        target_scope="企业",
        lead_line="amr",
        levels=["city"],
        category="key",
        method="on_site",
    )
    session.add(made)
    session.flush()
    for line in ("amr", "police"):
        item = session.scalars(select(Item).where(Item.line_code == line).limit(1)).one()
        session.add(JointItemPart(joint_item_id=made.id, item_id=item.id, line_code=line))
    session.flush()
    session.expire_all()
    with act_as("health_clerk") as unit:
        own = unit.session.get(Agency, unit.actor.agency_id)
        assert made.id not in [n for place in joint_items for n, _ in place.choices(unit.session, own)]
        with pytest.raises(Refused) as refusal:
            services.found_joint_library(unit, made.id, "甲", HOTELS)
        assert refusal.value.code == "library_not_party"
    number = _found(act_as, made.id, "police_clerk")
    with act_as("health_clerk") as unit, pytest.raises(NotFound):
        queries.get_library(unit.session, number)
    with act_as("health_clerk") as unit, pytest.raises(NotFound):
        services.change_library(unit, number, "乙", "joint", HOTELS, 1)


@pytest.mark.rule("R-13.1")
def test_a_joint_item_has_one_joint_library_and_it_stays_joint(act_as, joint):
    number = _found(act_as, joint)
    with pytest.raises(Invalid) as refusal:
        _found(act_as, joint, "amr_clerk")
    assert {fault.code for fault in refusal.value.faults} & {"library_of_item_there", "duplicate"}
    with act_as("police_clerk") as unit:
        with pytest.raises(Invalid):
            services.change_library(unit, number, "旅馆业联合库", "category", HOTELS, 1)
        with pytest.raises(Invalid):
            services.create_library(unit, unit.actor.agency_id, "无事项", "joint", HOTELS)


@pytest.mark.rule("R-13.1")
def test_the_second_of_two_who_edit_at_once_sees_what_stands_there(act_as, joint):
    number = _found(act_as, joint)
    with act_as("amr_clerk") as unit:
        services.change_library(unit, number, "新名", "joint", HOTELS, 1)
    with act_as("health_clerk") as unit, pytest.raises(Stale) as stale:
        services.change_library(unit, number, "又一名", "joint", HOTELS, 1)
    assert stale.value.facts["changes"] == [("name", "新名", "又一名")]


@pytest.mark.rule("R-13.1", "R-12.1")
def test_a_draw_freezes_the_members_and_the_log_says_so(act_as, joint, session, task, ceremony):
    number = _found(act_as, joint)
    with act_as("police_clerk") as unit:
        inside = unit.session.scalars(
            queries.members(unit.session, queries.get_library(unit.session, number))
        )
        gone, *kept = sorted(inside)
        services.pick_target(unit, number, gone, included=False, reason="停业装修")
    task.rule = {**task.rule, "libraries": [str(number)]}
    session.commit()
    draw = ceremony.freeze()
    text = read_file(session, draw.id, "frame.tsv").decode()
    codes = dict(session.execute(select(Target.id, Target.code)).all())
    assert codes[gone] not in text
    assert sum(codes[one] in text for one in kept) == len(kept) == text.count("\n") - 2
    with act_as("health_clerk") as unit:
        assert queries.changes_of(unit.session, number)[0].detail == {"draw": draw.draw_no}


def test_the_difference_names_who_came_who_went_and_who_changed_class(
    act_as, client_as, joint, session, task, ceremony
):
    number = _found(act_as, joint)
    task.rule = {**task.rule, "libraries": [str(number)]}
    session.commit()
    client = client_as("police_clerk")
    assert client.get(f"/libraries/{number}/difference").status_code == 200
    draw = ceremony.freeze()
    assert draw.draw_no in client.get(f"/libraries/{number}").text
    with act_as("police_clerk") as unit:
        library = queries.get_library(unit.session, number)
        inside = sorted(unit.session.scalars(queries.members(unit.session, library)))
        outsider = unit.session.scalars(select(Target).where(Target.id.not_in(inside)).limit(1)).one()
        services.pick_target(unit, number, outsider.id, included=True, reason="兼营住宿")
        services.pick_target(unit, number, inside[0], included=False, reason="停业")
        other = unit.session.get(Target, inside[1])
        other.risk_class = "D" if other.risk_class != "D" else "A"
        names = [outsider.name, unit.session.get(Target, inside[0]).name, other.name]
    page = client.get(f"/libraries/{number}/difference").text
    assert all(name in page for name in names)
    from app.directories.libraries.queries.difference import difference, last_frozen

    with act_as("police_clerk") as unit:
        library = queries.get_library(unit.session, number)
        found = difference(unit.session, library, last_frozen(unit.session, library), unit.clock.now())
    assert (found.came, found.went, found.changed, found.stayed) == (1, 1, 1, len(inside) - 2)


@pytest.mark.rule("R-17.1")
def test_a_joint_library_of_inspectors_decides_who_is_on_the_rosters(act_as, joint, session, task, ceremony):
    number = _found(act_as, joint, subject="inspectors", rule={})
    with act_as("amr_clerk") as unit:
        mine = unit.session.scalars(
            select(Inspector).where(Inspector.agency_id == unit.actor.agency_id, Inspector.active)
        ).all()
        out = mine[0]
        services.pick_person(unit, number, out.id, included=False, reason="长期借调")
        foreign = select(Inspector.id).where(Inspector.agency_id != unit.actor.agency_id)
    with act_as("amr_clerk") as unit, pytest.raises(NotFound):
        services.pick_person(unit, number, session.scalars(foreign).first(), included=False, reason="越权")
    draw = ceremony.freeze()
    roster = read_file(session, draw.id, "matching/AMR-640100/roster.tsv").decode()
    assert out.certificate_no not in roster
    assert any(person.certificate_no in roster for person in mine[1:])


@pytest.mark.rule("R-17.1")
def test_the_pages_of_a_joint_library_of_inspectors(act_as, client_as, joint, session):
    client = client_as("police_clerk")
    assert client.post("/libraries/joint/people/add", data={"name": "执法人员联合库"}).status_code == 422
    made = client.post("/libraries/joint/people/add", data={"name": "执法人员联合库", "joint_item": joint})
    assert made.status_code == 302
    path = made.headers["Location"]
    person = session.scalars(
        select(Inspector).where(Inspector.agency.has(code="AMR-640100"), Inspector.active).limit(1)
    ).one()
    other = client_as("amr_clerk")
    assert other.get(path).status_code == 200
    sent = {"inspector": person.id, "included": "no", "reason": "长期借调"}
    assert other.post(f"{path}/people", data={**sent, "reason": ""}).status_code == 422
    assert other.post(f"{path}/people", data=sent).status_code == 302
    assert "长期借调" in client.get(path).text
    assert client.post(f"{path}/people/{person.id}/drop").status_code == 404
    assert other.post(f"{path}/people/{person.id}/drop").status_code == 302
    assert client.get(f"{path}/people/edit").status_code == 200
    assert client.get(f"{path}/edit").status_code == 302
    changed = {"name": "执法人员联合库（新）", "version": 1}
    assert client.post(f"{path}/people/edit", data=changed).status_code == 302
    assert session.scalars(select(LibraryChange).where(LibraryChange.what == "changed")).first() is not None


def test_the_page_that_founds_a_joint_library(client_as, joint, session):
    client = client_as("police_clerk")
    values = {"name": "旅馆业联合库", **HOTELS}
    assert client.post("/libraries/joint/add", data={**values, "act": "count"}).status_code == 200
    assert client.post("/libraries/joint/add", data=values).status_code == 422
    made = client.post("/libraries/joint/add", data={**values, "joint_item": joint})
    assert made.status_code == 302
    shown = client_as("amr_clerk").get(made.headers["Location"])
    assert shown.status_code == 200
    assert client_as("amr_clerk").get(made.headers["Location"] + "/edit").status_code == 200


def test_a_plan_entry_draws_from_a_library_that_its_agency_reads(act_as, joint):
    from app.directories.libraries.rules import SelectionRule

    number = _found(act_as, joint)
    with act_as("police_clerk") as unit:
        rule = SelectionRule.from_json({**HOTELS, "libraries": [str(number)]})
        assert queries.unknown_words(unit.session, rule) == []
        assert queries.count(unit.session, rule) == queries.count(
            unit.session, SelectionRule.from_json(HOTELS)
        )
        missing = SelectionRule.from_json({"libraries": ["999999"]})
        assert [fault.field for fault in queries.unknown_words(unit.session, missing)] == ["libraries"]
        assert queries.count(unit.session, missing) == 0
