"""What is kept of batches, and for how long."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.directories.sources.jobs import forget
from app.directories.sources.models import SourcePush, SourceRow
from app.directories.sources.pushing.envelope import KEY_KEPT, PUSHES_KEPT
from app.directories.sources.pushing.service import push_targets
from tests.directories.sources.batches import row, system


def test_answers_go_after_a_week_and_batches_after_a_year_but_not_what_they_brought(
    act_as, act_as_system, session
):
    system(act_as)
    with act_as("office") as unit:
        push_targets(unit, "registration", [row(1)], key="k", digest=b"1")
    for age, left in ((timedelta(days=1), "k"), (KEY_KEPT + timedelta(days=1), None)):
        with act_as_system() as unit:
            unit.session.query(SourcePush).update({"received_at": unit.clock.now() - age})
            forget(unit, "2026-11-23")
        session.expire_all()
        assert session.scalars(select(SourcePush.idempotency_key)).all() == [left]
    with act_as_system() as unit:
        old = unit.clock.now() - PUSHES_KEPT - timedelta(days=1)
        unit.session.query(SourcePush).update({"received_at": old})
        forget(unit, "2026-11-23")
    assert session.query(SourcePush).count() == 0
    assert session.query(SourceRow).count() == 1
