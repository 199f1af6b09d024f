"""A person decides between the directory and a source: one by one, or all of a source."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.audit.models import Event
from app.db.history import RowHistory
from app.directories.sources.models import SourceConflict
from app.directories.sources.services import source_of
from app.directories.sources.services.deciding import decide, decide_all
from app.directories.targets.services import add_target
from app.kernel.errors import Invalid, NotFound, Refused
from tests.directories.sources.batches import code, found, push, row, system
from tests.directories.sources.test_pushing import VALUES, agency_id, of_agency


def contradicted(act_as, *numbers, **changes):
    """Typed by the office, contradicted by the system of registration."""
    system(act_as)
    with act_as("office") as unit:
        for number in numbers:
            values = {"code": code(number), "name": f"推送第{number}号示例", "address": "由人填写的地址"}
            add_target(unit, {**VALUES, **values})
    push(act_as, *(row(number, **changes) for number in numbers))


def conflicts(session):
    session.expire_all()
    return session.scalars(select(SourceConflict).order_by(SourceConflict.id)).all()


@pytest.mark.rule("R-6.2")
def test_the_value_of_the_source_is_taken_with_its_source_its_cause_and_the_reason(act_as, session):
    contradicted(act_as, 1)
    with act_as("office") as unit:
        decide(unit, conflicts(session)[0].id, take=True, reason="以登记机关为准")
    target = found(session, 1)
    assert target.address == VALUES["address"]
    assert source_of(target, "address").source == "registration"
    kept = conflicts(session)[0]
    assert (kept.state, kept.reason, kept.decided_at is not None) == ("taken", "以登记机关为准", True)
    cause = select(RowHistory.cause).where(RowHistory.row_id == str(target.id), RowHistory.op == "UPDATE")
    assert session.scalars(cause.where(RowHistory.table_name == "target")).all() == ["sync:registration"]
    event = session.scalars(select(Event).where(Event.tag == "target.conflict_decided")).one()
    assert event.data["decision"] == "taken"


def test_what_was_kept_is_not_asked_again_until_the_source_says_something_else(act_as, session):
    contradicted(act_as, 1)
    with act_as("office") as unit:
        decide(unit, conflicts(session)[0].id, take=False, reason="实地核实过")
    assert found(session, 1).address == "由人填写的地址"
    assert push(act_as, row(1))["rows"][0]["status"] == "unchanged"
    assert push(act_as, row(1, phone="10900000002"))["rows"][0]["conflicts"] == ["phone"]
    assert push(act_as, row(1, address="又一个地址"))["rows"][0]["conflicts"] == ["address"]
    states = [(one.field, one.state) for one in conflicts(session)]
    assert states == [("address", "kept"), ("phone", "superseded"), ("address", "open")]


def test_a_decision_needs_its_reason_and_is_made_once(act_as, session):
    contradicted(act_as, 1)
    number = conflicts(session)[0].id
    with act_as("office") as unit, pytest.raises(Invalid):
        decide(unit, number, take=True, reason=" ")
    for _again in range(2):
        with act_as("office") as unit:
            decide(unit, number, take=True, reason="以登记机关为准")
    with act_as("office") as unit, pytest.raises(Refused, match="conflict_decided"):
        decide(unit, number, take=False, reason="反悔")


def test_an_agency_does_not_decide_on_rows_of_the_base_nor_another_city_on_any(act_as, session):
    contradicted(act_as, 1)
    number = conflicts(session)[0].id
    with act_as("police_admin") as unit, pytest.raises(Refused):
        decide(unit, number, take=True, reason="以登记机关为准")
    with act_as("police_clerk") as unit, pytest.raises(Refused):
        decide(unit, number, take=True, reason="以登记机关为准")
    with act_as("office") as unit, pytest.raises(NotFound):
        decide(unit, number + 1000, take=True, reason="以登记机关为准")


def test_all_conflicts_of_a_source_are_decided_at_once_but_those_of_other_units(act_as, session):
    contradicted(act_as, 1, 2, 3)
    system(act_as, "police-net", agency_id(session))
    system(act_as, "amr-net", agency_id(session, "AMR-640100"))
    of_agency(act_as, 4)
    with act_as("office") as unit:
        assert decide_all(unit, "registration", field="address", take=True, reason="以登记机关为准") == 3
    assert [found(session, n).address for n in (1, 2, 3)] == [VALUES["address"]] * 3
    with act_as("office") as unit, pytest.raises(Refused, match="conflict_nothing"):
        decide_all(unit, "registration", take=True, reason="以登记机关为准")


def test_a_telephone_number_lies_sealed_in_the_conflict_and_is_taken_from_there(act_as, session):
    contradicted(act_as, 1, phone="10900000009", address="由人填写的地址")
    conflict = conflicts(session)[0]
    assert (conflict.field, conflict.value, conflict.sealed) == ("phone", None, "10900000009")
    with act_as("office") as unit:
        decide(unit, conflict.id, take=True, reason="已电话核实")
    assert found(session, 1).phone == "10900000009"
