"""A file against a source that has precedence: nothing is overwritten silently, what contradicts is listed (R-6.2)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.directories.importing import services
from app.directories.importing.preview import page_of
from app.directories.importing.undoing import undo_import
from app.directories.rules import ImportMode
from app.directories.sources.models import SourceConflict
from app.directories.sources.rules import FILE_ORDER, Known, Lower, Order, Verdict, weigh_file
from app.directories.sources.services import source_of
from app.directories.sources.services.deciding import decide
from app.directories.sources.services.registering import set_order
from app.directories.targets import queries
from app.directories.targets.services import import_targets
from app.security.models import Agency
from tests.directories.importing.files import csv_of, receive
from tests.directories.importing.files import row as line
from tests.directories.sources.batches import code, push, row, system

AGENCY = "agency:POLICE-640100"


def of_file(number, **changes):
    return line(number, **{"统一社会信用代码": code(number), "名称": f"推送第{number}号示例", **changes})


def pushed(act_as, *numbers):
    system(act_as)
    push(act_as, *(row(number) for number in numbers))


def handed_over(act_as, *rows, who="office", agency=None):
    """Checked and taken over; what the difference said."""
    with act_as(who) as unit:
        agency_id = unit.actor.agency_id if agency else None
        run = receive(unit, csv_of(rows), agency_id=agency_id)
        seen = page_of(unit, run, "contested", 1).lines
        services.take_over(unit, run.id, skip_bad=False)
        return run.id, dict(run.report), seen


def conflicts(session):
    session.expire_all()
    rows = session.scalars(select(SourceConflict).order_by(SourceConflict.id))
    return [(one.field, one.source, one.said, one.state) for one in rows]


def found(session, number):
    session.expire_all()
    return queries.by_code(session, code(number))


@pytest.mark.parametrize(
    ("source", "present", "verdict"),
    [
        ("import", "registration", Verdict.ASK),
        ("import", "base", Verdict.TAKE),
        ("import", "form", Verdict.TAKE),
        ("import", "agency:X", Verdict.TAKE),
        ("agency:X", "agency:X", Verdict.TAKE),
        ("agency:X", "import", Verdict.ASK),
    ],
)
def test_whoever_hands_a_file_over_yields_only_to_what_is_named_before(source, present, verdict):
    assert weigh_file(source, present, FILE_ORDER, Known({"registration": True})) is verdict


def test_an_order_that_leaves_lower_words_aside_asks_nobody():
    order = Order(("base", "agency"), Lower.KEEP)
    assert weigh_file("agency:X", "base", order, Known()) is Verdict.LEAVE
    assert weigh_file("agency:X", "base", order, Known(), empty=True) is Verdict.TAKE


@pytest.mark.rule("R-6.2")
def test_the_value_of_a_system_with_precedence_stays_and_the_difference_says_so(act_as, session):
    pushed(act_as, 1)
    _run, report, [seen] = handed_over(act_as, of_file(1, 住所="文件中的地址", 联系人="王五示例"))
    assert (report["changed"], report["unchanged"], report["contested"]) == (0, 1, 1)
    shown = {str(label): (old, new) for label, old, new in seen.fields}
    assert shown["住所（地址）"] == ("银川市兴庆区解放街一号", "文件中的地址")
    assert set(seen.holders) == {"登记注册系统示例"}
    target = found(session, 1)
    assert (target.address, target.version) == ("银川市兴庆区解放街一号", 1)
    assert sorted(conflicts(session)) == [
        ("address", "import", "文件中的地址", "open"),
        ("contact", "import", "王五示例", "open"),
    ]


def test_what_the_system_does_not_say_is_taken_from_the_file(act_as, session):
    pushed(act_as, 1)
    with act_as("office") as unit:
        set_order(unit, "contact", ["import", "base-systems"], Lower.ASK)
    _run, report, _seen = handed_over(act_as, of_file(1, 联系人="王五示例", 住所="另一处"))
    assert (report["changed"], report["contested"]) == (1, 1)
    target = found(session, 1)
    assert (target.contact, source_of(target, "contact").source) == ("王五示例", "import")
    assert (target.address, source_of(target, "address").source) == ("银川市兴庆区解放街一号", "registration")


@pytest.mark.rule("R-11.3")
def test_an_agency_changes_no_row_of_the_base_but_its_contradiction_is_listed(act_as, session):
    with act_as("office") as unit:
        import_targets(unit, csv_of([of_file(1)]), "a.csv")
    args = {"who": "police_admin", "agency": True}
    _run, report, _seen = handed_over(act_as, of_file(1, 联系电话="13911112222"), **args)
    assert (report["changed"], report["unchanged"], report["contested"]) == (0, 1, 1)
    assert found(session, 1).phone == "10900000000"
    assert conflicts(session) == [("phone", AGENCY, "13911112222", "open")]
    [kept] = session.scalars(select(SourceConflict)).all()
    assert kept.value is None, "personal data lies sealed"
    with act_as("office") as unit:
        decide(unit, kept.id, take=True, reason="电话核实")
    assert found(session, 1).phone == "13911112222"


def test_the_same_file_again_lists_nothing_twice_and_a_corrected_one_closes(act_as, session):
    pushed(act_as, 1, 2)
    other = of_file(1, 住所="文件中的地址")
    handed_over(act_as, other, of_file(2))
    handed_over(act_as, other, of_file(2))
    assert conflicts(session) == [("address", "import", "文件中的地址", "open")]
    handed_over(act_as, of_file(1, 住所="又一个地址"))
    assert [one[3] for one in conflicts(session)] == ["superseded", "open"]
    handed_over(act_as, of_file(1), of_file(2))
    assert [one[3] for one in conflicts(session)] == ["superseded", "superseded"]


def test_what_a_person_has_kept_is_not_asked_again(act_as, session):
    pushed(act_as, 1)
    handed_over(act_as, of_file(1, 住所="文件中的地址"))
    [only] = session.scalars(select(SourceConflict.id)).all()
    with act_as("office") as unit:
        decide(unit, only, take=False, reason="以登记为准")
    _run, report, seen = handed_over(act_as, of_file(1, 住所="文件中的地址"))
    assert (report["contested"], seen) == (0, [])
    assert [one[3] for one in conflicts(session)] == ["kept"]


def test_undoing_the_import_takes_its_contradictions_back(act_as, session):
    pushed(act_as, 1)
    run_id, _report, _seen = handed_over(act_as, of_file(1, 住所="文件中的地址"), of_file(3))
    assert [one[3] for one in conflicts(session)] == ["open"]
    with act_as("office") as unit:
        undo_import(unit, run_id, "交错了文件")
    assert [one[3] for one in conflicts(session)] == ["superseded"]
    assert found(session, 3) is None


def test_a_file_that_only_adds_contradicts_nobody(act_as, session):
    pushed(act_as, 1)
    with act_as("office") as unit:
        run = receive(unit, csv_of([of_file(1, 住所="文件中的地址")]), mode=ImportMode.ADD)
        services.take_over(unit, run.id, skip_bad=False)
    assert conflicts(session) == []


def test_the_page_of_the_difference_names_who_has_precedence(act_as, client_as, session):
    pushed(act_as, 1)
    assert session.scalars(select(Agency.id).limit(1)).first()
    with act_as("office") as unit:
        run_id = receive(unit, csv_of([of_file(1, 住所="文件中的地址")])).id
    client = client_as("office")
    page = client.get(f"/imports/{run_id}?tab=contested").text
    assert "登记注册系统示例" in page and "文件中的地址" in page
    client.post(f"/imports/{run_id}/commit")
    record = client.get(f"/targets/{found(session, 1).id}").text
    assert "/conflicts/" in record and "登记注册系统示例" in record
