"""Permits and premises by spreadsheet, through the same wizard as everything else."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.directories.importing import services
from app.directories.importing.undoing import undo_import
from app.directories.permits.models import Permit
from app.directories.premises.models import Premises
from app.directories.targets.models import Target
from app.kernel.errors import Refused
from app.security.scope import Scope
from tests.directories.importing.files import csv_of, receive, work

HEADINGS = ("统一社会信用代码", "许可证类型", "许可证编号", "发证机关", "有效期至", "许可证状态")
PLACES = ("统一社会信用代码", "场所类型", "场所名称", "场所地址", "面积")
FIGURES = ("new", "changed", "unchanged", "bad")


@pytest.fixture
def codes(session):
    session.info["scope"] = Scope.system("test")
    statement = select(Target.code).where(Target.code.like("92640104%"), Target.industry_code == "5232")
    return session.scalars(statement.order_by(Target.id).limit(3)).all()


def permits(session):
    session.info["scope"] = Scope.system("test")
    session.expire_all()
    return session.scalars(select(Permit).where(Permit.number.like("入-%")).order_by(Permit.number)).all()


def taken(unit, content, kind, agency_id=None):
    run = work(unit, receive(unit, content, kind=kind, agency_id=agency_id))
    services.take_over(unit, run.id, skip_bad=True)
    return work(unit, run)


def test_permits_come_in_change_and_go_again(act_as, session, codes):
    one, two, _three = codes
    first = [
        [one, "食品经营许可证", "入-1", "甲局", "2027-01-31", "有效"],
        [two, "烟草专卖零售许可证", "入-2", "甲局", "长期", ""],
        [two, "没有的证", "入-3", "甲局", "", ""],
        ["91640104MA00000000", "食品经营许可证", "入-4", "甲局", "", ""],
    ]
    with act_as("office") as unit:
        run = taken(unit, csv_of(first, HEADINGS), "permits")
        assert [run.report[name] for name in FIGURES] == [2, 0, 0, 2]
    known = permits(session)
    assert [(p.number, str(p.valid_until)) for p in known] == [("入-1", "2027-01-31"), ("入-2", "None")]
    with act_as("office") as unit:
        changed = [[one, "食品经营许可证", "入-1", "甲局", "2030-01-31", "有效"], first[1]]
        run = taken(unit, csv_of(changed, HEADINGS), "permits")
        assert [run.report[name] for name in FIGURES] == [0, 1, 1, 0]
        number = run.id
    assert str(permits(session)[0].valid_until) == "2030-01-31"
    with act_as("office") as unit:
        undo_import(unit, number, "导错文件")
    assert str(permits(session)[0].valid_until) == "2027-01-31"


def test_an_agency_imports_premises_of_its_own(act_as, session, codes):
    rows = [[codes[0], "仓库", "入库仓", "银川市演示路1号", "1200.5㎡"]]
    with act_as("police_admin") as unit:
        agency = unit.actor.agency_id
        taken(unit, csv_of(rows, PLACES), "premises", agency)
    session.info["scope"] = Scope.system("test")
    place = session.scalars(select(Premises).where(Premises.name == "入库仓")).one()
    assert place.agency_id == agency and str(place.area) == "1200.50"


def test_rows_of_the_base_are_not_changed_by_an_agency(act_as, session, codes):
    row = [codes[0], "食品经营许可证", "入-1", "甲局", "2027-01-31", "有效"]
    with act_as("office") as unit:
        taken(unit, csv_of([row], HEADINGS), "permits")
    with act_as("police_admin") as unit:
        run = work(
            unit,
            receive(
                unit,
                csv_of([[*row[:3], "乙局", *row[4:]]], HEADINGS),
                kind="permits",
                agency_id=unit.actor.agency_id,
            ),
        )
        assert [run.report[name] for name in FIGURES] == [0, 0, 0, 1]


def test_whoever_keeps_nothing_imports_nothing(act_as, codes):
    row = [codes[0], "食品经营许可证", "入-1", "甲局", "2027-01-31", "有效"]
    with act_as("police_clerk") as unit, pytest.raises(Refused):
        receive(unit, csv_of([row], HEADINGS), kind="permits", agency_id=unit.actor.agency_id)
