"""Rows of the units around the journey's city: the city beside it, the region above it, a county below it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.archive.models import Dossier
from app.db import Unit
from app.designer.models import ListRecord, ListType
from app.directories.importing.models import ImportRun
from app.directories.inspectors.models import Expert, Inspector, Leave
from app.directories.libraries.models import Library
from app.directories.outside.models import OutsideMark
from app.directories.recusals.models import Recusal
from app.directories.targets.models import Target
from app.draws.models import Draw, DrawnTarget
from app.inspections.models import CheckForm, FollowUp, Visit
from app.item_lists.models import Item, ItemList
from app.item_lists.rules import ListState
from app.matching.models import Assignment
from app.notifications.models import Message
from app.plans.models import Plan, PlanEntry
from app.publicity.models import Publication
from app.security.models import Account, Agency, CustomRole, Membership, MembershipRole
from app.security.rules import RoleName
from app.tasks.models import Participant, Task, TaskItem
from tests.sweep.bulks import bulk_rows
from tests.sweep.held import held_rows
from tests.sweep.sources import source_rows
from tests.sweep.staff import staff_rows
from tests.sweep.views import view_row


@dataclass(frozen=True)
class Elsewhere:
    """A unit that is not the journey's. `mark` stands in every name of its rows, and nowhere else."""

    relation: str
    region: str
    mark: str

    @property
    def short(self) -> str:
        """The beginning of its numbers."""
        return self.region[:4] if self.relation == "sibling" else self.region

    @property
    def slug(self) -> str:
        return "sweep-elsewhere" if self.relation == "sibling" else f"sweep-{self.relation}"


SIBLING = Elsewhere("sibling", "640200", "密件")
UPPER = Elsewhere("upper", "640000", "密上")
LOWER = Elsewhere("lower", "640104", "密下")
UNITS = (SIBLING, UPPER, LOWER)
FIELDS = [{"key": "f1", "label": "主题", "type": "text", "required": True, "choices": [], "help": ""}]


def agency_of(session: Session, line: str, region: str) -> Agency:
    return session.scalars(select(Agency).where(Agency.code == f"{line}-{region}")).one()


def import_run(agency_id: int, user_id: int, name: str, now: Any) -> ImportRun:
    report = {"rows": 1, "new": 1, "changed": 0, "unchanged": 0, "closed": 0, "bad": 0, "errors": []}
    return ImportRun(
        kind="targets", agency_id=agency_id, user_id=user_id, file_name=name, content=b"", mode="add",
        state="checked", report={**report, "committed": False}, created_at=now,
    )  # fmt: skip


def outside_mark(agency_id: int, target: Target, matter: str, now: Any) -> OutsideMark:
    """A request that waits for its second person."""
    return OutsideMark(
        target_id=target.id, region_id=target.region_id, matter=matter, basis=f"{matter}的依据",
        valid_from=date(2026, 1, 1), valid_until=date(2027, 12, 31), agency_id=agency_id, asked_by="u1", asked_at=now,
    )  # fmt: skip


def composed_role(unit: Unit, office: Agency, name: str) -> None:
    """A role that the office composed; nobody holds it."""
    role = Role(name=f"custom-{office.code}")
    unit.session.add(role)
    unit.session.flush()
    unit.session.add(
        CustomRole(
            role_id=role.id, office_id=office.id, name=name, bases=["clerk"], created_at=unit.clock.now()
        )
    )  # fmt: skip


def _inspector(unit: Unit, agency: Agency, place: Elsewhere) -> Inspector:
    session = unit.session
    name = f"{place.mark}人员"
    account = Account(
        username=f"sweep_{place.region}", display_name=name, first_name=name, last_name="", active=True,
        email=f"sweep_{place.region}@example.invalid",
    )  # fmt: skip
    held = Membership(user=account, agency_id=agency.id)
    role = session.scalars(select(Role).where(Role.name == RoleName.INSPECTOR)).one()
    held.roles.append(MembershipRole(role=role))
    session.add_all([account, held])
    session.flush()
    found = Inspector(
        certificate_no=f"SWEEP-{place.region}", name=name, agency_id=agency.id, regions=[place.region],
        user_id=account.id, certificate_from=date(2024, 1, 1), certificate_until=date(2099, 12, 31),
    )  # fmt: skip
    session.add(found)
    session.flush()
    return found


