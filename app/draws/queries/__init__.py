"""Reads of draws. The session's scope narrows them: tasks within reach, and draws in which one is a
witness.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.draws.models import Contribution, Draw, DrawFile, DrawnTarget
from app.draws.queries.bundles import bundle
from app.draws.queries.record import ceremony_of, current_files, plan_of
from app.draws.rules import DrawState
from app.kernel.errors import NotFound
from app.tasks.models import Task

__all__ = [
    "bundle",
    "by_no",
    "ceremony_of",
    "contribution_for",
    "current_files",
    "draws_of_task",
    "drawn_page",
    "drawn_targets",
    "get_draw",
    "list_draws",
    "living_draw",
    "owed",
    "plan_of",
    "read_file",
    "to_run",
    "void_asked",
    "void_count",
]

PAGE = 30
DRAWN_PAGE = 50


def get_draw(session: Session, draw_id: int) -> Draw:
    """:raises NotFound: when it is not there, or not within reach"""
    return _one(session, Draw.id == draw_id)


def by_no(session: Session, draw_no: str) -> Draw:
    """With task, initiator and contributions. :raises NotFound: when it is not there, or not within reach"""
    return _one(session, Draw.draw_no == draw_no)


def _one(session: Session, criterion: object) -> Draw:
    query = (
        select(Draw)
        .where(criterion)  # type: ignore[arg-type]
        .options(
            joinedload(Draw.task).joinedload(Task.initiator),
            selectinload(Draw.contributions).joinedload(Contribution.agency),
            selectinload(Draw.contributions).joinedload(Contribution.user),
        )
    )
    draw = session.scalars(query).one_or_none()
    if draw is None:
        raise NotFound("not_in_scope", kind="draw")
    return draw


def list_draws(session: Session, before: int | None = None, limit: int = PAGE) -> list[Draw]:
    """The newest first; one row more than `limit` says that there are more."""
    query = (
        select(Draw)
        .options(joinedload(Draw.task).joinedload(Task.initiator), selectinload(Draw.contributions))
        .order_by(Draw.id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        query = query.where(Draw.id < before)
    return list(session.scalars(query))


def draws_of_task(session: Session, task_id: int) -> list[Draw]:
    """All draws of a task, void ones among them, in order."""
    return list(session.scalars(select(Draw).where(Draw.task_id == task_id).order_by(Draw.ordinal)))


def living_draw(session: Session, task_id: int) -> Draw | None:
    """The one draw of a task that is not void."""
    return session.scalars(
        select(Draw).where(Draw.task_id == task_id, Draw.state != DrawState.VOID)
    ).one_or_none()


def void_count(session: Session, task_id: int) -> int:
    """How many draws of the task came to nothing: shown beside every draw of it."""
    query = (
        select(func.count()).select_from(Draw).where(Draw.task_id == task_id, Draw.state == DrawState.VOID)
    )
    return int(session.scalar(query) or 0)


def drawn_targets(session: Session, draw_id: int, *, batch: int | None = None) -> list[DrawnTarget]:
    """What was drawn and stands, by batch, stratum and rank; rows that were replaced are left out."""
    query = (
        select(DrawnTarget)
        .where(DrawnTarget.draw_id == draw_id, DrawnTarget.replaced_by_id.is_(None))
        .options(joinedload(DrawnTarget.target))
        .order_by(DrawnTarget.batch, DrawnTarget.stratum, DrawnTarget.rank)
    )
    if batch is not None:
        query = query.where(DrawnTarget.batch == batch)
    return list(session.scalars(query))


def drawn_page(session: Session, draw_id: int, after: int = 0, limit: int = DRAWN_PAGE) -> list[DrawnTarget]:
    """Everything drawn, replaced rows among them, by id; one row more than `limit`."""
    query = (
        select(DrawnTarget)
        .where(DrawnTarget.draw_id == draw_id, DrawnTarget.id > after)
        .options(joinedload(DrawnTarget.target))
        .order_by(DrawnTarget.id)
        .limit(limit + 1)
    )
    return list(session.scalars(query))


def read_file(session: Session, draw_id: int, name: str) -> bytes:
    """A file of the record in its latest version. :raises NotFound: when there is none"""
    query = (
        select(DrawFile.content)
        .where(DrawFile.draw_id == draw_id, (DrawFile.name == name) | DrawFile.name.startswith(f"{name};"))
        .order_by(DrawFile.id.desc())
        .limit(1)
    )
    content = session.scalars(query).first()
    if content is None:
        raise NotFound("not_in_scope", kind="draw_file")
    return zlib.decompress(content)


def contribution_for(draw: Draw, user_id: int | None, agency_id: int | None) -> Contribution | None:
    """The row that the person may fill: the own one, or the agency's."""
    own = (c for c in draw.contributions if c.user_id is not None and c.user_id == user_id)
    of_agency = (c for c in draw.contributions if c.user_id is None and c.agency_id == agency_id)
    return next(own, None) or next(of_agency, None)


def owed(session: Session, user_id: int | None, agency_id: int | None, limit: int) -> Sequence[Contribution]:
    """Commitments and reveals that the person owes now, the nearest deadline first."""
    mine = (Contribution.user_id == user_id) | (
        Contribution.user_id.is_(None) & (Contribution.agency_id == agency_id)
    )
    committing = Draw.state.in_((DrawState.FROZEN, DrawState.COMMITTING)) & Contribution.commitment.is_(None)
    revealing = (Draw.state == DrawState.REVEALING) & Contribution.value.is_(None)
    query = (
        select(Contribution)
        .join(Draw, Draw.id == Contribution.draw_id)
        .where(mine, committing | revealing)
        .options(joinedload(Contribution.draw).joinedload(Draw.task))
        .order_by(Draw.until, Contribution.id)
        .limit(limit)
    )
    return session.scalars(query).all()


def to_run(session: Session, agency_id: int, limit: int) -> Sequence[Draw]:
    """Draws of the initiator for which everything is there."""
    waiting = select(Contribution.draw_id).where(Contribution.value.is_(None))
    query = (
        select(Draw)
        .join(Task, Task.id == Draw.task_id)
        .where(Task.initiator_id == agency_id, Draw.state == DrawState.REVEALING, Draw.id.not_in(waiting))
        .options(joinedload(Draw.task))
        .order_by(Draw.id)
        .limit(limit)
    )
    return session.scalars(query).all()


def void_asked(session: Session, limit: int) -> Sequence[Draw]:
    """Draws within reach that somebody wants void, and that wait for the auditor."""
    living = Draw.state.in_(
        (DrawState.FROZEN, DrawState.COMMITTING, DrawState.REVEALING, DrawState.AWAITING_BEACON)
    )
    query = (
        select(Draw)
        .where(living, Draw.void_reason != "")
        .options(joinedload(Draw.task))
        .order_by(Draw.id)
        .limit(limit)
    )
    return session.scalars(query).all()
