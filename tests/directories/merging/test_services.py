"""Two codes of one enterprise become one target and can be parted again; nothing is forgotten on the way."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, insert, select, text, update

from app.audit.models import Event
from app.db.history import RowHistory
from app.directories.libraries.models import Library, LibraryPick
from app.directories.merging.models import Merge
from app.directories.merging.references import references
from app.directories.merging.services import merge, unmerge
from app.directories.past.models import PastVisits
from app.directories.permits.models import Permit
from app.directories.sources.models import SourceConflict
from app.directories.targets.models import Target, TargetCode
from app.directories.targets.queries import by_code
from app.directories.targets.restoring import texts_of
from app.directories.targets.services import change_target, upgrade_code
from app.kernel.errors import Invalid, NotFound, Refused
from app.kernel.identifiers import make_internal_code, make_uscc
from app.security.models import Agency
from app.security.scope import Scope
from app.security.scoping import unscoped
from tests.conftest import START

LOW, ALSO_LOW = make_internal_code("640104", 990_001), make_internal_code("640104", 990_002)
HIGH = make_uscc("9", "2", "640104", "MA000001")


def owner(session):
    session.info["scope"] = Scope.system("test")
    return session


@pytest.fixture
def pair(session):
    """Two restaurants of Yinchuan in the same county without a record in any draw."""
    rows = (
        owner(session)
        .scalars(
            select(Target)
            .where(
                Target.code.like("926401%"),
                Target.industry_code == "6291",
                Target.status == "active",
            )
            .order_by(Target.region_id, Target.id)
            .limit(2)
        )
        .all()
    )
    return rows[0].id, rows[1].id


def permit(session, target_id, number, kind="tobacco_retail"):
    target = owner(session).get(Target, target_id)
    row = Permit(
        target_id=target_id,
        region_id=target.region_id,
        kind=kind,
        number=number,
        authority="局",
        status="valid",
    )
    session.add(row)
    session.flush()
    return row.id


@pytest.mark.rule("R-11.5")
def test_the_gone_code_still_finds_the_kept_target(act_as, session, pair):
    kept, gone = pair
    code = owner(session).get(Target, gone).code
    with act_as("office") as unit:
        done = merge(unit, kept, gone, "同一经营者重复登记")
        assert (done.kept_id, done.gone_code) == (kept, code)
    assert by_code(owner(session), code).id == kept
    assert session.scalar(select(func.count()).where(Target.id == gone)) == 0
    event = session.scalars(select(Event).where(Event.tag == "target.merged")).one()
    assert event.subject == f"target:{kept}" and event.data["code"] == code


def test_every_reference_follows_whatever_table_it_stands_in(act_as, session, pair):
    kept, gone = pair
    expected = {("permit", permit(session, gone, "A-1"))}
    library = session.scalars(select(Library).order_by(Library.id)).first()
    session.add(LibraryPick(library_id=library.id, target_id=gone, included=True, reason="人工添加"))
    session.execute(
        insert(TargetCode.__table__).values(code="640104OLD", target_id=gone, replaced_at=text("now()"))
    )
    session.flush()
    with act_as("office") as unit:
        done = merge(unit, kept, gone, "重复")
    moved = {(entry["table"], next(iter(entry["key"].values()))) for entry in done.moved}
    assert expected <= moved
    owner(session)
    for reference in references():
        left = session.scalar(
            select(func.count()).select_from(reference.table).where(reference.target == gone)
        )
        assert left == 0, reference.table.name
    assert by_code(session, "640104OLD").id == kept
    assert session.get(LibraryPick, (library.id, kept)) is not None


def test_no_foreign_key_of_the_database_is_missing_in_the_metadata(session):
    known = {(r.table.name, own) for r in references() for own, theirs in r.columns if theirs == "id"}
    rows = owner(session).execute(
        text(
            "SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c "
            "CROSS JOIN LATERAL unnest(c.conkey, c.confkey) AS k(own, theirs) "
            "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.own "
            "JOIN pg_attribute t ON t.attrelid = c.confrelid AND t.attnum = k.theirs "
            "WHERE c.contype = 'f' AND c.confrelid = 'target'::regclass AND t.attname = 'id'"
        )
    )
    assert {tuple(row) for row in rows} == known


def test_what_both_have_is_dropped_and_comes_back(act_as, session, pair):
    kept, gone = pair
    permit(session, kept, "SAME-1")
    twin = permit(session, gone, "SAME-1")
    with act_as("office") as unit:
        done = merge(unit, kept, gone, "重复")
        assert [(e["table"], e["row"]["number"]) for e in done.dropped] == [("permit", "SAME-1")]
    with act_as("office") as unit:
        assert unmerge(unit, done.id, "合并有误").stayed == []
    row = owner(session).get(Permit, twin)
    assert (row.target_id, row.number) == (gone, "SAME-1")


def test_figures_of_both_are_added_up_and_taken_apart(act_as, session, pair):
    kept, gone = pair
    agency = owner(session).scalars(select(Agency).where(Agency.code == "POLICE-640100")).one()
    for target_id, visits in ((kept, 2), (gone, 3)):
        region = session.get(Target, target_id).region_id
        session.add(
            PastVisits(target_id=target_id, region_id=region, agency_id=agency.id, year=2026, visits=visits)
        )
    session.flush()
    counts = select(PastVisits.target_id, PastVisits.visits).where(PastVisits.target_id.in_(pair))
    with act_as("office") as unit:
        done = merge(unit, kept, gone, "重复")
    assert dict(owner(session).execute(counts).all()) == {kept: 5}
    with act_as("office") as unit:
        unmerge(unit, done.id, "合并有误")
    assert dict(owner(session).execute(counts).all()) == {kept: 2, gone: 3}


def test_the_chosen_values_stay_and_parting_gives_both_back(act_as, session, pair):
    kept, gone = pair
    before = {n: texts_of(owner(session).get(Target, n)) for n in pair}
    with act_as("office") as unit:
        done = merge(unit, kept, gone, "重复", take={"address", "phone", "legal_representative"})
    session.expire_all()
    row = owner(session).get(Target, kept)
    for name in ("address", "phone", "legal_representative"):
        assert getattr(row, name) == before[gone][name]
    assert row.name == before[kept]["name"]
    with act_as("office") as unit:
        assert unmerge(unit, done.id, "不是同一单位").stayed == []
    session.expire_all()
    assert {n: texts_of(owner(session).get(Target, n)) for n in pair} == before
    assert session.scalars(select(Event).where(Event.tag == "target.unmerged")).one().data["stayed"] == 0


def test_what_was_touched_since_stays_with_the_kept_target(act_as, session, pair):
    kept, gone = pair
    touched, left_alone = permit(session, gone, "B-1"), permit(session, gone, "B-2")
    with act_as("office") as unit:
        done = merge(unit, kept, gone, "重复", take={"address"})
    owner(session).execute(update(Permit).where(Permit.id == touched).values(authority="改过"))
    with act_as("office") as unit:
        row = unit.session.get(Target, kept)
        change_target(unit, kept, {**texts_of(row), "address": "银川市演示路1号"}, row.version)
    with act_as("office") as unit:
        stayed = unmerge(unit, done.id, "合并有误").stayed
    assert {e.get("name") or e["key"]["id"] for e in stayed} == {"address", touched}
    session.expire_all()
    assert owner(session).get(Permit, touched).target_id == kept
    assert session.get(Permit, left_alone).target_id == gone
    assert session.get(Target, kept).address == "银川市演示路1号"


@pytest.mark.rule("R-11.5")
def test_the_code_of_the_higher_rank_stays_whichever_target_is_kept(act_as, session, pair):
    kept, gone = pair
    row = owner(session).get(Target, kept)
    old, higher = LOW, session.get(Target, gone).code
    session.execute(update(Target).where(Target.id == kept).values(code=old, code_kind="internal"))
    session.expire_all()
    with act_as("office") as unit:
        done = merge(unit, kept, gone, "重复")
    session.expire_all()
    assert owner(session).get(Target, kept).code == higher
    assert by_code(session, old).id == kept
    with act_as("office") as unit:
        unmerge(unit, done.id, "有误")
    session.expire_all()
    assert owner(session).get(Target, kept).code == old and session.get(Target, gone).code == higher
    assert row.id == kept


def test_a_chain_is_parted_from_its_end(act_as, session, pair):
    kept, gone = pair
    third = (
        owner(session)
        .scalars(select(Target.id).where(Target.code.like("926401%"), Target.industry_code == "5232"))
        .first()
    )
    with act_as("office") as unit:
        one = merge(unit, kept, gone, "重复")
    with act_as("office") as unit:
        two = merge(unit, third, kept, "重复")
    with act_as("office") as unit:
        with pytest.raises(Refused, match="merge_part_later_first"):
            unmerge(unit, one.id, "有误")
        unmerge(unit, two.id, "有误")
        unmerge(unit, one.id, "有误")
    session.expire_all()
    assert owner(session).get(Target, gone) is not None
    with act_as("office") as unit, pytest.raises(Refused, match="merge_parted_already"):
        unmerge(unit, one.id, "有误")


def test_an_agency_merges_its_own_rows_alone(act_as, session, pair):
    kept, gone = pair
    with act_as("police_admin") as unit, pytest.raises(Refused):
        merge(unit, kept, gone, "重复")
    agency = owner(session).scalars(select(Agency).where(Agency.code == "POLICE-640100")).one()
    session.execute(update(Target).where(Target.id.in_(pair)).values(source="agency", agency_id=agency.id))
    session.expire_all()
    with act_as("police_admin") as unit:
        assert merge(unit, kept, gone, "重复").agency_id == agency.id


def test_a_target_of_another_city_is_not_there(act_as, session, pair):
    elsewhere = owner(session).scalars(select(Target.id).where(Target.code.like("926403%"))).first()
    with act_as("office") as unit, pytest.raises(NotFound):
        merge(unit, pair[0], elsewhere, "重复")


def test_the_history_names_the_merger_as_the_cause(act_as, session, pair):
    kept, gone = pair
    number = permit(session, gone, "C-1")
    with act_as("office") as unit:
        done = merge(unit, kept, gone, "重复")
    causes = set(
        owner(session).scalars(
            select(RowHistory.cause).where(
                RowHistory.table_name == "permit", RowHistory.row_id == str(number), RowHistory.op == "UPDATE"
            )
        )
    )
    assert causes == {f"merge:{done.id}"}


def test_no_personal_data_stand_in_the_record_of_a_merger(act_as, session, pair):
    kept, gone = pair
    phone = owner(session).get(Target, gone).phone
    with act_as("office") as unit:
        done = merge(unit, kept, gone, "重复", take={"phone"})
    written = session.execute(text(f"SELECT to_jsonb(m)::text FROM merge m WHERE id = {done.id}")).scalar()  # noqa: S608
    assert phone and phone not in written


@pytest.mark.parametrize(("reason", "same"), [("", False), ("重复", True)])
def test_what_makes_no_sense_is_refused(act_as, pair, reason, same):
    kept, gone = pair
    with act_as("office") as unit, pytest.raises((Invalid, Refused)):
        merge(unit, kept, kept if same else gone, reason)


def test_a_better_code_after_the_merger_does_not_stop_the_parting(act_as, session, pair):
    kept, gone = pair
    owner(session).execute(update(Target).where(Target.id == kept).values(code=LOW, code_kind="internal"))
    session.execute(update(Target).where(Target.id == gone).values(code=ALSO_LOW, code_kind="internal"))
    session.expire_all()
    with act_as("office") as unit:
        done = merge(unit, kept, gone, "重复")
    with act_as("office") as unit:
        upgrade_code(unit, kept, HIGH)
    with act_as("office") as unit:
        unmerge(unit, done.id, "有误")
    session.expire_all()
    with unscoped(session, "test"):
        assert by_code(session, ALSO_LOW).id == gone
        assert by_code(session, LOW).id == kept


def test_the_record_of_a_merger_is_read_in_its_region(act_as, session, pair):
    with act_as("office") as unit:
        merge(unit, *pair, "重复")
    with act_as("police_clerk") as unit:
        assert unit.session.scalars(select(Merge)).all()


def test_sealed_values_of_what_both_have_are_not_written_down(act_as, session, pair):
    kept, gone = pair
    for target_id in pair:
        region = owner(session).get(Target, target_id).region_id
        session.add(
            SourceConflict(
                target_id=target_id, region_id=region, field="phone", source="base", value="0951-0444444",
                said_on=date(2026, 11, 1), raised_at=START,
            )
        )  # fmt: skip
    session.flush()
    with act_as("office") as unit:
        done = merge(unit, kept, gone, "重复")
        assert {"table": "source_conflict", "row": {}} in done.dropped
    with act_as("office") as unit:
        assert [e["table"] for e in unmerge(unit, done.id, "有误").stayed] == ["source_conflict"]
