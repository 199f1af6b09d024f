"""A ready task of the demo, and a ceremony played through the services; shared by the tests of draws and
matching.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Unit
from app.draws import services
from app.draws.engine.seed import witness_commitment
from app.draws.models import Draw
from app.draws.queries.witnesses import possible_witnesses
from app.item_lists.models import Item, JointItem
from app.kernel.clock import today
from app.kernel.hashing import SHA256
from app.plans.models import Plan, PlanEntry
from app.security.models import Account, Agency
from app.tasks.models import Participant, Task, TaskItem
from seeds.demo.plans import hotel_entry

Acting = Callable[[str], AbstractContextManager[Unit]]
CLERKS = {"AMR-640100": "amr_clerk", "HEALTH-640100": "health_clerk", "POLICE-640100": "police_clerk"}


def make_task(session: Session, now: datetime, *, no: str = "6401-2026-0001", **changes: Any) -> Task:
    """The police's hotel task, accepted by health and market supervision: ready to be drawn."""
    row = hotel_entry(date(now.year, 11, 1))
    agencies = {a.code: a for a in session.scalars(select(Agency).where(Agency.code.like("%640100")))}
    police = agencies["POLICE-640100"]
    joint = session.scalars(select(JointItem).where(JointItem.code == row["joint_code"])).one()
    rule = {name: list(row[name]) for name in ("kinds", "industries", "regions")}
    ratios = {letter: {"num": n, "den": 1000} for letter, n in row["ratios"].items()}
    selection = {"kind": "per_class", "ratios": ratios, "min": 0}
    plan = session.scalars(select(Plan).where(Plan.no == "TEST-J")).first()
    plan = plan or Plan(
        kind="joint",
        no="TEST-J",
        name="plan",
        agency_id=agencies["OFFICE-640100"].id,
        year=now.year + 10,
        state="published",
    )
    entry = PlanEntry(
        plan=plan,
        no=1 + len(plan.entries),
        name=row["name"],
        joint_item_id=joint.id,
        initiator_id=police.id,
        category=joint.category,
        rule=rule,
        selection=selection,
        month_from=1,
        month_to=12,
        state="in_progress",
    )
    session.add_all([plan, entry])
    session.flush()
    wanted = {
        "no": no,
        "name": row["name"],
        "entry_id": entry.id,
        "initiator_id": police.id,
        "region_id": police.region_id,
        "state": "ready",
        "rule": rule,
        "selection": selection,
        "category": joint.category,
        "content": "检查",
        "period_from": (now + timedelta(days=2)).date(),
        "period_to": (now + timedelta(days=30)).date(),
        "created_by": "u1",
        "created_at": now,
    }
    task = Task(**{**wanted, **changes})
    session.add(task)
    session.flush()
    parts = {row["agency_code"]: row["items"], **{p["agency_code"]: p["items"] for p in row["participants"]}}
    for code, items in parts.items():
        if agencies[code].id != police.id:
            session.add(Participant(task_id=task.id, agency_id=agencies[code].id, state="accepted"))
        for item in session.scalars(select(Item).where(Item.code.in_(items))):
            session.add(TaskItem(task_id=task.id, agency_id=agencies[code].id, item_id=item.id))
    session.commit()
    return task


@dataclass
class Ceremony:
    """Plays the parts of the people in a draw, each in the own log-in."""

    act_as: Acting
    clock: Any
    task_id: int
    values: dict[str, tuple[str, str]] = field(default_factory=dict)

    def freeze(self, **changes: Any) -> Draw:
        with self.act_as("police_clerk") as unit:
            task = unit.session.get(Task, self.task_id)
            assert task is not None
            wanted = {
                "witnesses": possible_witnesses(unit.session, task, today(unit.clock)),
                "until": self.clock.now() + timedelta(hours=8),
                **changes,
            }
            return services.freeze(unit, self.task_id, **wanted)

    def account_of(self, draw: Draw, witness: str) -> str:
        return CLERKS.get(witness, "auditor")

    def digest(self, draw: Draw, witness: str) -> str:
        """As the witness's browser does it: value and nonce stay there."""
        value, nonce = self.values.setdefault(witness, (f"数{witness}☃", secrets.token_hex(16)))
        return witness_commitment(
            SHA256, bytes.fromhex(draw.plan_hash or ""), witness, value, bytes.fromhex(nonce)
        ).hex()

    def commit(self, draw: Draw, witness: str) -> Draw:
        with self.act_as(self.account_of(draw, witness)) as unit:
            return services.commit_contribution(unit, draw.id, witness, self.digest(draw, witness))

    def reveal(self, draw: Draw, witness: str) -> Draw:
        with self.act_as(self.account_of(draw, witness)) as unit:
            return services.reveal_contribution(unit, draw.id, witness, *self.values[witness])

    def run(self, draw: Draw) -> Draw:
        with self.act_as("police_clerk") as unit:
            return services.run_draw(unit, draw.id)

    def to_closing(self) -> Draw:
        draw = self.freeze()
        for witness in (draw.plan or {})["witnesses"]:
            self.clock.advance(seconds=7.3)
            draw = self.commit(draw, witness)
        return draw

    def to_the_draw(self) -> Draw:
        draw = self.to_closing()
        for witness in reversed((draw.plan or {})["witnesses"]):
            self.clock.advance(seconds=5)
            draw = self.reveal(draw, witness)
        return self.run(draw)


def auditor_code(session: Session) -> str:
    return f"u{session.scalars(select(Account.id).where(Account.username == 'auditor')).one()}"
