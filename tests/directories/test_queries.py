"""Reads and verbs of the directories on the demo."""

from __future__ import annotations

import time
from datetime import date

import pytest
from sqlalchemy import event, func, select, text

from app.audit.models import Event
from app.db import db
from app.directories.inspectors import services as inspectors
from app.directories.inspectors.models import Inspector
from app.directories.inspectors.queries import roster
from app.directories.libraries.models import Library
from app.directories.libraries.queries import (
    Count,
    count,
    count_by_class,
    iter_frame_rows,
    members_by_class,
    unknown_words,
)
from app.directories.libraries.rules import SelectionRule
from app.directories.libraries.services import change_library, create_library, drop_pick, pick_target
from app.directories.recusals.models import Recusal
from app.directories.recusals.queries import active_pairs
from app.directories.recusals.services import declare, withdraw
from app.directories.seeding import load_demo_rows, load_reference_rows
from app.directories.targets import queries, services
from app.directories.targets.models import Target, TargetCode
from app.directories.targets.queries import TargetFilter
from app.directories.targets.search import matches
from app.kernel.errors import Invalid, NotFound, Refused, Stale
from app.kernel.identifiers import make_internal_code, make_uscc
from app.security.models import Agency, Region
from app.security.scoping import unscoped

HOTELS = SelectionRule.from_json({"industries": ["61"], "regions": ["640100"]})
FIRST, LAST = date(2026, 11, 23), date(2026, 12, 20)
VALUES = {
    "name": "新增对象示例",
    "address": "银川市兴庆区某街一号",
    "legal_representative": "张三示例",
    "contact": "李四示例",
    "region": "640104",
}
USCC = make_uscc("9", "1", "640104", "YY888888")


@pytest.fixture
def statements(app):
    seen = []

    def note(conn, cursor, statement, *rest):
        if statement.startswith("SELECT"):
            seen.append(statement)

    event.listen(db.engines[None], "before_cursor_execute", note)
    yield seen
    event.remove(db.engines[None], "before_cursor_execute", note)


def agency_id(session, code):
    return session.scalars(select(Agency.id).where(Agency.code == code)).one()


def hotel(session, place=0):
    statement = select(Target).where(
        Target.industry_code == "6110", Target.code.like("9_6401%"), Target.status == "active"
    )
    return session.scalars(statement.order_by(Target.id)).all()[place]


@pytest.mark.rule("R-12.1")
def test_a_rule_counts_per_class_what_it_selects(session):
    counts = count_by_class(session, HOTELS)
    assert set(counts) == {"A", "B", "C", "D", "N"}
    assert sum(c.rows for c in counts.values()) == count(session, HOTELS)
    assert all(c.rows == c.eligible for c in counts.values())
    with_closed = SelectionRule.from_json({**HOTELS.to_json(), "status": ["active", "closed"]})
    assert any(c.eligible < c.rows for c in count_by_class(session, with_closed).values())


@pytest.mark.rule("R-12.1")
@pytest.mark.parametrize(
    ("wider", "narrower"),
    [
        ({"industries": ["H"]}, {"industries": ["61"]}),
        ({"industries": ["61"]}, {"industries": ["612"]}),
        ({"regions": ["640000"]}, {"regions": ["640100"]}),
        ({"regions": ["640100"]}, {"regions": ["640104"]}),
        ({}, {"kinds": ["enterprise"]}),
        ({"kinds": ["enterprise"]}, {"kinds": ["enterprise"], "classes": ["D"]}),
        ({}, {"tags": ["特种设备"]}),
    ],
)
def test_every_part_of_a_rule_narrows(session, wider, narrower):
    small, big = (count(session, SelectionRule.from_json(rule)) for rule in (narrower, wider))
    assert 0 < small < big


def test_a_rule_sees_only_the_scope(act_as):
    everywhere = SelectionRule.from_json({"regions": ["640000"]})
    with act_as("police_clerk") as unit:
        mine = count(unit.session, everywhere)
        rows = list(iter_frame_rows(unit.session, everywhere))
        assert len(rows) == mine
        assert {row[4][:4] for row in rows} == {"6401"}
    with act_as("region_office") as unit:
        assert count(unit.session, everywhere) > mine


