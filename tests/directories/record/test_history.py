"""Who changed what, side by side, and the way back to an earlier version."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, update

from app.audit.models import Event
from app.db.history import RowHistory
from app.directories.targets.models import Target, TargetKind
from app.directories.targets.restoring import texts_of, version_at
from app.directories.targets.services import change_target, restore_target, upgrade_code
from app.directories.targets.wording import Piece, side_by_side
from app.kernel.errors import Invalid, NotFound, Refused, Stale
from app.kernel.identifiers import make_internal_code, make_uscc
from app.security.scope import Scope


def owner(session):
    session.info["scope"] = Scope.system("test")
    return session


@pytest.fixture
def target_id(session):
    return (
        owner(session)
        .scalars(
            select(Target.id)
            .where(Target.code.like("92640104%"), Target.status == "active")
            .order_by(Target.id)
        )
        .first()
    )


def change(act_as, target_id, **values):
    with act_as("office") as unit:
        row = unit.session.get(Target, target_id)
        change_target(unit, target_id, {**texts_of(row), **values}, row.version)


def rows(session, target_id):
    return (
        owner(session)
        .scalars(
            select(RowHistory)
            .where(RowHistory.table_name == "target", RowHistory.row_id == str(target_id))
            .order_by(RowHistory.id)
        )
        .all()
    )


@pytest.mark.parametrize(
    ("before", "after", "left", "right"),
    [
        ("演示路1号", "演示路12号", ["1"], ["12"]),
        ("甲乙丙丁", "甲丙丁戊", ["乙"], ["戊"]),
        ("abc", "甲", ["abc"], ["甲"]),
        ("", "甲", [], ["甲"]),
        ("同", "同", [], []),
    ],
)
def test_the_words_that_differ_are_marked(before, after, left, right):
    old, new = side_by_side(before, after)
    assert [p.text for p in old if p.changed and p.text] == left
    assert [p.text for p in new if p.changed] == right
    assert "".join(p.text for p in old) == before and "".join(p.text for p in new) == after


def test_a_long_text_is_marked_as_a_whole():
    assert side_by_side("甲" * 400, "乙" + "甲" * 400)[0] == [Piece("甲" * 400, True)]


def test_an_earlier_version_is_put_together_from_the_history(act_as, session, target_id):
    first = texts_of(owner(session).get(Target, target_id))
    change(act_as, target_id, address="银川市演示路1号", name="甲店示例")
    change(act_as, target_id, address="银川市演示路2号")
    inserted, one, _two = rows(session, target_id)[-3:]
    target = session.get(Target, target_id)
    assert version_at(session, target, one.id).columns["address"] == "银川市演示路1号"
    assert version_at(session, target, inserted.id).columns["name"] == first["name"]


def test_chosen_fields_come_back_through_the_one_validator(act_as, session, target_id):
    before = texts_of(owner(session).get(Target, target_id))
    change(act_as, target_id, address="银川市演示路1号", name="甲店示例", legal_representative="某人示例")
    version = rows(session, target_id)[0]
    with act_as("office") as unit:
        shown = unit.session.get(Target, target_id).version
        restore_target(unit, target_id, version.id, ["address", "name"], "误改", shown)
    session.expire_all()
    target = owner(session).get(Target, target_id)
    assert (target.address, target.name) == (before["address"], before["name"])
    assert target.legal_representative == "某人示例" and target.phone == before["phone"]
    event = session.scalars(select(Event).where(Event.tag == "target.restored")).one()
    assert event.data["fields"] == ["address", "name"] and event.data["reason"] == "误改"


@pytest.mark.rule("R-11.5")
def test_a_code_that_was_replaced_does_not_come_back(act_as, session, target_id):
    low = make_internal_code("640104", 990_003)
    owner(session).execute(
        update(Target).where(Target.id == target_id).values(code=low, code_kind="internal")
    )
    session.expire_all()
    version = rows(session, target_id)[-1]
    with act_as("office") as unit:
        upgrade_code(unit, target_id, make_uscc("9", "2", "640104", "MA000002"))
    with act_as("office") as unit:
        shown = unit.session.get(Target, target_id).version
        with pytest.raises(Refused, match="restore_code_replaced"):
            restore_target(unit, target_id, version.id, ["code", "address"], "误改", shown)


def test_a_word_that_the_vocabulary_has_lost_does_not_come_back(act_as, session, target_id):
    owner(session).add(TargetKind(code="gone_kind", name="旧种类", position=99))
    session.flush()
    session.execute(update(Target).where(Target.id == target_id).values(kind="gone_kind"))
    session.expire_all()
    version = rows(session, target_id)[-1]
    change(act_as, target_id, kind="individual")
    owner(session).execute(TargetKind.__table__.delete().where(TargetKind.code == "gone_kind"))
    with act_as("office") as unit:
        shown = unit.session.get(Target, target_id).version
        with pytest.raises(Invalid) as caught:
            restore_target(unit, target_id, version.id, ["kind"], "误改", shown)
    assert [fault.code for fault in caught.value.faults] == ["target_kind_unknown"]


@pytest.mark.parametrize(
    ("fields", "reason", "version", "error"),
    [
        ([], "误改", 0, Invalid),
        (["address"], "", 0, Invalid),
        (["phone"], "误改", 0, Invalid),
        (["address"], "误改", 99, Stale),
    ],
)
def test_what_is_not_told_is_not_restored(act_as, session, target_id, fields, reason, version, error):
    change(act_as, target_id, address="银川市演示路1号")
    first = rows(session, target_id)[0]
    with act_as("office") as unit:
        shown = unit.session.get(Target, target_id).version + version
        with pytest.raises(error):
            restore_target(unit, target_id, first.id, fields, reason, shown)


def test_a_version_of_another_target_is_none(act_as, session, target_id):
    other = owner(session).scalars(select(RowHistory.id).where(RowHistory.row_id != str(target_id))).first()
    with act_as("office") as unit, pytest.raises(NotFound):
        restore_target(unit, target_id, other, ["address"], "误改", 1)


def test_the_history_shows_both_sides_and_leads_back(client_as, act_as, session, target_id):
    change(act_as, target_id, address="银川市演示路1号")
    change(act_as, target_id, address="银川市演示路12号")
    page = client_as("office").get(f"/targets/{target_id}/history").text
    assert '<del class="eh-old">1</del>' in page and '<ins class="eh-new">12</ins>' in page
    one = rows(session, target_id)[-2]
    preview = client_as("office").get(f"/targets/{target_id}/versions/{one.id}")
    assert preview.status_code == 200 and "银川市演示路" in preview.text
    session.info["scope"] = Scope.system("test")
    version = session.get(Target, target_id).version
    form = {"fields": ["address"], "reason": "误改", "version": version}
    answer = client_as("office").post(f"/targets/{target_id}/versions/{one.id}", data=form)
    assert answer.status_code == 302
    session.expire_all()
    assert owner(session).get(Target, target_id).address == "银川市演示路1号"
    assert "误改" not in client_as("police_clerk").get(f"/targets/{target_id}/history").text
    assert client_as("police_clerk").get(f"/targets/{target_id}/versions/{one.id}").status_code == 404


def test_personal_data_stay_covered_in_the_history(client_as, act_as, session, target_id):
    change(act_as, target_id, phone="0951-0999999", home_address="银川市某处")
    page = client_as("office").get(f"/targets/{target_id}/history").text
    assert "0951-0999999" not in page and "银川市某处" not in page


def test_the_history_is_paged(client_as, act_as, session, target_id):
    for n in range(21):
        change(act_as, target_id, address=f"银川市演示路{n}号")
    first = client_as("office").get(f"/targets/{target_id}/history").text
    assert "after=" in first
    oldest = rows(session, target_id)[1]
    second = client_as("office").get(f"/targets/{target_id}/history?after={oldest.id + 1}").text
    plain = re.sub(r"<[^>]+>", "", second)
    assert "演示路0号" in plain and "演示路20号" not in plain