def leave_rows(unit: Unit, place: Elsewhere) -> None:
    """Rows of every kind that has a page, as the people of the unit would have left them."""
    session, now = unit.session, unit.clock.now()
    mark, region, short = place.mark, place.region, place.short
    office, police, amr = (agency_of(session, line, region) for line in ("OFFICE", "POLICE", "AMR"))
    inspector = _inspector(unit, police, place)
    target = Target(
        code=f"SWEEP{region}", code_kind="internal", name=f"{mark}对象示例", kind="enterprise",
        region_id=police.region_id, address=f"{mark}路1号", legal_representative="某",
        contact="某", risk_class="N",
    )  # fmt: skip
    session.add(target)
    session.flush()
    held_rows(unit, target)
    rule = {"kinds": ["enterprise"], "industries": ["61"], "regions": [region], "status": ["active"]}
    selection = {"kind": "total", "number": 1, "multipliers": {}}
    plan = Plan(
        kind="joint",
        no=f"{short}-{mark}-J",
        name=f"{mark}计划",
        agency_id=office.id,
        year=2026,
        state="draft",
    )
    entry = PlanEntry(
        plan=plan, no=1, name=f"{mark}项目", initiator_id=police.id, category="key", rule=rule,
        selection=selection, month_from=1, month_to=12, state="published",
    )  # fmt: skip
    session.add_all([plan, entry])
    session.flush()
    task = Task(
        no=f"{short}-{mark}-0001", name=f"{mark}任务", entry_id=entry.id, initiator_id=police.id,
        region_id=police.region_id, state="matched", rule=rule, selection=selection, category="key",
        content=f"{mark}内容", period_from=date(2026, 11, 1), period_to=date(2026, 12, 31),
        created_by="u1", created_at=now,
    )  # fmt: skip
    session.add(task)
    session.flush()
    session.add(Participant(task_id=task.id, agency_id=amr.id, state="pending"))
    item_list = ItemList(
        kind="department", agency_id=police.id, year=2025, name=f"{mark}清单", state=ListState.DRAFT.value
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
        list_id=item_list.id, code=f"SWEEP-{region}-1", name=f"{mark}事项",
    )  # fmt: skip
    session.add(item)
    session.flush()
    session.add(TaskItem(task_id=task.id, agency_id=police.id, item_id=item.id))
    draw = Draw(draw_no=f"{short}-{mark}-0001-1", task_id=task.id, ordinal=1, state="drawn", drawn_at=now)
    draw.plan, draw.plan_hash = {"frame": {"rows": 1}}, "0" * 64
    session.add(draw)
    session.flush()
    drawn = DrawnTarget(
        draw_id=draw.id, task_id=task.id, target_id=target.id, code=target.code, batch=0, stratum="S1",
        rank=1, ticket=f"{1:064x}", region_code=region,
    )  # fmt: skip
    session.add(drawn)
    session.flush()
    assignment = Assignment(
        draw_id=draw.id, task_id=task.id, drawn_target_id=drawn.id, agency_id=police.id,
        inspector_id=inspector.id, role="lead", state="proposed",
    )  # fmt: skip
    visit = Visit(no=f"{short}-{mark}-V001", task_id=task.id, drawn_target_id=drawn.id, target_id=target.id)
    session.add_all([assignment, visit])
    session.flush()
    form = CheckForm(
        no=f"{short}-{mark}-V001-P",
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
                no=f"{short}-{mark}-F1", form_id=form.id, task_id=task.id, target_id=target.id,
                agency_id=police.id, state="open", problem=f"{mark}问题", opened_at=now,
            ),
            Library(name=f"{mark}库", kind="category", agency_id=police.id, rule=rule),
            outside_mark(police.id, target, f"{mark}事项", now),
            Leave(inspector_id=inspector.id, first_day=now.date(), last_day=now.date(), reason=mark),
            Expert(code=f"SWEEP-{region}-E", name=f"{mark}专家", institution="示例", agency_id=police.id),
            Publication(
                kind="result", subject_key=f"{mark}-R", subject_id=form.id, agency_id=police.id, state="failed"
            ),
            Dossier(
                no=f"{short}-{mark}-D", task_id=task.id, agency_id=police.id, edition=1, contents=[], size=1,
                sha256="0" * 64, built_at=now,
            ),
            Recusal(
                inspector_id=inspector.id, target_id=target.id, agency_id=police.id, reason="EMPLOYER",
                declared_by="agency", since=now.date(), evidence=mark,
            ),
        ]
    )  # fmt: skip
    kind = ListType(
        slug=place.slug, name=f"{mark}登记", agency_id=office.id, fields=FIELDS, created_by="u1",
        created_at=now,
    )  # fmt: skip
    session.add(kind)
    session.flush()
    session.add(ListRecord(type_id=kind.id, agency_id=office.id, data={"f1": mark}, updated_at=now))
    session.add(
        Message(
            key=f"sweep {region}", user_id=inspector.user_id, kind="x", title=mark, created_at=now, link="/"
        )
    )
    session.add(import_run(police.id, inspector.user_id, f"{mark}.csv", now))
    view_row(unit, inspector.user_id, police.id, f"{mark}视图", shared=True)
    bulk_rows(unit, inspector.user_id, police.id, mark)
    staff_rows(unit, inspector, target.id)
    composed_role(unit, office, f"{mark}角色")
    source_rows(unit, office, police, target, mark)
    session.flush()
