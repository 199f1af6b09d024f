"""Reads of check forms and their vocabularies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.db import Actor
from app.draws.models import Draw, DrawnTarget
from app.draws.rules import DrawState
from app.inspections.models import CheckForm, Disposition, ResultVocabulary, Visit
from app.inspections.queries.people import assigned_to, watches_agency
from app.inspections.queries.visits import PAGE, Page, page_of
from app.inspections.rules import FormState, Settlement
from app.kernel.errors import NotFound
from app.security.approval import LEAST_REVIEWERS, approving_agency
from app.security.models import Agency, Membership, MembershipRole
from app.security.queries import in_role
from app.security.rules import RoleName
from app.security.scoping import scope_of
from app.tasks.models import Task

SCHEME = "second_generation"
_WITHOUT_RESULT = [s.value for s in FormState if s.is_open_for_entry]


def get_form(session: Session, actor: Actor, form_id: int) -> CheckForm:
    """The form with visit, target, task, agency and result; an inspector's only when assigned.

    :raises NotFound: not there, or not within reach
    """
    query = (
        select(CheckForm)
        .join(Visit, Visit.id == CheckForm.visit_id)
        .where(CheckForm.id == form_id)
        .options(
            joinedload(CheckForm.visit).joinedload(Visit.target),
            joinedload(CheckForm.visit).joinedload(Visit.drawn_target),
            joinedload(CheckForm.task).joinedload(Task.initiator),
            joinedload(CheckForm.agency),
            joinedload(CheckForm.result),
            joinedload(CheckForm.disposition),
        )
    )
    if not watches_agency(actor):
        query = query.where(Visit.drawn_target_id.in_(assigned_to(actor.user_id)))
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound("not_in_scope", kind="check_form")
    return found


def choices(session: Session, line_code: str) -> list[ResultVocabulary]:
    """The results that an agency of this line may choose: selectable, open to all lines or its own alone."""
    query = (
        select(ResultVocabulary)
        .where(
            ResultVocabulary.scheme == SCHEME,
            ResultVocabulary.selectable,
            or_(ResultVocabulary.line_code.is_(None), ResultVocabulary.line_code == line_code),
        )
        .order_by(ResultVocabulary.position)
    )
    return list(session.scalars(query))


def dispositions(session: Session) -> list[Disposition]:
    return list(session.scalars(select(Disposition).order_by(Disposition.position)))


def reviewed_agencies(session: Session, actor: Actor, day: date) -> frozenset[int]:
    """The agencies whose forms the actor's agency reviews: its own, and those with too few reviewers."""
    scope = scope_of(session)
    if actor.agency_id is None or RoleName.REVIEWER not in actor.roles:
        return frozenset()
    waiting = set(
        session.scalars(
            select(CheckForm.agency_id)
            .where(
                CheckForm.state == FormState.SUBMITTED.value,
                CheckForm.agency_id.in_(scope.readable_agency_ids),
            )
            .distinct()
        )
    )
    short = _short_of_reviewers(session, waiting | {actor.agency_id}, day)
    reviewed = {actor.agency_id} - short
    for agency in session.scalars(select(Agency).where(Agency.id.in_(short))) if short else ():
        if approving_agency(session, agency, day).id == actor.agency_id:
            reviewed.add(agency.id)
    return frozenset(reviewed)


def _short_of_reviewers(session: Session, agency_ids: set[int], day: date) -> set[int]:
    query = (
        select(Membership.agency_id)
        .join(MembershipRole, MembershipRole.membership_id == Membership.id)
        .where(Membership.agency_id.in_(agency_ids), Membership.active, Membership.user.has(active=True))
        .where(in_role({RoleName.REVIEWER}, day))
        .group_by(Membership.agency_id)
        .having(func.count(Membership.user_id.distinct()) >= LEAST_REVIEWERS)
    )
    return agency_ids - set(session.scalars(query))


