"""A database with one whole inspection in it, work half done beside it, and a small task of another city.

Built once for a state of the code and kept as a template of its own; `Ids` names what stands where.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.archive.models import Dossier
from app.db import Unit
from app.designer.models import ListRecord, ListType
from app.designer.services import READERS, WRITERS, permission_name
from app.directories.inspectors.models import Expert, Inspector, Leave
from app.directories.libraries.models import Library
from app.directories.models import ImportRun
from app.directories.recusals.models import Recusal
from app.directories.targets.models import Target
from app.draws.models import Draw, DrawnTarget
from app.inspections.models import CheckForm, FollowUp, Visit
from app.item_lists.models import Item, ItemList, JointItem
from app.item_lists.rules import ListState
from app.jobs.models import Outbox
from app.matching.models import Assignment
from app.notifications.models import Message
from app.plans.models import Plan, PlanEntry
from app.publicity.models import Publication, PublicRecord
from app.publicity.services import publish_list
from app.security.grants import grant
from app.security.models import Account, Agency
from app.security.scope import Scope
from app.tasks.models import Participant, Task, TaskItem
from app.web.demo.actors import looking
from app.web.demo.checking import archived_task, checked_task, run_jobs
from app.web.demo.drawing import matched_draw
from app.web.demo.planning import answered_task, published_entry

HOME = "640100"
ELSEWHERE = "640200"
SECRET = "密件"
"""Stands in every name of the other city's rows, and nowhere else."""


@dataclass
class Ids:
    """Values of the parameters of routes, by kind: `own` of the journey, `foreign` of the other city."""

    own: dict[str, Any] = field(default_factory=dict)
    foreign: dict[str, Any] = field(default_factory=dict)


def play() -> None:
    """One task to its dossier, then the rows of the other city, then another task that is answered."""
    entry = published_entry()
    task_id = answered_task(entry)
    matched_draw(task_id, entry)
    checked_task(task_id, entry)
    archived_task(task_id, entry)
    with looking("the other city") as unit:
        _elsewhere(unit)
        _beside(unit)
    run_jobs()


def _agency(session: Session, code: str) -> Agency:
    return session.scalars(select(Agency).where(Agency.code == code)).one()


