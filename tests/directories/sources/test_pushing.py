"""Systems push targets: the same again changes nothing, nothing is overwritten silently."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from app.audit.models import Event
from app.db.history import RowHistory
from app.directories.sources.models import SourceConflict, SourcePush, SourceRow
from app.directories.sources.pushing.envelope import Flooded
from app.directories.sources.pushing.service import push_targets
from app.directories.sources.rules import Lower
from app.directories.sources.services import source_of
from app.directories.sources.services.registering import set_order
from app.directories.targets.models import Target, TargetCode
from app.directories.targets.services import add_agency_target, add_target, change_target
from app.kernel.errors import NotFound, Refused
from app.kernel.identifiers import identify
from app.security.models import Agency
from tests.directories.sources.batches import code, found, push, row, system

VALUES = {
    "region": "640104",
    "address": "银川市兴庆区解放街一号",
    "legal_representative": "张三示例",
    "contact": "李四示例",
    "phone": "10900000000",
}


def statuses(body):
    return [one["status"] for one in body["rows"]]


def agency_id(session, name="POLICE-640100"):
    return session.scalars(select(Agency.id).where(Agency.code == name)).one()


def of_agency(act_as, number, **changes):
    with act_as("police_admin") as unit:
        values = {**VALUES, "code": code(number), "name": f"推送第{number}号示例", **changes}
        return add_agency_target(unit, unit.actor.agency_id, values).id


@pytest.mark.rule("R-6.2")
def test_new_changed_and_unchanged_rows_are_told_apart(act_as, session):
    system(act_as)
    assert statuses(push(act_as, row(1), row(2))) == ["new", "new"]
    again = push(act_as, row(1), row(2, address="银川市新址"), row(3))
    assert statuses(again) == ["unchanged", "changed", "new"]
    assert again["rows"][1]["changed"] == ["address"]
    target = found(session, 2)
    assert (target.address, target.version, target.source) == ("银川市新址", 2, "base")
    assert found(session, 1).version == 1


@pytest.mark.rule("R-6.2")
def test_the_same_row_again_writes_nothing(act_as, session):
    system(act_as)
    push(act_as, row(1))
    before = session.execute(select(func.count()).select_from(RowHistory)).scalar_one()
    assert statuses(push(act_as, row(1))) == ["unchanged"]
    changed = select(func.count()).where(RowHistory.table_name == "target")
    assert session.execute(select(func.count()).select_from(RowHistory)).scalar_one() == before
    assert session.execute(changed.where(RowHistory.cause == "sync:registration")).scalar_one() == 1


def test_only_the_fields_that_are_handed_in_count(act_as, session):
    system(act_as)
    push(act_as, row(1))
    assert statuses(push(act_as, {"source_id": "R1", "address": "银川市新址"})) == ["changed"]
    target = found(session, 1)
    assert (target.address, target.name, target.phone) == ("银川市新址", "推送第1号示例", "10900000000")
    assert statuses(push(act_as, {"source_id": "R1", "name": None, "phone": ""})) == ["unchanged"]
    assert found(session, 1).phone == "10900000000"


def test_each_field_knows_its_source_and_its_day(act_as, session, clock):
    system(act_as)
    push(act_as, row(1))
    target = found(session, 1)
    assert target.field_sources == {"*": ["registration", "2026-11-23"]}
    with act_as("office") as unit:
        values = {**VALUES, "name": target.name, "address": "由人填写的地址"}
        change_target(unit, target.id, values, target.version)
    target = found(session, 1)
    assert source_of(target, "address").source == "form"
    assert source_of(target, "name").source == "registration"
    assert source_of(target, "name").since.isoformat() == "2026-11-23"


@pytest.mark.rule("R-6.2")
def test_what_a_person_typed_is_not_overwritten_but_listed(act_as, session):
    system(act_as)
    with act_as("office") as unit:
        add_target(unit, {**VALUES, "code": code(1), "name": "推送第1号示例", "address": "由人填写的地址"})
    body = push(act_as, row(1))
    assert body["rows"][0].get("conflicts") == ["address"], body
    assert found(session, 1).address == "由人填写的地址"
    conflict = session.scalars(select(SourceConflict)).one()
    assert (conflict.field, conflict.value, conflict.state) == ("address", VALUES["address"], "open")
    assert statuses(push(act_as, row(1))) == ["conflict"]
    assert statuses(push(act_as, row(1, contact="王五示例"))) == ["conflict"]
    assert session.execute(select(func.count()).select_from(SourceConflict)).scalar_one() == 2


def test_a_source_that_takes_its_word_back_closes_the_conflict(act_as, session):
    system(act_as)
    with act_as("office") as unit:
        add_target(unit, {**VALUES, "code": code(1), "name": "推送第1号示例", "address": "由人填写的地址"})
    push(act_as, row(1))
    assert statuses(push(act_as, row(1, address="由人填写的地址"))) == ["unchanged"]
    assert session.scalars(select(SourceConflict.state)).all() == ["superseded"]


def test_another_value_takes_the_place_of_the_one_that_waited(act_as, session):
    system(act_as)
    with act_as("office") as unit:
        add_target(unit, {**VALUES, "code": code(1), "name": "推送第1号示例", "address": "由人填写的地址"})
    push(act_as, row(1))
    push(act_as, row(1, address="又一个地址"))
    states = session.execute(select(SourceConflict.value, SourceConflict.state).order_by(SourceConflict.id))
    assert [tuple(one) for one in states] == [(VALUES["address"], "superseded"), ("又一个地址", "open")]


def test_the_order_of_the_office_decides(act_as, session):
    system(act_as)
    with act_as("office") as unit:
        add_target(unit, {**VALUES, "code": code(1), "name": "推送第1号示例", "address": "由人填写的地址"})
        set_order(unit, "address", ["registration", "form"], Lower.ASK)
    assert statuses(push(act_as, row(1))) == ["changed"]
    assert found(session, 1).address == VALUES["address"]
    with act_as("office") as unit:
        set_order(unit, "name", ["form", "registration"], Lower.KEEP)
    assert statuses(push(act_as, row(1, name="改名示例"))) == ["unchanged"]
    assert found(session, 1).name == "推送第1号示例"


@pytest.mark.rule("R-11.3")
def test_an_agency_row_joins_the_base_without_losing_its_history(act_as, session):
    system(act_as)
    target_id = of_agency(act_as, 1, address="部门登记的地址")
    body = push(act_as, row(1, phone="10900000001"))
    assert statuses(body) == ["changed"]
    assert body["rows"][0]["id"] == target_id
    target = found(session, 1)
    assert (target.source, target.agency_id, target.address) == ("base", None, VALUES["address"])
    assert source_of(target, "address").source == "registration"
    assert source_of(target, "contact").source == "agency:POLICE-640100"
    ops = session.scalars(
        select(RowHistory.op)
        .where(RowHistory.table_name == "target", RowHistory.row_id == str(target_id))
        .order_by(RowHistory.id)
    ).all()
    assert ops == ["INSERT", "UPDATE"]
    event = session.scalars(select(Event).where(Event.tag == "target.joined_base")).one()
    assert event.agency_id == agency_id(session)


@pytest.mark.rule("R-11.3")
def test_a_system_of_an_agency_adds_rows_of_the_agency_and_does_not_overwrite_the_base(act_as, session):
    police = agency_id(session)
    system(act_as, "police-net", police)
    system(act_as)
    push(act_as, row(1))
    body = push(act_as, row(1, name="另一个名称示例"), row(2), who="police_admin", source="police-net")
    assert statuses(body) == ["conflict", "new"]
    assert (found(session, 2).source, found(session, 2).agency_id) == ("agency", police)
    assert found(session, 1).name == "推送第1号示例"


def test_rows_of_another_agency_are_never_changed(act_as, session):
    system(act_as, "amr-net", agency_id(session, "AMR-640100"))
    of_agency(act_as, 1)
    with act_as("office") as unit:
        set_order(unit, "*", ["amr-net"], Lower.ASK)
    with act_as("office") as unit:
        unit.session.execute(update(Target).where(Target.code == code(1)).values(field_sources={}))
    with act_as("amr_clerk") as unit, pytest.raises(Refused, match="role_missing"):
        push_targets(unit, "amr-net", [row(1, name="别的名称示例")])
    assert found(session, 1).name == "推送第1号示例"


@pytest.mark.rule("R-11.5")
def test_a_better_code_takes_the_place_of_the_old_one_which_still_finds_the_target(act_as, session):
    system(act_as)
    organisation = code(1)[8:17]
    push(act_as, row(1, code=organisation, kind="enterprise"))
    first = session.scalars(select(Target).where(Target.code == organisation)).one().id
    assert statuses(push(act_as, row(1))) == ["changed"]
    target = found(session, 1)
    assert (target.id, target.code, target.code_kind) == (first, code(1), "uscc")
    assert session.scalars(select(TargetCode.code).where(TargetCode.target_id == first)).all() == [
        organisation
    ]
    assert statuses(push(act_as, row(1, code=organisation, kind="enterprise"))) == ["unchanged"]
    assert found(session, 1).code == code(1)


def test_the_portal_issues_a_code_on_request(act_as, session):
    system(act_as)
    body = push(act_as, row(1, code="NEW", kind="enterprise"), row(2, code="申请内部编码", kind="enterprise"))
    assert statuses(body) == ["new", "new"]
    codes = [one["code"] for one in body["rows"]]
    assert len(set(codes)) == 2
    assert all(identify(one) and one.startswith("V640104") for one in codes)
    assert statuses(push(act_as, row(1, code="NEW", kind="enterprise", contact="王五示例"))) == ["changed"]
    assert session.scalars(select(Target).where(Target.code == codes[0])).one().contact == "王五示例"


def test_bad_rows_say_what_is_wrong_and_change_nothing(act_as, session):
    system(act_as)
    rows = [
        row(1, code="9164010400000000O0"),
        row(2, name=""),
        row(3, colour="red"),
        {**row(4), "source_id": ""},
        "nothing",
        row(5),
        row(5, name="重复示例"),
        row(6, phone=10900000000),
        row(7, region="110000"),
        {**row(8), "source_id": "other", "code": code(5)},
        {"source_id": "R9", "deleted": True},
    ]
    body = push(act_as, *rows)
    assert statuses(body) == ["bad"] * 5 + ["new"] + ["bad"] * 5
    codes = [[error["code"] for error in one["errors"]] for one in body["rows"]]
    assert codes == [
        ["identifier_confused"],
        ["target_name_missing"],
        ["sync_unknown_field"],
        ["sync_source_id"],
        ["sync_row_shape"],
        [],
        ["sync_repeated"],
        ["sync_not_text"],
        ["target_region_unknown"],
        ["sync_same_target"],
        ["sync_nothing_to_delete"],
    ]
    assert body["counts"]["bad"] == 10
    kept = session.scalars(select(SourcePush)).one()
    assert (kept.counts["new"], len(kept.errors)) == (1, 10)
    assert session.scalars(select(SourceRow.key)).all() == [f"{kept.system_id}:R5"]


def test_personal_data_stays_covered_in_faults(act_as, session):
    system(act_as)
    body = push(act_as, row(1, phone="1" * 40))
    assert body["rows"][0]["errors"][0]["field"] == "phone"
    assert "1" * 40 not in str(body)


def test_a_row_that_the_system_deletes_is_closed(act_as, session):
    system(act_as)
    push(act_as, row(1))
    body = push(act_as, {"source_id": "R1", "deleted": True})
    assert (statuses(body), body["rows"][0]["changed"]) == (["changed"], ["status"])
    assert found(session, 1).status == "closed"


def test_the_same_key_gets_the_same_answer_and_another_batch_is_refused(act_as, session):
    system(act_as)
    with act_as("office") as unit:
        first = push_targets(unit, "registration", [row(1)], key="a-1", digest=b"1")
    with act_as("office") as unit:
        again = push_targets(unit, "registration", [row(1)], key="a-1", digest=b"1")
    assert (again.body, again.repeated, first.repeated) == (first.body, True, False)
    with act_as("office") as unit, pytest.raises(Refused, match="sync_key_reused"):
        push_targets(unit, "registration", [row(2)], key="a-1", digest=b"2")
    assert session.execute(select(func.count()).select_from(SourcePush)).scalar_one() == 1


def test_too_many_batches_in_a_minute_have_to_wait(act_as, monkeypatch):
    from app.directories.sources.pushing import envelope

    system(act_as)
    monkeypatch.setattr(envelope, "MOST_PER_MINUTE", 2)
    push(act_as)
    push(act_as)
    with act_as("office") as unit, pytest.raises(Flooded, match="source_flood"):
        push_targets(unit, "registration", [])


def test_only_the_office_and_the_agency_of_a_system_push_for_it(act_as, session):
    system(act_as)
    system(act_as, "police-net", agency_id(session))
    for who, source in (
        ("police_admin", "registration"),
        ("region_office", "registration"),
        ("office", "police-net"),
        ("police_clerk", "police-net"),
    ):
        with act_as(who) as unit, pytest.raises((Refused, NotFound)):
            push_targets(unit, source, [row(1)])
    with act_as("office") as unit, pytest.raises(NotFound):
        push_targets(unit, "nobody", [row(1)])


def test_two_ids_cannot_hold_one_target_and_one_id_cannot_change_targets(act_as, session):
    system(act_as)
    push(act_as, row(1), row(2))
    body = push(act_as, row(1, code=code(2)))
    assert body["rows"][0]["errors"][0]["code"] == "sync_other_target"
    body = push(act_as, row(1, code=code(3)))
    assert body["rows"][0]["errors"][0]["code"] == "sync_code_differs"