def test_frame_rows_come_in_the_order_of_codes_in_one_statement(session, statements):
    statements.clear()
    rows = list(iter_frame_rows(session, HOTELS))
    assert len([asked for asked in statements if "FROM target" in asked]) == 1
    assert len(statements) <= 3
    assert [row[1] for row in rows] == sorted(row[1] for row in rows)
    ids, codes, classes, statuses, regions, tags = zip(*rows, strict=True)
    assert set(statuses) == {"active"}
    assert len(set(ids)) == len(rows) == count(session, HOTELS)
    assert all(isinstance(t, list) for t in tags)


def test_words_that_the_vocabularies_lack_are_named(session):
    rule = SelectionRule.from_json(
        {"kinds": ["temple"], "industries": ["00", "611"], "regions": ["999999"], "tags": ["魔法"]}
    )
    assert {fault.value for fault in unknown_words(session, rule)} == {"temple", "00", "999999", "魔法"}


@pytest.mark.rule("R-12.1")
def test_a_library_follows_its_rule_and_its_picks(act_as):
    with act_as("police_clerk") as unit:
        session = unit.session
        library = create_library(unit, unit.actor.agency_id, "旅馆", "industry", HOTELS.to_json())
        before = members_by_class(session, library)
        inside = hotel(session)
        outside = session.scalars(
            select(Target).where(Target.industry_code == "6210").order_by(Target.id)
        ).first()
        pick_target(unit, library.id, inside.id, included=False, reason="已列入专项检查")
        pick_target(unit, library.id, outside.id, included=True, reason="兼营住宿")
        after = members_by_class(session, library)
        assert _rows(after) == _rows(before)
        assert (
            after.get(inside.risk_class) != before.get(inside.risk_class)
            or inside.risk_class == outside.risk_class
        )
        drop_pick(unit, library.id, inside.id)
        assert _rows(members_by_class(session, library)) == _rows(before) + 1
        with pytest.raises(Invalid):
            pick_target(unit, library.id, inside.id, included=True, reason=" ")
        with pytest.raises(Stale) as caught:
            change_library(unit, library.id, "旅馆业", "industry", HOTELS.to_json(), version=99)
        assert caught.value.facts["changes"] == [("name", "旅馆", "旅馆业")]
        changed = change_library(
            unit, library.id, "旅馆业", "industry", {"industries": ["6110"]}, library.version
        )
        assert changed.rule == {"industries": ["6110"], "status": ["active"]}
    with act_as("amr_clerk") as unit, pytest.raises(NotFound):
        change_library(unit, library.id, "别人的", "industry", {}, 1)


def _rows(counts: dict[str, Count]) -> int:
    return sum(c.rows for c in counts.values())


def test_the_demo_libraries_have_members(session):
    libraries = session.scalars(select(Library)).all()
    assert len(libraries) == 4
    assert all(_rows(members_by_class(session, library)) > 0 for library in libraries)


@pytest.mark.rule("R-15.1")
@pytest.mark.rule("R-15.3")
def test_a_roster_names_the_reason_of_everybody_else_in_two_queries(session, statements):
    agency = agency_id(session, "AMR-640100")
    statements.clear()
    found = roster(session, agency, FIRST, LAST)
    assert len(statements) == 2
    everybody = session.scalar(select(func.count()).where(Inspector.agency_id == agency))
    assert len(found.eligible) + len(found.excluded) == everybody
    assert len(found.eligible) >= 10
    assert {decision.code for _, decision in found.excluded} <= {
        "UNCERTIFIED",
        "EXPIRED",
        "ABSENT",
        "INACTIVE",
    }
    assert "UNCERTIFIED" in {decision.code for _, decision in found.excluded}


@pytest.mark.rule("R-15.1")
def test_leave_and_transfer_take_an_inspector_out_of_the_roster_by_themselves(act_as):
    with act_as("police_admin") as unit:
        agency = unit.actor.agency_id
        first, second = roster(unit.session, agency, FIRST, LAST).eligible[:2]
        inspectors.add_leave(unit, first.id, FIRST, FIRST, "培训")
        inspectors.leave_duty(unit, second.id)
        out = {i.id: decision.code for i, decision in roster(unit.session, agency, FIRST, LAST).excluded}
        assert (out[first.id], out[second.id]) == ("ABSENT", "INACTIVE")
        inspectors.leave_duty(unit, second.id, back=True)
        assert second.id in {i.id for i in roster(unit.session, agency, FIRST, LAST).eligible}
    with act_as("amr_admin") as unit, pytest.raises(NotFound):
        inspectors.leave_duty(unit, first.id)
    with act_as("police_clerk") as unit, pytest.raises(Refused):
        inspectors.leave_duty(unit, first.id)


