"""A database with one whole inspection in it, work half done beside it, and a small task of another city.

Built once for a state of the code and kept as a template of its own; `Ids` names what stands where.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.archive.models import Dossier
from app.db import Unit
from app.designer.models import ListRecord, ListType
from app.designer.services import READERS, WRITERS, permission_name
from app.directories.importing.models import ImportRun
from app.directories.inspectors.models import Expert, Inspector, Leave
from app.directories.libraries.models import Library
from app.directories.outside.models import OutsideMark
from app.directories.recusals.models import Recusal
from app.directories.targets.models import Target
from app.draws.models import Draw, DrawnTarget
from app.inspections.models import CheckForm, FollowUp, Visit
from app.item_lists.models import Item, ItemList, JointItem
from app.jobs.models import Outbox
from app.matching.models import Assignment
from app.notifications.models import Message
from app.ops.models import LogExport, SecurityAlert
from app.people.models import Invitation, InviteBatch, MoveRequest
from app.plans.models import PlanEntry
from app.publicity.models import Publication, PublicRecord
from app.publicity.services import publish_list
from app.security.grants import grant
from app.security.login.factors.models import SecurityKey
from app.security.login.models import LoginSession
from app.security.models import Account, CustomRole, Membership, MembershipRole
from app.security.scope import Scope
from app.tasks.models import Participant, Task
from app.web.demo.actors import looking
from app.web.demo.checking import archived_task, checked_task, run_jobs
from app.web.demo.drawing import matched_draw
from app.web.demo.planning import answered_task, published_entry
from tests.sweep.bulks import bulk_keys, bulk_rows
from tests.sweep.held import held_keys, held_rows
from tests.sweep.sources import source_keys, source_rows
from tests.sweep.staff import staff_keys, staff_rows
from tests.sweep.units import FIELDS, SIBLING, UNITS, agency_of, import_run, leave_rows, outside_mark
from tests.sweep.views import view_keys, view_row

PERSON = "police_reviewer_b"
"""Whom the acts on people are about; not one of the browsers, which stay logged in."""
LOCKED = "amr_reviewer_b"
"""An account with too many failed log-ins."""
HOME = "640100"
SECRET = SIBLING.mark
"""Stands in every name of the other city's rows, and nowhere else."""


@dataclass
class Ids:
    """Values of the parameters of routes, by kind: `own` of the journey, and of the units around its city."""

    own: dict[str, Any] = field(default_factory=dict)
    around: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def foreign(self) -> dict[str, Any]:
        """Of the other city."""
        return self.around[SIBLING.relation]


def play() -> None:
    """One task to its dossier, then the rows of the units around it, then another task that is answered."""
    entry = published_entry()
    task_id = answered_task(entry)
    matched_draw(task_id, entry)
    checked_task(task_id, entry)
    archived_task(task_id, entry)
    with looking("the units around the city") as unit:
        for place in UNITS:
            leave_rows(unit, place)
        _beside(unit)
    run_jobs()


def _beside(unit: Unit) -> None:
    """What the journey leaves no row of, for the journey's agencies."""
    session, now = unit.session, unit.clock.now()
    office, police = (agency_of(session, line, HOME) for line in ("OFFICE", "POLICE"))
    inspector = session.scalars(select(Inspector).where(Inspector.agency_id == police.id).limit(1)).one()
    kind = ListType(
        slug="sweep-own",
        name="值班登记",
        agency_id=office.id,
        fields=FIELDS,
        created_by="u1",
        created_at=now,
    )
    rule = {"kinds": ["enterprise"], "industries": ["61"], "regions": [HOME], "status": ["active"]}
    session.add_all(
        [
            kind,
            Library(name="旅馆库", kind="category", agency_id=police.id, rule=rule),
            outside_mark(
                police.id,
                session.scalars(select(Target).order_by(Target.id).limit(1)).one(),
                "旅馆业治安检查",
                now,
            ),
            Leave(inspector_id=inspector.id, first_day=now.date(), last_day=now.date() + timedelta(days=2)),
            Expert(code="SWEEP-E1", name="专家示例", institution="示例", agency_id=police.id),
            import_run(police.id, _account(session, "police_admin"), "本局.csv", now),
        ]
    )
    view_row(unit, _account(session, "police_clerk"), police.id, "本人视图", shared=False)
    bulk_rows(unit, _account(session, "police_admin"), police.id, "本局批量")
    session.flush()
    session.add(ListRecord(type_id=kind.id, agency_id=office.id, data={"f1": "甲"}, updated_at=now))
    for slug in ("sweep-own", *(place.slug for place in UNITS)):
        held = dict.fromkeys(("can_list", "can_show"), READERS)
        grant(
            session,
            permission_name(slug),
            {**held, **dict.fromkeys(("can_add", "can_edit", "can_delete"), WRITERS)},
        )
    publish_list(unit, session.scalars(select(ItemList).where(ItemList.state == "published").limit(1)).one())
    session.get(Account, _account(session, LOCKED)).locked_until = now + timedelta(minutes=30)
    clerk = _account(session, "police_clerk")
    session.add(
        SecurityKey(
            user_id=clerk,
            name="钥匙示例",
            credential_id=b"sweep",
            public_key=b"",
            user_handle=b"",
            sign_count=0,
            added_at=now,
        )
    )
    led = select(Visit.target_id).join(Assignment, Assignment.drawn_target_id == Visit.drawn_target_id)
    mine = session.scalars(
        led.where(Assignment.agency_id == police.id).order_by(Assignment.id).limit(1)
    ).one()
    source_rows(unit, office, police, session.get_one(Target, mine), "本市")
    held_rows(unit, session.get_one(Target, mine))
    on_leave = select(Leave.inspector_id).join(Inspector).where(Inspector.agency_id == police.id)
    away = session.scalars(on_leave.order_by(Leave.id).limit(1)).one()
    staff_rows(unit, session.get_one(Inspector, away), mine)
    _people(unit, _account(session, PERSON))
    session.add(SecurityAlert(key="sweep", kind="failures", at=now, facts={"number": 5}))
    session.add(LogExport(user_id=_account(session, "auditadmin"), format="csv", upto=0, asked_at=now))


