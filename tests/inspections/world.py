"""A matched draw, stored as rows, not by verbs: two targets, three agencies, two inspectors each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timezone

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Unit
from app.directories.inspectors.models import Inspector
from app.directories.targets.models import Target
from app.draws.models import Draw, DrawnTarget
from app.inspections.models import CheckForm, Visit
from app.inspections.rules import FormEntry, LineEntry
from app.item_lists.models import Item
from app.matching.models import Assignment
from app.plans.models import Plan, PlanEntry
from app.security.models import Account, Agency, Region
from app.tasks.models import Participant, Task, TaskItem

DAY = date(2026, 11, 23)
AT = datetime(2026, 11, 20, 1, tzinfo=timezone.utc)
ITEMS = {"POLICE-640100": "POLICE-01", "AMR-640100": "AMR-01", "HEALTH-640100": "HEALTH-01"}


@dataclass(frozen=True)
class World:
    task_id: int
    draw_id: int
    drawn_ids: tuple[int, ...]
    target_ids: tuple[int, ...]
    people: dict[str, tuple[str, ...]]
    """User names of the matched inspectors by agency code, leader first; the same group for every target."""
    idle: dict[str, str]
    """An inspector of the agency who is not matched."""


def make_world(unit: Unit, targets: int = 2, method: str = "on_site") -> World:
    """:param unit: of the system"""
    session = unit.session
    agencies = {code: _agency(session, code) for code in ITEMS}
    police = agencies["POLICE-640100"]
    region = session.scalars(select(Region).where(Region.code == "640100")).one()
    rule = {"kinds": ["enterprise"], "industries": ["61"], "regions": ["640100"], "status": ["active"]}
    selection = {"kind": "total", "number": targets}
    plan = Plan(
        kind="joint",
        no="6401-2026-J-T",
        name="计划",
        agency_id=_agency(session, "OFFICE-640100").id,
        year=2026,
        state="published",
    )
    entry = PlanEntry(
        plan=plan,
        no=1,
        name="旅馆业联合抽查",
        initiator_id=police.id,
        category="key",
        rule=rule,
        selection=selection,
        month_from=11,
        month_to=12,
        state="published",
    )
    session.add_all([plan, entry])
    session.flush()
    task = Task(
        no="6401-2026-9001",
        name="旅馆业联合抽查",
        entry_id=entry.id,
        initiator_id=police.id,
        region_id=region.id,
        state="matched",
        rule=rule,
        selection=selection,
        category="key",
        content="旅馆业治安、卫生、登记事项",
        method=method,
        period_from=date(2026, 11, 20),
        period_to=date(2026, 12, 31),
        created_by=_code(session, "police_clerk"),
        created_at=AT,
    )
    session.add(task)
    session.flush()
    for code in ("AMR-640100", "HEALTH-640100"):
        session.add(Participant(task_id=task.id, agency_id=agencies[code].id, state="accepted"))
    for code, item_code in ITEMS.items():
        item = session.scalars(select(Item).where(Item.code == item_code)).first()
        session.add(TaskItem(task_id=task.id, agency_id=agencies[code].id, item_id=item.id))
    return _draw(session, task, agencies, targets)


def _draw(session: Session, task: Task, agencies: dict[str, Agency], number: int) -> World:
    draw = Draw(
        draw_no=f"{task.no}-1", task_id=task.id, ordinal=1, state="drawn", drawn_at=AT, seed="00" * 32
    )
    session.add(draw)
    session.flush()
    below = select(Region.id).where(Region.path.startswith("640000/640100"))
    found = session.scalars(
        select(Target)
        .where(Target.kind == "enterprise", Target.region_id.in_(below), Target.status == "active")
        .order_by(Target.id)
        .limit(number)
    ).all()
    drawn = [
        DrawnTarget(
            draw_id=draw.id,
            task_id=task.id,
            target_id=target.id,
            code=target.code,
            batch=0,
            stratum="S1",
            rank=rank,
            ticket=f"{rank:064x}",
            region_code="640100",
        )
        for rank, target in enumerate(found, 1)
    ]
    session.add_all(drawn)
    session.flush()
    people, idle = {}, {}
    for code, agency in agencies.items():
        able = session.scalars(
            select(Inspector)
            .where(
                Inspector.agency_id == agency.id,
                Inspector.certified,
                Inspector.certificate_until > date(2027, 2, 1),
            )
            .order_by(Inspector.id)
            .limit(3)
        ).all()
        for row in drawn:
            for role, inspector in zip(("lead", "member"), able, strict=False):
                session.add(
                    Assignment(
                        draw_id=draw.id,
                        task_id=task.id,
                        drawn_target_id=row.id,
                        agency_id=agency.id,
                        inspector_id=inspector.id,
                        role=role,
                        state="confirmed",
                    )
                )
        people[code] = tuple(i.user.username for i in able[:2])
        idle[code] = able[2].user.username
    session.flush()
    return World(task.id, draw.id, tuple(d.id for d in drawn), tuple(t.id for t in found), people, idle)


def _agency(session: Session, code: str) -> Agency:
    return session.scalars(select(Agency).where(Agency.code == code)).one()


def _code(session: Session, username: str) -> str:
    return f"u{session.scalars(select(Account.id).where(Account.username == username)).one()}"


def form_of(session: Session, world: World, agency: str, number: int = 0) -> CheckForm:
    """The form of an agency for the drawn target of this number."""
    return session.scalars(
        select(CheckForm)
        .join(Visit, Visit.id == CheckForm.visit_id)
        .join(Agency, Agency.id == CheckForm.agency_id)
        .where(Visit.drawn_target_id == world.drawn_ids[number], Agency.code == agency)
    ).one()


def entry_for(form: CheckForm, result_id: int | None, **changes: object) -> FormEntry:
    """A complete entry: every line without a problem, today's visit."""
    values: dict[str, object] = {
        "result_id": result_id,
        "lines": {line["key"]: LineEntry("ok") for line in form.lines},
        "started_on": DAY,
        "ended_on": DAY,
        "version": form.version,
    }
    return FormEntry(**{**values, **changes})  # type: ignore[arg-type]
