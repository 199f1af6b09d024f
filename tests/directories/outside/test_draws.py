"""What a draw makes of the marks (R-3.3)."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from app.directories.libraries.queries import select_targets
from app.directories.outside import services
from app.directories.targets.models import Target
from app.draws.outlook import outlook, rule_of
from app.draws.queries import read_file
from app.kernel.errors import Refused
from app.tasks.models import Task

WORDS = {
    "basis": "《某法》第三条：重点领域不适用随机抽查。",
    "valid_from": date(2026, 1, 1),
    "valid_until": date(2027, 12, 31),
}

pytestmark = pytest.mark.rule("R-3.3")


def _mark(act_as, **what):
    with act_as("police_clerk") as unit:
        mark = services.ask(unit, matter="旅馆业治安检查", **what, **WORDS).id
    with act_as("police_reviewer") as unit:
        services.approve(unit, mark)


def test_a_frozen_list_leaves_a_marked_target_out_and_says_how_many(
    act_as, client_as, session, task, ceremony
):
    with act_as("police_clerk") as unit:
        rule = rule_of(unit.session.get(Task, task.id))
        target = unit.session.scalars(select_targets(unit.session, rule).order_by(Target.id)).first()
        before = outlook(unit.session, unit.session.get(Task, task.id))
    _mark(act_as, target_id=target)
    with act_as("police_clerk") as unit:
        after = outlook(unit.session, unit.session.get(Task, task.id))
    assert (after.rows, after.outside) == (before.rows - 1, before.outside + 1)
    assert "R-3.3" in client_as("police_clerk").get(f"/draws/freeze/{task.id}").text
    draw = ceremony.freeze()
    code = session.scalars(select(Target.code).where(Target.id == target)).one()
    text = read_file(session, draw.id, "frame.tsv").decode()
    assert code not in text
    assert text.count("\n") - 2 == after.rows


def test_a_task_whose_item_is_marked_is_not_frozen(act_as, task, ceremony):
    own = next(part.item_id for part in task.items if part.agency_id == task.initiator_id)
    _mark(act_as, item_id=own)
    with pytest.raises(Refused) as refusal:
        ceremony.freeze()
    assert refusal.value.code == "draw_item_outside"