@pytest.mark.rule("R-14.1")
@pytest.mark.rule("R-14.2")
def test_an_agency_adds_certified_inspectors_and_staff_without_the_certificate(act_as):
    values = {
        "certificate_no": "99900009",
        "name": "王五示例",
        "unit": "支队",
        "position": "科员",
        "phone": "1090",
    }
    with act_as("police_admin") as unit:
        agency = unit.actor.agency_id
        with pytest.raises(Invalid) as caught:
            inspectors.add_inspector(unit, agency, {**values, "certified": "0", "leader": "1"})
        assert [fault.code for fault in caught.value.faults] == ["leader_without_certificate"]
        helper = inspectors.add_inspector(unit, agency, {**values, "certified": "0"})
        assert roster(unit.session, agency, FIRST, LAST, on_site=False).eligible[-1].id == helper.id
        changed = inspectors.change_inspector(
            unit, helper.id, {**values, "certified": "1", "certificate_until": "2030-01-01"}, helper.version
        )
        assert changed.certified
        with pytest.raises(Stale):
            inspectors.change_inspector(unit, helper.id, {**values, "certified": "0", "unit": "大队"}, 1)


@pytest.mark.rule("R-25.2")
def test_recused_pairs_of_a_roster_are_found_and_withdrawn_ones_are_not(act_as):
    with act_as("police_admin") as unit:
        session = unit.session
        inspector = roster(session, unit.actor.agency_id, FIRST, LAST).eligible[0]
        target = hotel(session)
        known = len(active_pairs(session, [inspector.id], FIRST, LAST))
        made = declare(
            unit,
            inspector.id,
            target.id,
            reason="EMPLOYER",
            declared_by="agency",
            evidence="曾任该单位保安经理",
        )
        twice = declare(
            unit,
            inspector.id,
            target.id,
            reason="EMPLOYER",
            declared_by="agency",
            evidence="曾任该单位保安经理",
        )
        assert twice.id == made.id
        assert len(active_pairs(session, [inspector.id], FIRST, LAST)) == known + 1
        assert [p.reason for p in active_pairs(session, [inspector.id], FIRST, LAST, [target.id])] == [
            "EMPLOYER"
        ]
        assert active_pairs(session, [inspector.id], date(2020, 1, 1), date(2020, 2, 1), [target.id]) == []
        with pytest.raises(Invalid):
            withdraw(unit, made.id, "")
        withdraw(unit, made.id, "核实后不成立")
        assert active_pairs(session, [inspector.id], FIRST, LAST, [target.id]) == []
        with pytest.raises(Refused):
            withdraw(unit, made.id, "再次")


@pytest.mark.rule("R-25.2")
def test_an_inspector_declares_only_the_own_conflicts(act_as):
    with act_as("police_admin") as unit:
        mine, other = roster(unit.session, unit.actor.agency_id, FIRST, LAST).eligible[:2]
        target = hotel(unit.session)
    with act_as(f"i_{mine.certificate_no}") as unit:
        made = declare(
            unit, mine.id, target.id, reason="RELATIVE", declared_by="inspector", evidence="配偶任职"
        )
        assert made.agency_id == mine.agency_id
        with pytest.raises((Refused, NotFound)):
            declare(
                unit, other.id, target.id, reason="RELATIVE", declared_by="inspector", evidence="同事的事"
            )
        with pytest.raises(Refused):
            withdraw(unit, made.id, "不再适用")


@pytest.mark.rule("R-11.5")
def test_an_upgraded_code_keeps_its_references_and_the_old_code_finds_it(act_as):
    with act_as("office") as unit:
        made = services.add_target(
            unit, {**VALUES, "code": make_internal_code("640104", 777), "kind": "enterprise"}
        )
        services.upgrade_code(unit, made.id, USCC)
        assert made.code_kind == "uscc"
        assert queries.by_code(unit.session, make_internal_code("640104", 777)).id == made.id
        assert unit.session.scalars(select(TargetCode.target_id)).all() == [made.id]
        assert [row.id for row in queries.search(unit.session, make_internal_code("640104", 777))] == [
            made.id
        ]
        with pytest.raises(Refused):
            services.upgrade_code(unit, made.id, USCC[8:17])
        with pytest.raises(Invalid):
            services.upgrade_code(unit, made.id, USCC[:-1] + "*")