def _elsewhere(unit: Unit) -> None:
    """Rows of 640200, of every kind that has a page, as its people would have left them."""
    session, now = unit.session, unit.clock.now()
    office, police, amr = (_agency(session, f"{line}-{ELSEWHERE}") for line in ("OFFICE", "POLICE", "AMR"))
    inspectors = list(session.scalars(select(Inspector).where(Inspector.agency_id == police.id).limit(2)))
    target = session.scalars(select(Target).where(Target.region_id == police.region_id).limit(1)).first()
    if target is None:
        target = Target(
            code="91640200YYSWEEPX01", code_kind="internal", name=f"{SECRET}对象示例", kind="enterprise",
            region_id=police.region_id, address=f"{SECRET}路1号", legal_representative="某", contact="某",
            risk_class="N",
        )  # fmt: skip
        session.add(target)
    target.name = f"{SECRET}对象示例"
    rule = {"kinds": ["enterprise"], "industries": ["61"], "regions": [ELSEWHERE], "status": ["active"]}
    selection = {"kind": "total", "number": 1, "multipliers": {}}
    plan = Plan(
        kind="joint",
        no=f"6402-{SECRET}-J",
        name=f"{SECRET}计划",
        agency_id=office.id,
        year=2026,
        state="draft",
    )
    entry = PlanEntry(
        plan=plan, no=1, name=f"{SECRET}项目", initiator_id=police.id, category="key", rule=rule,
        selection=selection, month_from=1, month_to=12, state="published",
    )  # fmt: skip
    session.add_all([plan, entry])
    session.flush()
    task = Task(
        no=f"6402-{SECRET}-0001", name=f"{SECRET}任务", entry_id=entry.id, initiator_id=police.id,
        region_id=police.region_id, state="matched", rule=rule, selection=selection, category="key",
        content=f"{SECRET}内容", period_from=date(2026, 11, 1), period_to=date(2026, 12, 31),
        created_by="u1", created_at=now,
    )  # fmt: skip
    session.add(task)
    session.flush()
    session.add(Participant(task_id=task.id, agency_id=amr.id, state="pending"))
    item_list = ItemList(
        kind="department", agency_id=police.id, year=2025, name=f"{SECRET}清单", state=ListState.DRAFT.value
    )
    session.add(item_list)
    session.flush()
    pattern = session.scalars(select(Item).where(Item.line_code == "police").limit(1)).one()
    item = Item(
        **{
            column.key: getattr(pattern, column.key)
            for column in Item.__table__.columns
            if column.key not in {"id", "list_id", "code", "name", "version", "search_grams"}
        },
        list_id=item_list.id, code="SWEEP-1", name=f"{SECRET}事项",
    )  # fmt: skip
    session.add(item)
    session.flush()
    session.add(TaskItem(task_id=task.id, agency_id=police.id, item_id=item.id))
    draw = Draw(draw_no=f"6402-{SECRET}-0001-1", task_id=task.id, ordinal=1, state="drawn", drawn_at=now)
    draw.plan, draw.plan_hash = {"frame": {"rows": 1}}, "0" * 64
    session.add(draw)
    session.flush()
    drawn = DrawnTarget(
        draw_id=draw.id, task_id=task.id, target_id=target.id, code=target.code, batch=0, stratum="S1",
        rank=1, ticket=f"{1:064x}", region_code=ELSEWHERE,
    )  # fmt: skip
    session.add(drawn)
    session.flush()
    assignment = Assignment(
        draw_id=draw.id, task_id=task.id, drawn_target_id=drawn.id, agency_id=police.id,
        inspector_id=inspectors[0].id, role="lead", state="proposed",
    )  # fmt: skip
    visit = Visit(no=f"6402-{SECRET}-V001", task_id=task.id, drawn_target_id=drawn.id, target_id=target.id)
    session.add_all([assignment, visit])
    session.flush()
    form = CheckForm(
        no=f"6402-{SECRET}-V001-P",
        visit_id=visit.id,
        task_id=task.id,
        agency_id=police.id,
        state="not_started",
    )
    session.add(form)
    session.flush()
    session.add_all(
        [
            FollowUp(
                no=f"6402-{SECRET}-F1", form_id=form.id, task_id=task.id, target_id=target.id,
                agency_id=police.id, state="open", problem=f"{SECRET}问题", opened_at=now,
            ),
            Library(name=f"{SECRET}库", kind="category", agency_id=police.id, rule=rule),
            Leave(inspector_id=inspectors[0].id, first_day=now.date(), last_day=now.date(), reason=SECRET),
            Expert(code="SWEEP-E2", name=f"{SECRET}专家", institution="示例", agency_id=police.id),
            Publication(
                kind="result", subject_key=f"{SECRET}-R", subject_id=form.id, agency_id=police.id, state="failed"
            ),
            Dossier(
                no=f"6402-{SECRET}-D", task_id=task.id, agency_id=police.id, edition=1, contents=[], size=1,
                sha256="0" * 64, built_at=now,
            ),
            Recusal(
                inspector_id=inspectors[0].id, target_id=target.id, agency_id=police.id, reason="EMPLOYER",
                declared_by="agency", since=now.date(), evidence=SECRET,
            ),
        ]
    )  # fmt: skip
    kind = ListType(
        slug="sweep-elsewhere", name=f"{SECRET}登记", agency_id=office.id, fields=_FIELDS, created_by="u1",
        created_at=now,
    )  # fmt: skip
    session.add(kind)
    session.flush()
    session.add(ListRecord(type_id=kind.id, agency_id=office.id, data={"f1": SECRET}, updated_at=now))
    account = session.scalars(
        select(Account)
        .join(Inspector, Inspector.user_id == Account.id)
        .where(Inspector.id == inspectors[0].id)
    ).one()
    session.add(Message(key="sweep", user_id=account.id, kind="x", title=SECRET, created_at=now, link="/"))
    session.add(_import_run(police.id, account.id, f"{SECRET}.csv", now))
    session.flush()


_FIELDS = [{"key": "f1", "label": "主题", "type": "text", "required": True, "choices": [], "help": ""}]


def _import_run(agency_id: int, user_id: int, name: str, now: Any) -> ImportRun:
    report = {"rows": 1, "new": 1, "changed": 0, "unchanged": 0, "closed": 0, "bad": 0, "errors": []}
    return ImportRun(
        kind="targets", agency_id=agency_id, user_id=user_id, file_name=name, content=b"", mode="add",
        state="checked", report={**report, "committed": False}, created_at=now,
    )  # fmt: skip