def _people(unit: Unit, person: int) -> None:
    """An accepted invitation, a move that was taken back, a spreadsheet of people, a session of the person."""
    session, now = unit.session, unit.clock.now()
    police, amr = (agency_of(session, line, HOME) for line in ("POLICE", "AMR"))
    admin = _account(session, "police_admin")
    place, of_admin = (
        session.scalars(select(Membership.id).where(Membership.user_id == whose)).first()
        for whose in (person, admin)
    )
    later = now + timedelta(days=7)
    session.add_all(
        [
            Invitation(
                user_id=person,
                membership_id=place,
                agency_id=police.id,
                state="accepted",
                created_at=now,
                expires_at=later,
                accepted_at=now,
            ),
            MoveRequest(
                user_id=person,
                membership_id=place,
                from_agency_id=police.id,
                to_agency_id=amr.id,
                reason="轮岗",
                state="withdrawn",
                asked_by=admin,
                asker_membership_id=of_admin,
                asked_at=now,
            ),
            InviteBatch(
                file_name="人员.xlsx",
                report={"rows": 1, "good": 1, "bad": 0, "invited": 1},
                state="committed",
                user_id=admin,
                created_at=now,
            ),
            LoginSession(
                user_id=person,
                kind="web",
                token_digest=b"sweep-people",
                factors="password",
                created_at=now,
                authenticated_at=now,
                seen_at=now,
                expires_at=later,
            ),
        ]
    )


def _account(session: Session, username: str) -> int:
    return session.scalars(select(Account.id).where(Account.username == username)).one()


def ids(session: Session) -> Ids:
    """The keys of both cities' rows, read back from the database.

    A request of a test that ran before has left its scope in the session, so the scope is named here.
    """
    session.info["scope"] = Scope.system("keys of the sweep")
    found = Ids()
    task = session.scalars(select(Task).where(Task.state.in_(["closed", "archived"]))).one()
    found.around = {place.relation: {} for place in UNITS}
    for place in (None, *UNITS):
        here, wanted = place is None, found.own if place is None else found.around[place.relation]
        region, mark = (HOME, SECRET) if place is None else (place.region, place.mark)
        police, office = agency_of(session, "POLICE", region), agency_of(session, "OFFICE", region)
        mine = task if here else session.scalars(select(Task).where(Task.name == f"{mark}任务")).one()

        def first(model: Any, *conditions: Any) -> Any:
            return session.scalars(select(model).where(*conditions).order_by(model.id).limit(1)).one()

        draw = first(Draw, Draw.task_id == mine.id)
        follow_up = session.scalars(select(FollowUp).where(FollowUp.task_id == mine.id).limit(1)).one()
        leave = first(
            Leave, Leave.inspector_id.in_(select(Inspector.id).where(Inspector.agency_id == police.id))
        )
        kind = first(ListType, ListType.agency_id == office.id)
        entry = session.get(PlanEntry, mine.entry_id)
        named = ItemList.name == f"{mark}清单"
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
            outside_mark=first(OutsideMark, OutsideMark.agency_id == police.id).id,
            assignment=first(Assignment, Assignment.draw_id == draw.id).id,
            message=first(Message, Message.user_id == (_account(session, "police_clerk") if here else run.user_id)).id,
            target_code=session.get(Target, visit.target_id).code,
            role=first(Role, Role.name == "clerk").id if here else first(CustomRole, CustomRole.office_id == office.id).role_id,
            explained=_account(session, "police_clerk") if here else run.user_id,
            person=_account(session, PERSON) if here else run.user_id, agency=police.id,
        )  # fmt: skip
        place = first(Membership, Membership.user_id == wanted["person"])
        role_id = select(MembershipRole.role_id).where(MembershipRole.membership_id == place.id)
        wanted.update(source_keys(session, office))
        wanted.update(view_keys(session, police.id))
        wanted.update(bulk_keys(session, police.id))
        wanted.update(held_keys(session, visit.target_id))
        wanted.update(staff_keys(session, police.id))
        wanted.update(membership=place.id, person_role=session.scalars(role_id.limit(1)).one())
    found.own.update(
        joint_item=session.scalars(select(JointItem.id).order_by(JointItem.id).limit(1)).one(),
        locked=_account(session, LOCKED),
        invitation=session.scalars(select(Invitation.id).limit(1)).one(),
        move_request=session.scalars(select(MoveRequest.id).limit(1)).one(),
        invite_batch=session.scalars(select(InviteBatch.id).limit(1)).one(),
        person_session=session.scalars(
            select(LoginSession.id).where(LoginSession.token_digest == b"sweep-people")
        ).one(),
        security_key=session.scalars(select(SecurityKey.id)).one(),
        alert=session.scalars(select(SecurityAlert.id).limit(1)).one(),
        log_export=session.scalars(select(LogExport.id).limit(1)).one(),
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
