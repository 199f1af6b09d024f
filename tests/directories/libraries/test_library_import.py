"""Libraries by spreadsheet: names with a rule, targets one by one, and the undo of both."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from app.directories.importing import services
from app.directories.importing.undoing import undo_import
from app.directories.libraries.models import Library, LibraryPick
from app.directories.libraries.queries import count_by_class
from app.directories.libraries.rules import SelectionRule
from app.directories.libraries.services import create_library, pick_target
from app.directories.rules import ImportMode
from app.directories.targets.models import Target
from app.kernel.errors import Refused
from tests.directories.importing.files import csv_of

DATA = Path(__file__).resolve().parents[2] / "data" / "imports"
MINE = ("专项库", "统一社会信用代码", "数据来源")


def take(unit, content, mode=ImportMode.UPDATE):
    agency = unit.actor.agency_id
    run = services.receive(unit, "libraries", content, "a.csv", mode=mode, agency_id=agency)
    assert run.state == "checked", run.report
    return run


def libraries(session, agency):
    return {one.name: one for one in session.scalars(select(Library).where(Library.agency_id == agency))}


def codes(session, number):
    return list(session.scalars(select(Target.code).order_by(Target.id).limit(number)))


def test_the_published_names_become_libraries_and_nobody_belongs_without_a_rule(act_as, session):
    content = (DATA / "special_libraries_zj.csv").read_bytes()
    with act_as("amr_admin") as unit:
        run = take(unit, content)
        assert (run.report["rows"], run.report["new"], run.report["bad"]) == (27, 27, 0)
        services.take_over(unit, run.id, skip_bad=False)
        found = libraries(session, unit.actor.agency_id)
        assert found["食品生产企业专项库"].rule == {"permits": ["food_production"], "status": ["active"]}
        alone = SelectionRule.from_json(found["直销企业专项库"].rule)
        assert alone.by_hand == ("yes",)
        assert sum(count.rows for count in count_by_class(session, alone).values()) == 0
        assert {found[name].kind for name in ("直销企业专项库", "食品生产企业专项库")} == {"category"}
        again = take(unit, content)
        assert (again.report["unchanged"], again.report["new"], again.report["changed"]) == (27, 0, 0)
        undo_import(unit, run.id, "撤销导入")
        assert "直销企业专项库" not in libraries(session, unit.actor.agency_id)


def test_targets_are_added_to_new_and_known_libraries_and_go_again(act_as, session):
    with act_as("amr_admin") as unit:
        first, second = codes(unit.session, 2)
        agency = unit.actor.agency_id
        known = create_library(unit, agency, "已有专项库", "category", {"kinds": ["cooperative"]})
        content = csv_of(
            [["已有专项库", first, "许可清单"], ["新专项库", first, ""], ["新专项库", second, "许可清单"]],
            MINE,
        )
        run = take(unit, content)
        assert (run.report["new"], run.report["changed"], run.report["bad"]) == (2, 1, 0)
        services.take_over(unit, run.id, skip_bad=False)
        new = libraries(session, agency)["新专项库"]
        reasons = dict(
            session.execute(
                select(Target.code, LibraryPick.reason)
                .join(Target, Target.id == LibraryPick.target_id)
                .where(LibraryPick.library_id == new.id)
            ).all()
        )
        assert set(reasons) == {first, second} and reasons[second] == "许可清单"
        assert new.rule["by_hand"] == ["yes"]
        assert take(unit, content).report["unchanged"] == 3
        undo_import(unit, run.id, "撤销导入")
        assert "新专项库" not in libraries(session, agency)
        left = session.scalars(select(LibraryPick).where(LibraryPick.library_id == known.id)).all()
        assert left == []


def test_what_a_row_cannot_mean_is_named(act_as, session):
    heads = ("专项库", "统一社会信用代码", "许可证名称", "行业代码", "库类型")
    with act_as("amr_admin") as unit:
        (code,) = codes(unit.session, 1)
        kept = create_library(unit, unit.actor.agency_id, "剔除库", "category", {"kinds": ["enterprise"]})
        target = session.scalars(select(Target).where(Target.code == code)).one()
        pick_target(unit, kept.id, target.id, included=False, reason="停业")
        rows = [
            ["甲库", "", "没有这种许可证", "", ""],
            ["", "", "", "61", ""],
            ["乙库", "91640100YY00000000", "", "", ""],
            ["丙库", "", "", "99", "专项库"],
            ["丁库", "", "", "61", "联合库"],
            ["剔除库", code, "", "", ""],
            ["戊库", "", "食品经营许可证", "61", "行业库"],
        ]
        run = take(unit, csv_of(rows, heads))
        assert {(e["row"], e["column"], e["code"]) for e in run.report["errors"]} == {
            (2, "许可证名称", "rule_value_unknown"),
            (3, "专项库", "library_name_missing"),
            (4, "统一社会信用代码", "linked_target_unknown"),
            (5, "行业代码", "rule_value_unknown"),
            (6, "库类型", "library_kind_unknown"),
            (7, "统一社会信用代码", "library_excluded"),
        }
        services.take_over(unit, run.id, skip_bad=True)
        made = libraries(session, unit.actor.agency_id)["戊库"]
        assert (made.kind, made.rule["industries"], made.rule["permits"]) == (
            "industry",
            ["61"],
            ["food_business"],
        )


def test_nobody_imports_into_libraries_of_another_agency(act_as):
    with act_as("amr_admin") as unit:
        theirs = unit.actor.agency_id
    with pytest.raises(Refused), act_as("police_admin") as unit:
        content = csv_of([["甲库", "", ""]], MINE)
        services.receive(unit, "libraries", content, "a.csv", mode=ImportMode.UPDATE, agency_id=theirs)


def test_a_library_of_additions_stays_one_when_its_name_is_changed_on_its_page(act_as, client_as):
    with act_as("amr_admin") as unit:
        made = create_library(
            unit, unit.actor.agency_id, "人工库", "category", {"status": ["active"], "by_hand": ["yes"]}
        )
        number, version = made.id, made.version
    client = client_as("amr_admin")
    page = client.get(f"/libraries/{number}/edit").text
    assert (
        'name="by_hand"' in page
        and "checked" in page.partition('name="by_hand"')[0][-120:] + page.partition('name="by_hand"')[2][:80]
    )
    values = {"name": "人工名录", "kind": "category", "by_hand": "y", "status": "active", "version": version}
    assert client.post(f"/libraries/{number}/edit", data=values).status_code == 302
    with act_as("amr_admin") as unit:
        now = unit.session.get(Library, number)
        assert (now.name, now.rule) == ("人工名录", {"by_hand": ["yes"], "status": ["active"]})
