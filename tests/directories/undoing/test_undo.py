"""What one act changed in many rows is put back, as far as nobody has changed it since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from app.audit.models import Event
from app.db.history import RowHistory
from app.directories.targets.models import Target, TargetCode
from app.directories.undoing.models import UndoConflict, UndoRun
from app.directories.undoing.rules import UNDONE_WITHIN, Why, may_undo
from app.directories.undoing.services import begin
from app.kernel.errors import Invalid, Refused
from app.kernel.identifiers import make_uscc
from tests.conftest import START

OFFICE = "office"


@dataclass(frozen=True)
class Undone:
    run: UndoRun
    conflicts: list[UndoConflict]

    @property
    def rows(self):
        return self.run.restored + self.run.removed + self.run.closed


def undo(unit, cause, tables=("target",), reason="wrong list"):
    run = begin(unit, cause, START, tables=tables, reason=reason)
    conflicts = select(UndoConflict).where(UndoConflict.undo_id == run.id).order_by(UndoConflict.id)
    return Undone(run, list(unit.session.scalars(conflicts)))


def some(unit, number=3):
    """Base targets within reach of the office."""
    return list(
        unit.session.scalars(
            select(Target)
            .where(Target.agency_id.is_(None), Target.status == "active")
            .order_by(Target.id)
            .limit(number)
        )
    )


def test_a_cause_stands_in_the_row_history_of_what_was_changed_under_it(session, act_as):
    with act_as(OFFICE) as unit:
        first, second, third = some(unit)
        first.contact = "甲示例"
        with unit.because("bulk:901"):
            second.contact = "乙示例"
        third.contact = "丙示例"
        unit.session.flush()
        causes = {
            row.row_id: row.cause
            for row in unit.session.scalars(
                select(RowHistory)
                .where(RowHistory.table_name == "target")
                .order_by(RowHistory.id.desc())
                .limit(3)
            )
        }
    assert causes == {str(first.id): None, str(second.id): "bulk:901", str(third.id): None}


def test_a_cause_that_is_called_holds_for_the_rest_of_the_unit_only(session, act_as):
    with act_as(OFFICE) as unit:
        unit.because("bulk:902")
        (target,) = some(unit, 1)
        target.contact = "甲示例"
    with act_as(OFFICE) as unit:
        unit.session.get(Target, target.id).contact = "乙示例"
        unit.session.flush()
        query = select(RowHistory.cause).where(
            RowHistory.row_id == str(target.id), RowHistory.table_name == "target"
        )
        assert list(unit.session.scalars(query.order_by(RowHistory.id.desc()).limit(2))) == [None, "bulk:902"]


def test_a_rolled_back_savepoint_does_not_lose_the_cause(session, act_as):
    with act_as(OFFICE) as unit, unit.because("bulk:903"):
        (target,) = some(unit, 1)
        nested = unit.session.begin_nested()
        unit.session.execute(text("SELECT 1"))
        nested.rollback()
        target.contact = "甲示例"
        unit.session.flush()
        query = (
            select(RowHistory.cause).where(RowHistory.row_id == str(target.id)).order_by(RowHistory.id.desc())
        )
        assert unit.session.scalars(query.limit(1)).one() == "bulk:903"


def test_everything_that_a_cause_changed_stands_as_before(session, act_as):
    with act_as(OFFICE) as unit:
        rows = some(unit)
        before = {row.id: (row.status, row.contact, row.tags, row.registered_on, row.version) for row in rows}
        with unit.because("bulk:904"):
            for row in rows:
                row.status, row.tags = "suspended", ["食品"]
            unit.session.flush()
            rows[0].contact = "甲示例"
            rows[0].status = "closed"
        done = undo(unit, "bulk:904", reason="wrong list")
        assert done.rows == 3
        assert done.conflicts == []
        for row in unit.session.scalars(select(Target).where(Target.id.in_(before))):
            assert (row.status, row.contact, row.tags, row.registered_on) == before[row.id][:4]
            assert row.version > before[row.id][4]


def test_what_somebody_changed_since_stays_and_is_named(session, act_as):
    with act_as(OFFICE) as unit:
        first, second, _ = some(unit)
        was = second.contact
        with unit.because("bulk:905"):
            first.status, first.contact = "suspended", "甲示例"
            second.contact = "乙示例"
        first.contact = "丁示例"
        unit.session.flush()
        done = undo(unit, "bulk:905")
        assert (first.status, first.contact, second.contact) == ("active", "丁示例", was)
        (conflict,) = done.conflicts
        assert (conflict.label, conflict.field, conflict.found) == (first.name, "contact", "丁示例")
        assert conflict.why == Why.CHANGED
        stored = unit.session.scalars(select(UndoConflict).where(UndoConflict.undo_id == done.run.id)).one()
        assert stored.row_id == str(first.id)


def test_a_value_that_was_put_back_by_hand_is_no_conflict(session, act_as):
    with act_as(OFFICE) as unit:
        (target,) = some(unit, 1)
        was = target.contact
        with unit.because("bulk:906"):
            target.contact, target.status = "甲示例", "suspended"
        target.contact = was
        unit.session.flush()
        done = undo(unit, "bulk:906")
        assert done.conflicts == []
        assert (target.contact, target.status) == (was, "active")


def test_added_rows_go_and_those_in_use_are_closed(session, act_as):
    with act_as(OFFICE) as unit:
        model = some(unit, 1)[0]
        with unit.because("import:907"):
            new = [_copy(model, number) for number in (1, 2)]
            unit.session.add_all(new)
            unit.session.flush()
        unit.session.add(
            TargetCode(code="6401000000000001X", target_id=new[1].id, replaced_at=unit.clock.now())
        )
        unit.session.flush()
        ids = [row.id for row in new]
        done = undo(unit, "import:907")
        assert (done.run.removed, done.run.closed, done.run.conflicts) == (1, 1, 0)
        left = unit.session.scalars(select(Target).where(Target.id.in_(ids))).all()
        assert [(row.id, row.status) for row in left] == [(ids[1], "closed")]


def test_an_added_row_on_which_somebody_worked_stays(session, act_as):
    with act_as(OFFICE) as unit:
        model = some(unit, 1)[0]
        with unit.because("import:908"):
            new = [_copy(model, number) for number in (3, 4)]
            unit.session.add_all(new)
            unit.session.flush()
        new[0].contact = "甲示例"
        unit.session.flush()
        unit.session.execute(update(Target.__table__).where(Target.id == new[1].id).values(risk_class="D"))
        done = undo(unit, "import:908")
        assert [(c.label, c.why) for c in done.conflicts] == [(new[0].name, Why.CHANGED)]
        assert done.run.removed == 1


def test_a_former_code_goes_and_the_target_has_it_again(session, act_as):
    with act_as(OFFICE) as unit:
        (target,) = some(unit, 1)
        old, new = target.code, make_uscc("9", "1", "640104", "YY900077")
        with unit.because("import:909"):
            unit.session.add(TargetCode(code=old, target_id=target.id, replaced_at=unit.clock.now()))
            target.code = new
            unit.session.flush()
        done = undo(unit, "import:909", tables=("target", "target_code"))
        assert (done.run.removed, done.run.restored) == (1, 1)
        assert target.code == old
        assert unit.session.get(TargetCode, old) is None


def test_a_code_that_another_target_has_now_does_not_come_back(session, act_as):
    with act_as(OFFICE) as unit:
        first, second, _ = some(unit)
        old = first.code
        with unit.because("sync:910"):
            first.code = make_uscc("9", "1", "640104", "YY900078")
            unit.session.flush()
        second.code = old
        unit.session.flush()
        (conflict,) = undo(unit, "sync:910").conflicts
        assert (conflict.field, conflict.why) == ("code", Why.TAKEN)


def test_rows_of_another_area_are_not_touched(session, act_as, act_as_system):
    with act_as_system() as unit:
        target = unit.session.scalars(select(Target).where(Target.region.has(code="640202"))).first()
        assert target is not None
        with unit.because("bulk:911"):
            target.contact = "甲示例"
    with act_as(OFFICE) as unit:
        done = undo(unit, "bulk:911")
        assert [c.why for c in done.conflicts] == [Why.GONE]
        assert done.rows == 0
    with act_as_system() as unit:
        assert unit.session.get(Target, target.id).contact == "甲示例"


def test_the_undo_is_an_act_that_can_be_seen_and_is_done_once(session, act_as):
    with act_as(OFFICE) as unit:
        (target,) = some(unit, 1)
        with unit.because("bulk:912"):
            target.status = "suspended"
        run = begin(unit, "bulk:912", START, reason="the wrong quarter")
        event = unit.session.scalars(select(Event).where(Event.subject == f"undo:{run.id}")).one()
        assert event.data["reason"] == "the wrong quarter"
        cause = (
            select(RowHistory.cause).where(RowHistory.row_id == str(target.id)).order_by(RowHistory.id.desc())
        )
        assert unit.session.scalars(cause.limit(1)).one() == f"undo:{run.id}"
        with pytest.raises(Refused, match="undone_already"):
            begin(unit, "bulk:912", START, reason="once more")


def test_an_undo_can_be_undone(session, act_as):
    with act_as(OFFICE) as unit:
        (target,) = some(unit, 1)
        with unit.because("bulk:913"):
            target.status = "suspended"
        run = begin(unit, "bulk:913", START, reason="wrong")
        begin(unit, f"undo:{run.id}", run.done_at, reason="it was right")
        assert target.status == "suspended"


def test_without_a_reason_or_a_change_nothing_is_undone(session, act_as):
    with act_as(OFFICE) as unit:
        with pytest.raises(Invalid):
            begin(unit, "bulk:914", START, reason=" ")
        with pytest.raises(Refused, match="nothing_to_undo"):
            begin(unit, "bulk:914", START, reason="why not")
        assert unit.session.scalars(select(UndoRun)).all() == []


def test_thirty_days_are_the_limit(clock):
    now = clock.now()
    assert may_undo(now - UNDONE_WITHIN, False, now)
    assert may_undo(now - UNDONE_WITHIN - timedelta(seconds=1), False, now).code == "too_late_to_undo"


def _copy(model, number):
    return Target(
        code=make_uscc("9", "1", "640104", f"YY9{number:05d}"),
        code_kind="uscc",
        name=f"撤销示例{number}",
        kind=model.kind,
        region_id=model.region_id,
        address="解放街一号",
        legal_representative="张三示例",
        contact="李四示例",
        status="active",
        updated_at=model.updated_at,
    )