def test_adding_changing_and_closing_leave_one_event_each(act_as):
    with act_as("office") as unit:
        made = services.add_target(unit, {**VALUES, "code": USCC})
        services.change_target(unit, made.id, {**VALUES, "address": "新址"}, made.version)
        services.change_target(unit, made.id, {**VALUES, "address": "新址"}, made.version)
        services.close_target(unit, made.id, "注销")
        with pytest.raises(Refused):
            services.close_target(unit, made.id, "注销")
        tags = unit.session.scalars(
            select(Event.tag).where(Event.subject == f"target:{made.id}").order_by(Event.id)
        )
        assert tags.all() == ["target.added", "target.changed", "target.closed"]
        with pytest.raises(Invalid) as caught:
            services.add_target(unit, {**VALUES, "code": USCC})
        assert [fault.code for fault in caught.value.faults] == ["duplicate"]


def test_an_agency_adds_what_the_base_lacks_and_keeps_only_that(act_as):
    with act_as("police_admin") as unit:
        made = services.add_agency_target(unit, unit.actor.agency_id, {**VALUES, "code": USCC})
        assert (made.source, made.agency_id) == ("agency", unit.actor.agency_id)
        with pytest.raises(Refused):
            services.close_target(unit, hotel(unit.session).id, "注销")
    with act_as("amr_admin") as unit, pytest.raises(Refused):
        services.change_target(unit, made.id, VALUES, made.version)
    with act_as("office") as unit, pytest.raises(Refused):
        services.change_target(unit, made.id, VALUES, made.version)


def test_the_keyset_list_shows_every_row_once(session):
    wanted = TargetFilter(region="640104", industry="61")
    seen, after = [], None
    while True:
        page = queries.page(session, wanted, after=after, limit=20)
        seen += [row.id for row in page.rows]
        if page.after is None:
            break
        after = page.after
    ids = session.scalars(
        select(Target.id).join(Region).where(Region.code == "640104", Target.industry_code.startswith("61"))
    ).all()
    assert sorted(seen) == sorted(ids)
    assert len(seen) == len(set(seen)) > 40


def test_totals_stop_counting_and_say_so(session, act_as):
    session.execute(text("ANALYZE target"))
    assert queries.count(session, TargetFilter()).estimated
    with act_as("region_office") as unit:
        total = queries.count(unit.session, TargetFilter())
        assert (total.n, total.capped) == (10_000, True)
        assert not queries.count(unit.session, TargetFilter(risk_class="D")).capped


@pytest.mark.parametrize("query", ["酒店", "大酒店", "示例", "宁夏", "91640104"])
def test_the_search_finds_what_a_plain_scan_finds(session, query):
    indexed = session.scalars(select(Target.id).where(matches(query))).all()
    scanned = session.scalars(
        select(Target.id).where(Target.name.contains(query) | Target.code.startswith(query))
    ).all()
    assert sorted(indexed) == sorted(scanned)
    assert indexed


def test_the_search_uses_the_index(session):
    session.execute(text("ANALYZE target"))
    session.execute(text("SET LOCAL enable_seqscan = off"))
    statement = select(Target.id).where(matches("游泳健身"))
    compiled = statement.compile(session.bind, compile_kwargs={"literal_binds": True})
    plan = "\n".join(session.scalars(text("EXPLAIN " + str(compiled).replace(":", "\\:").replace("%%", "%"))))
    assert "ix_target_search" in plan


def test_seeds_may_be_loaded_twice(act_as_system):
    with act_as_system() as unit:
        session = unit.session
        counted = (Target, Inspector, Recusal, Library)
        before = [session.scalar(select(func.count()).select_from(model)) for model in counted]
        history = session.scalar(text("SELECT count(*) FROM row_history WHERE table_name = 'target'"))
        began = time.monotonic()
        load_reference_rows(unit)
        load_demo_rows(unit, date(2026, 11, 23), {})
        assert time.monotonic() - began < 30
        assert [session.scalar(select(func.count()).select_from(model)) for model in counted] == before
        assert session.scalar(text("SELECT count(*) FROM row_history WHERE table_name = 'target'")) == history
    assert before[:2] == [20_000, 300]


def test_unscoped_is_not_needed_to_read_the_own_directory(act_as):
    with act_as("health_clerk") as unit:
        mine = unit.session.scalar(select(func.count()).select_from(Inspector))
        with unscoped(unit.session, "test"):
            everybody = unit.session.scalar(select(func.count()).select_from(Inspector))
        assert 0 < mine < everybody == 300
