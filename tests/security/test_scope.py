"""The choke point: what a session sees and may write follows from its scope, whoever asks and however."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, func, select, update

from app.db import Actor, db, unit_of_work
from app.directories.inspectors.models import Inspector
from app.directories.targets.models import Target
from app.kernel.errors import NotFound
from app.security.models import Agency
from app.security.scope import Scope
from app.security.scoping import scoped_models, scoped_select, unscoped


@pytest.fixture
def two_agencies(session, clock):
    """An inspector of the police and one of the health agency of Yinchuan."""
    made = {}
    for code in ("POLICE-640100", "HEALTH-640100"):
        agency = session.scalars(select(Agency).where(Agency.code == code)).one()
        row = Inspector(
            certificate_no=f"T-{code}",
            name="示例",
            agency_id=agency.id,
            certified=False,
            regions=["640100"],
            specialties=[],
        )
        session.add(row)
        made[code] = (agency.id, row)
    session.flush()
    return made


def _scope(agency_id: int) -> Scope:
    return Scope(agency_ids=frozenset({agency_id}), user_id=1)


def test_a_session_without_a_scope_sees_nothing(app, two_agencies):
    session = db.session()
    session.info.pop("scope", None)
    assert session.scalar(select(func.count()).select_from(Inspector)) == 0


def test_a_select_shows_only_rows_within_the_scope(session, two_agencies):
    police, _ = two_agencies["POLICE-640100"]
    session.info["scope"] = _scope(police)
    numbers = set(session.scalars(select(Inspector.certificate_no)))
    assert "T-POLICE-640100" in numbers
    assert "T-HEALTH-640100" not in numbers


def test_get_by_key_of_a_foreign_row_finds_nothing(session, two_agencies):
    police, _ = two_agencies["POLICE-640100"]
    foreign = two_agencies["HEALTH-640100"][1].id
    session.expunge_all()
    session.info["scope"] = _scope(police)
    assert session.get(Inspector, foreign) is None


def test_bulk_update_and_delete_do_not_reach_foreign_rows(session, two_agencies):
    police, _ = two_agencies["POLICE-640100"]
    foreign = two_agencies["HEALTH-640100"][1].id
    session.info["scope"] = _scope(police)
    session.execute(update(Inspector).where(Inspector.id == foreign).values(name="changed"))
    session.execute(delete(Inspector).where(Inspector.id == foreign))
    with unscoped(session, "test"):
        assert (
            session.scalar(select(Inspector.__table__.c.name).where(Inspector.__table__.c.id == foreign))
            == "示例"
        )


def test_a_core_select_goes_through_scoped_select(session, two_agencies):
    police, _ = two_agencies["POLICE-640100"]
    session.info["scope"] = _scope(police)
    found = {row.certificate_no for row in session.execute(scoped_select(session, Inspector))}
    assert "T-HEALTH-640100" not in found


def test_a_flush_refuses_a_row_of_another_agency(session, two_agencies, clock):
    police, _ = two_agencies["POLICE-640100"]
    health, _ = two_agencies["HEALTH-640100"]
    session.commit()
    with pytest.raises(NotFound), unit_of_work(Actor("u1", user_id=1), _scope(police), clock) as unit:
        unit.session.add(
            Inspector(
                certificate_no="T-X",
                name="x",
                agency_id=health,
                certified=False,
                regions=["640100"],
                specialties=[],
            )
        )


def test_a_flush_refuses_moving_an_own_row_into_another_agency(session, two_agencies, clock):
    police, row = two_agencies["POLICE-640100"]
    health, _ = two_agencies["HEALTH-640100"]
    session.commit()
    with pytest.raises(NotFound), unit_of_work(Actor("u1", user_id=1), _scope(police), clock) as unit:
        unit.session.get(Inspector, row.id).agency_id = health


def test_a_foreign_row_cannot_be_referred_to_by_its_id(session, two_agencies, clock):
    from app.directories.recusals.models import Recusal
    from app.directories.targets.models import Target

    police, _ = two_agencies["POLICE-640100"]
    foreign = two_agencies["HEALTH-640100"][1].id
    target = session.scalars(select(Target.id).limit(1)).first()
    session.commit()
    with pytest.raises(NotFound), unit_of_work(Actor("u1", user_id=1), _scope(police), clock) as unit:
        unit.session.add(
            Recusal(
                inspector_id=foreign,
                target_id=target or 1,
                agency_id=police,
                reason="DECLARED",
                declared_by="agency",
                since=clock.now().date(),
            )
        )


def test_nothing_half_written_stays_after_a_refusal(session, two_agencies, clock):
    police, row = two_agencies["POLICE-640100"]
    session.commit()
    with pytest.raises(RuntimeError), unit_of_work(Actor("u1", user_id=1), _scope(police), clock) as unit:
        unit.session.get(Inspector, row.id).name = "half"
        unit.session.flush()
        raise RuntimeError("in the middle")
    session.expire_all()
    with unscoped(session, "test"):
        assert session.get(Inspector, row.id).name == "示例"


def test_units_of_work_do_not_nest(session, clock):
    with unit_of_work(Actor.system(), Scope.system("test"), clock):  # noqa: SIM117
        with pytest.raises(RuntimeError), unit_of_work(Actor.system(), Scope.system("test"), clock):
            pass


def test_effects_leave_only_after_the_commit(session, clock):
    seen = []
    with (
        pytest.raises(ValueError, match="no"),
        unit_of_work(Actor.system(), Scope.system("test"), clock) as unit,
    ):
        unit.after_commit(lambda: seen.append("lost"))
        raise ValueError("no")
    with unit_of_work(Actor.system(), Scope.system("test"), clock) as unit:
        unit.after_commit(lambda: seen.append("kept"))
        assert seen == []
    assert seen == ["kept"]


@pytest.mark.parametrize("scope", [Scope.nothing(), Scope.public(), Scope(user_id=-5)])
def test_every_wall_yields_a_criterion_for_every_scope(session, scope):
    """A wall that cannot be written as SQL would fail every page; each model is asked once."""
    session.info["scope"] = scope
    for model in scoped_models():
        session.execute(select(func.count()).select_from(model)).scalar_one()


def test_whoever_writes_leaves_before_and_after_with_the_actor(session, two_agencies, clock):
    from app.db.history import RowHistory

    police, row = two_agencies["POLICE-640100"]
    session.commit()
    with unit_of_work(Actor("u77", user_id=77), Scope.system("test"), clock) as unit:
        unit.session.execute(
            update(Inspector.__table__).where(Inspector.__table__.c.id == row.id).values(name="新名")
        )
    found = session.scalars(
        select(RowHistory).where(
            RowHistory.table_name == "inspector", RowHistory.row_id == str(row.id), RowHistory.op == "UPDATE"
        )
    ).one()
    assert (found.actor, found.before, found.after) == ("u77", {"name": "示例"}, {"name": "新名"})


@pytest.mark.parametrize("name", ["office", "police_clerk", "auditor", "region_office"])
def test_asking_for_regions_beside_the_wall_or_with_it_finds_the_same_rows(session, act_as, name):
    table = Target.__table__.c
    regions = session.scalars(select(table.region_id).distinct().order_by(table.region_id)).all()
    own, foreign = regions[1:4], regions[-6:]
    agency = session.scalars(select(Agency).where(Agency.code == "POLICE-640100")).one()
    session.execute(
        update(Target)
        .where(Target.id.in_(select(table.id).where(table.region_id.in_(foreign)).limit(3)))
        .values(agency_id=agency.id, source="agency")
    )
    session.commit()
    with act_as(name) as unit:
        for asked in (own, foreign, [*own, *foreign], []):
            beside = scoped_select(unit.session, Target, table.id).where(table.region_id.in_(asked))
            with_it = scoped_select(unit.session, Target, table.id, regions=asked)
            found = set(unit.session.scalars(with_it))
            assert found == set(unit.session.scalars(beside))
            assert bool(found) == bool(asked) or name != "region_office"