def forms_to_review(
    session: Session,
    actor: Actor,
    day: date,
    *,
    after: int = 0,
    limit: int = PAGE,
    states: Sequence[str] = (),
) -> Page:
    """Forms that the actor's agency reviews, oldest first: the submitted ones, or those in `states`."""
    agency_ids = reviewed_agencies(session, actor, day)
    if not watches_agency(actor) or states:
        agency_ids |= scope_of(session).readable_agency_ids
    query = (
        select(CheckForm)
        .where(
            CheckForm.agency_id.in_(agency_ids),
            CheckForm.state.in_(list(states) or [FormState.SUBMITTED.value]),
            CheckForm.id > after,
        )
        .options(
            joinedload(CheckForm.visit).joinedload(Visit.target),
            joinedload(CheckForm.agency),
            joinedload(CheckForm.result),
            joinedload(CheckForm.task),
        )
        .order_by(CheckForm.id)
        .limit(limit + 1)
    )
    return page_of(session.scalars(query).all(), limit)


def forms_to_publish(session: Session, agency_id: int, limit: int = PAGE) -> list[CheckForm]:
    """Results of an agency that are not published yet, the nearest deadline first (R-27.1)."""
    query = (
        select(CheckForm)
        .where(
            CheckForm.agency_id == agency_id,
            CheckForm.state.in_([FormState.SUBMITTED.value, FormState.APPROVED.value]),
        )
        .options(joinedload(CheckForm.visit).joinedload(Visit.target), joinedload(CheckForm.task))
        .order_by(CheckForm.publish_due_at, CheckForm.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def settlement(session: Session, task_id: int) -> Settlement:
    """How far a task is: what `rules.may_close` decides on. A void draw's targets do not count."""
    drawn, visit, form, draw = DrawnTarget.__table__, Visit.__table__, CheckForm.__table__, Draw.__table__
    living = (
        select(func.count(), func.count().filter(visit.c.id.is_(None)))
        .select_from(
            drawn.join(draw, draw.c.id == drawn.c.draw_id).outerjoin(
                visit, visit.c.drawn_target_id == drawn.c.id
            )
        )
        .where(
            drawn.c.task_id == task_id, drawn.c.replaced_by_id.is_(None), draw.c.state != DrawState.VOID.value
        )
    )
    forms = (
        select(
            func.count().filter(form.c.state.in_(_WITHOUT_RESULT)),
            func.count().filter(form.c.state.in_([FormState.SUBMITTED.value, FormState.APPROVED.value])),
        )
        .select_from(
            form.join(visit, visit.c.id == form.c.visit_id)
            .join(drawn, drawn.c.id == visit.c.drawn_target_id)
            .join(draw, draw.c.id == drawn.c.draw_id)
        )
        .where(
            form.c.task_id == task_id,
            draw.c.state != DrawState.VOID.value,
            or_(drawn.c.replaced_by_id.is_(None), form.c.state != FormState.NOT_STARTED.value),
        )
    )
    targets, without_visit = session.execute(living).one()
    without_result, unpublished = session.execute(forms).one()
    return Settlement(targets, without_visit, without_result, unpublished)


def form_counts(session: Session, task_id: int) -> dict[str, int]:
    """Number of forms by state; without those of void draws and of replaced targets that nobody began."""
    drawn, visit, form, draw = DrawnTarget.__table__, Visit.__table__, CheckForm.__table__, Draw.__table__
    query = (
        select(form.c.state, func.count().label("number"))
        .select_from(
            form.join(visit, visit.c.id == form.c.visit_id)
            .join(drawn, drawn.c.id == visit.c.drawn_target_id)
            .join(draw, draw.c.id == drawn.c.draw_id)
        )
        .where(
            form.c.task_id == task_id,
            draw.c.state != DrawState.VOID.value,
            or_(drawn.c.replaced_by_id.is_(None), form.c.state != FormState.NOT_STARTED.value),
        )
        .group_by(form.c.state)
    )
    return {row.state: row.number for row in session.execute(query)}


def form_ids(session: Session, task_id: int, limit: int = 300) -> list[int]:
    query = select(CheckForm.id).where(CheckForm.task_id == task_id).order_by(CheckForm.id).limit(limit)
    return list(session.scalars(query))