def _beside(unit: Unit) -> None:
    """What the journey leaves no row of, for the journey's agencies."""
    session, now = unit.session, unit.clock.now()
    office, police = (_agency(session, f"{line}-{HOME}") for line in ("OFFICE", "POLICE"))
    inspector = session.scalars(select(Inspector).where(Inspector.agency_id == police.id).limit(1)).one()
    kind = ListType(
        slug="sweep-own",
        name="值班登记",
        agency_id=office.id,
        fields=_FIELDS,
        created_by="u1",
        created_at=now,
    )
    rule = {"kinds": ["enterprise"], "industries": ["61"], "regions": [HOME], "status": ["active"]}
    session.add_all(
        [
            kind,
            Library(name="旅馆库", kind="category", agency_id=police.id, rule=rule),
            Leave(inspector_id=inspector.id, first_day=now.date(), last_day=now.date() + timedelta(days=2)),
            Expert(code="SWEEP-E1", name="专家示例", institution="示例", agency_id=police.id),
            _import_run(police.id, _account(session, "police_admin"), "本局.csv", now),
        ]
    )
    session.flush()
    session.add(ListRecord(type_id=kind.id, agency_id=office.id, data={"f1": "甲"}, updated_at=now))
    for slug in ("sweep-own", "sweep-elsewhere"):
        held = dict.fromkeys(("can_list", "can_show"), READERS)
        grant(
            session,
            permission_name(slug),
            {**held, **dict.fromkeys(("can_add", "can_edit", "can_delete"), WRITERS)},
        )
    publish_list(unit, session.scalars(select(ItemList).where(ItemList.state == "published").limit(1)).one())


def _account(session: Session, username: str) -> int:
    return session.scalars(select(Account.id).where(Account.username == username)).one()


def ids(session: Session) -> Ids:
    """The keys of both cities' rows, read back from the database.

    A request of a test that ran before has left its scope in the session, so the scope is named here.
    """
    session.info["scope"] = Scope.system("keys of the sweep")
    found = Ids()
    task = session.scalars(select(Task).where(Task.state.in_(["closed", "archived"]))).one()
    for here, wanted in ((True, found.own), (False, found.foreign)):
        police = _agency(session, f"POLICE-{HOME if here else ELSEWHERE}")
        office = _agency(session, f"OFFICE-{HOME if here else ELSEWHERE}")
        mine = task if here else session.scalars(select(Task).where(Task.name == f"{SECRET}任务")).one()

        def first(model: Any, *conditions: Any) -> Any:
            return session.scalars(select(model).where(*conditions).order_by(model.id).limit(1)).one()

        draw = first(Draw, Draw.task_id == mine.id)
        follow_up = session.scalars(select(FollowUp).where(FollowUp.task_id == mine.id).limit(1)).one()
        leave = first(
            Leave, Leave.inspector_id.in_(select(Inspector.id).where(Inspector.agency_id == police.id))
        )
        kind = first(ListType, ListType.agency_id == office.id)
        entry = session.get(PlanEntry, mine.entry_id)
        named = ItemList.name == f"{SECRET}清单"
        items = first(ItemList, ItemList.kind == "department", ~named if here else named)
        lead = first(Assignment, Assignment.draw_id == draw.id, Assignment.agency_id == police.id)
        visit = first(Visit, Visit.drawn_target_id == lead.drawn_target_id)
        form = first(CheckForm, CheckForm.visit_id == visit.id, CheckForm.agency_id == police.id)
        run = first(ImportRun, ImportRun.agency_id == police.id)
        wanted.update(
            task=mine.id, task_no=mine.no, draw_no=draw.draw_no, drawn=first(DrawnTarget, DrawnTarget.draw_id == draw.id).id,
            participant=first(Participant, Participant.task_id == mine.id).id, form=form.id, form_no=form.no,
            follow_up=follow_up.id, visit=visit.id, target=visit.target_id, inspector=leave.inspector_id,
            leave=leave.id, library=first(Library, Library.agency_id == police.id).id, slug=kind.slug,
            record=first(ListRecord, ListRecord.type_id == kind.id).id, plan=entry.plan_id, entry=entry.id,
            item_list=items.id, item=first(Item, Item.list_id == items.id).id,
            expert=first(Expert, Expert.agency_id == police.id).id,
            publication=first(Publication, Publication.agency_id == police.id).id,
            dossier=first(Dossier, Dossier.agency_id == police.id).id, import_run=run.id,
            recusal=first(Recusal, Recusal.agency_id == police.id).id,
            assignment=first(Assignment, Assignment.draw_id == draw.id).id,
            message=first(Message, Message.user_id == (_account(session, "police_clerk") if here else run.user_id)).id,
            target_code=session.get(Target, visit.target_id).code,
        )  # fmt: skip
    found.own.update(
        joint_item=session.scalars(select(JointItem.id).order_by(JointItem.id).limit(1)).one(),
        job=session.scalars(select(Outbox.id).order_by(Outbox.id).limit(1)).one(),
        result=session.scalars(select(PublicRecord.key).where(PublicRecord.kind == "result").limit(1)).one(),
        public_plan=session.scalars(
            select(PublicRecord.key).where(PublicRecord.kind == "plan").limit(1)
        ).one(),
        public_list=session.scalars(
            select(PublicRecord.key).where(PublicRecord.kind == "list").limit(1)
        ).first(),
    )
    return found
