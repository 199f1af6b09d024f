"""Reads of sources: systems, orders of precedence, conflicts, pushes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from app.directories.sources.models import SourceConflict, SourceOrder, SourcePush, SourceSystem
from app.directories.sources.rules import RESERVED, ConflictState, Known, Lower, Order
from app.directories.targets.models import Target, TargetCode
from app.directories.targets.queries import by_code
from app.kernel.errors import NotFound
from app.kernel.identifiers import identify
from app.security.models import Agency
from app.security.queries import office_above, office_of
from app.security.scoping import unscoped

PAGE = 50
COUNTED_UP_TO = 10_000
SHOWN_PUSHES = 30


def known(session: Session) -> Known:
    """All systems: the order of an office may name one of the office above."""
    with unscoped(session, "which sources there are"):
        rows = session.execute(select(SourceSystem.code, SourceSystem.agency_id)).all()
    return Known({code: agency_id is None for code, agency_id in rows})


def system_by_code(session: Session, code: str) -> SourceSystem | None:
    return session.scalars(select(SourceSystem).where(SourceSystem.code == code)).first()


def get_system(session: Session, system_id: int) -> SourceSystem:
    """The system with its office and agency.

    :raises NotFound: there is none
    """
    query = select(SourceSystem).where(SourceSystem.id == system_id)
    found = session.scalars(
        query.options(joinedload(SourceSystem.office), joinedload(SourceSystem.agency))
    ).first()
    if found is None:
        raise NotFound("not_in_scope", kind="source_system")
    return found


def systems(session: Session) -> list[SourceSystem]:
    query = select(SourceSystem).options(joinedload(SourceSystem.office), joinedload(SourceSystem.agency))
    return list(session.scalars(query.order_by(SourceSystem.active.desc(), SourceSystem.code)))


def offices_from(session: Session, office: Agency | None) -> list[Agency]:
    """The office and those above it, the nearest first."""
    chain: list[Agency] = []
    while office is not None and office not in chain:
        chain.append(office)
        office = office_above(session, office)
    return chain


def orders_of(session: Session, office: Agency | None) -> dict[str, Order]:
    """The orders that hold for an office: its own, and those of the offices above where it has set none."""
    chain = offices_from(session, office)
    query = select(SourceOrder).where(SourceOrder.office_id.in_([one.id for one in chain]))
    place = {one.id: number for number, one in enumerate(chain)}
    with unscoped(session, "the orders of the offices above hold as well"):
        rows = sorted(session.scalars(query), key=lambda row: -place[row.office_id])
    return {row.field: Order(tuple(row.names), Lower(row.lower)) for row in rows}


def office_for(session: Session, agency: Agency | None) -> Agency | None:
    """The office that sets the orders for an agency: itself, or that of its region."""
    if agency is None or agency.is_office:
        return agency
    return office_of(session, agency.region_id)


@dataclass(frozen=True)
class Standing:
    """What the page of systems says of one: its last push, and how many conflicts wait."""

    last: SourcePush | None = None
    conflicts: int = 0


def standings(session: Session, found: Sequence[SourceSystem]) -> dict[int, Standing]:
    """Two queries for all systems of a page."""
    ids = [system.id for system in found]
    newest = select(func.max(SourcePush.id)).where(SourcePush.system_id.in_(ids))
    pushes = session.scalars(
        select(SourcePush).where(SourcePush.id.in_(newest.group_by(SourcePush.system_id)))
    )
    last = {push.system_id: push for push in pushes}
    waiting = open_by_source(session)
    return {system.id: Standing(last.get(system.id), waiting.get(system.code, 0)) for system in found}


def pushes_of(session: Session, system_id: int, limit: int = SHOWN_PUSHES) -> list[SourcePush]:
    query = select(SourcePush).where(SourcePush.system_id == system_id).options(joinedload(SourcePush.user))
    return list(session.scalars(query.order_by(SourcePush.id.desc()).limit(limit)))


def open_by_source(session: Session) -> dict[str, int]:
    """How many conflicts wait, by source, within the scope."""
    query = select(SourceConflict.source, func.count()).where(
        SourceConflict.state == ConflictState.OPEN.value
    )
    return {row[0]: row[1] for row in session.execute(query.group_by(SourceConflict.source))}


@dataclass(frozen=True)
class ConflictFilter:
    source: str = ""
    field: str = ""

    @property
    def kept(self) -> Mapping[str, str]:
        return {name: value for name, value in vars(self).items() if value}


def open_conflicts(
    session: Session, wanted: ConflictFilter, *, after: int = 0, limit: int = PAGE
) -> tuple[list[SourceConflict], int | None]:
    """A page of what waits for a decision, in the order in which it came, and the key of the next page."""
    query = _waiting(wanted).where(SourceConflict.id > after).order_by(SourceConflict.id).limit(limit + 1)
    rows = list(
        session.scalars(
            query.options(
                joinedload(SourceConflict.target).joinedload(Target.agency),
                joinedload(SourceConflict.target).joinedload(Target.region),
            )
        )
    )
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def count_open(session: Session, wanted: ConflictFilter) -> int:
    """No further than one beyond `COUNTED_UP_TO`."""
    inner = _waiting(wanted).with_only_columns(SourceConflict.id).limit(COUNTED_UP_TO + 1).subquery()
    return session.execute(select(func.count()).select_from(inner)).scalar_one()


def _waiting(wanted: ConflictFilter) -> Select[tuple[SourceConflict]]:
    query = select(SourceConflict).where(SourceConflict.state == ConflictState.OPEN.value)
    if wanted.source:
        query = query.where(SourceConflict.source == wanted.source)
    if wanted.field:
        query = query.where(SourceConflict.field == wanted.field)
    return query


def get_conflict(session: Session, conflict_id: int) -> SourceConflict:
    """:raises NotFound: not there, or not within the scope"""
    query = select(SourceConflict).where(SourceConflict.id == conflict_id)
    found = session.scalars(query.options(joinedload(SourceConflict.target))).first()
    if found is None or found.target is None:
        raise NotFound("not_in_scope", kind="source_conflict")
    return found


def conflicts_of(session: Session, target_id: int) -> list[SourceConflict]:
    """What waits for a decision on one target."""
    query = select(SourceConflict).where(
        SourceConflict.target_id == target_id, SourceConflict.state == ConflictState.OPEN.value
    )
    return list(session.scalars(query.order_by(SourceConflict.id)))


def labels(session: Session, sources: Iterable[str]) -> dict[str, str]:
    """The names of systems and agencies behind the sources that occur; groups are named by the page."""
    wanted = set(sources)
    found: dict[str, str] = {}
    systems = {source for source in wanted - RESERVED if ":" not in source}
    if systems:
        with unscoped(session, "the names of sources that stand beside fields within reach"):
            query = select(SourceSystem.code, SourceSystem.name).where(SourceSystem.code.in_(systems))
            found = {row.code: row.name for row in session.execute(query)}
    codes = {source.removeprefix("agency:"): source for source in wanted if source.startswith("agency:")}
    if codes:
        rows = session.execute(select(Agency.code, Agency.name).where(Agency.code.in_(codes)))
        found |= {codes[row.code]: row.name for row in rows}
    return found


def codes_of(session: Session, text: str) -> tuple[str, ...]:
    """Every code that the target behind a code has or had; the text itself for an unknown one. For pages that show
    what is public by any of them: nothing of the target is given away but its other codes.
    """
    if not identify(text):
        return (text,)
    with unscoped(session, "published results are found by every code of their target"):
        target = by_code(session, text)
        if target is None:
            return (text,)
        former = session.scalars(select(TargetCode.code).where(TargetCode.target_id == target.id))
        return tuple(dict.fromkeys((text, target.code, *former)))
