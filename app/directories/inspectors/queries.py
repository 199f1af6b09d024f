"""Reads of the directory of inspectors. Everything within the session's scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import any_, literal, or_, select, tuple_
from sqlalchemy.orm import Session, joinedload, selectinload

from app.directories.inspectors.entries import Vocabulary
from app.directories.inspectors.models import Inspector, Transfer
from app.directories.inspectors.rules import TransferState, eligibility
from app.directories.targets.models import Specialty
from app.directories.targets.search import like_pattern
from app.kernel.decisions import Refusal
from app.kernel.errors import NotFound
from app.security.models import Agency, Region
from app.security.scope import Scope
from app.security.scoping import unscoped

PAGE = 50


@dataclass(frozen=True)
class Roster:
    """Whoever may be matched, and for everybody else the first reason why not."""

    eligible: list[Inspector] = field(default_factory=list)
    excluded: list[tuple[Inspector, Refusal]] = field(default_factory=list)


def get_inspector(session: Session, inspector_id: int) -> Inspector:
    """The inspector with agency and leaves.

    :raises NotFound: not there, or not within the scope
    """
    found = session.scalars(
        select(Inspector)
        .where(Inspector.id == inspector_id)
        .options(
            joinedload(Inspector.agency),
            joinedload(Inspector.user),
            selectinload(Inspector.leaves),
            selectinload(Inspector.certificates),
        )
    ).first()
    if found is None:
        raise NotFound("not_in_scope", kind="inspector")
    return found


def of_user(session: Session, user_id: int) -> Inspector | None:
    """The inspector behind an account."""
    return session.scalars(select(Inspector).where(Inspector.user_id == user_id)).first()


def get_transfer(session: Session, transfer_id: int) -> Transfer:
    """:raises NotFound: not there, or neither side is within the scope"""
    found = session.scalars(
        select(Transfer)
        .where(Transfer.id == transfer_id)
        .options(joinedload(Transfer.from_agency), joinedload(Transfer.to_agency))
    ).first()
    if found is None:
        raise NotFound("not_in_scope", kind="transfer")
    return found


def open_transfer(session: Session, inspector_id: int) -> Transfer | None:
    """The transfer of an inspector that waits for an answer or for its day."""
    waits = Transfer.state.in_([TransferState.ASKED.value, TransferState.ACCEPTED.value])
    query = select(Transfer).where(Transfer.inspector_id == inspector_id, waits)
    return session.scalars(query.options(joinedload(Transfer.to_agency))).first()


def transfers(session: Session, limit: int = PAGE) -> list[tuple[Transfer, str]]:
    """Transfers of the agencies within reach with the inspector's name, those that wait first, then the latest."""
    waits = Transfer.state.in_([TransferState.ASKED.value, TransferState.ACCEPTED.value])
    query = (
        select(Transfer)
        .options(joinedload(Transfer.from_agency), joinedload(Transfer.to_agency))
        .order_by(waits.desc(), Transfer.id.desc())
        .limit(limit)
    )
    found = session.scalars(query).all()
    with unscoped(session, "names of inspectors whom one agency offers to another"):
        ids = [transfer.inspector_id for transfer in found]
        names = dict(session.execute(select(Inspector.id, Inspector.name).where(Inspector.id.in_(ids))).all())
    return [(transfer, names.get(transfer.inspector_id, "")) for transfer in found]


def roster(
    session: Session, agency_id: int, period_from: date, period_to: date, *, on_site: bool = True
) -> Roster:
    """All inspectors of an agency by certificate number, sorted out by `eligibility`. Two queries."""
    found = Roster()
    inspectors = session.scalars(
        select(Inspector)
        .where(Inspector.agency_id == agency_id)
        .options(selectinload(Inspector.leaves))
        .order_by(Inspector.certificate_no)
    )
    for inspector in inspectors:
        decision = eligibility(inspector, inspector.leaves, period_from, period_to, on_site)
        if isinstance(decision, Refusal):
            found.excluded.append((inspector, decision))
        else:
            found.eligible.append(inspector)
    return found


@dataclass(frozen=True)
class InspectorFilter:
    q: str = ""
    agency_id: int | None = None
    specialty: str = ""
    certified: bool | None = None
    active: bool | None = None
    expiring_by: date | None = None


@dataclass(frozen=True)
class Page:
    rows: Sequence[Inspector]
    before: tuple[str, int] | None
    after: tuple[str, int] | None


def page(
    session: Session,
    wanted: InspectorFilter,
    *,
    after: tuple[str, int] | None = None,
    before: tuple[str, int] | None = None,
    limit: int = PAGE,
) -> Page:
    """One page in the order of certificate numbers. `after` and `before` are (certificate number, id)."""
    key = tuple_(Inspector.certificate_no, Inspector.id)
    statement = select(Inspector).options(joinedload(Inspector.agency), selectinload(Inspector.leaves))
    if wanted.q:
        pattern = f"%{like_pattern(wanted.q.strip())}%"
        statement = statement.where(
            or_(
                Inspector.name.like(pattern, escape="\\"), Inspector.certificate_no.like(pattern, escape="\\")
            )
        )
    if wanted.agency_id is not None:
        statement = statement.where(Inspector.agency_id == wanted.agency_id)
    if wanted.specialty:
        statement = statement.where(literal(wanted.specialty) == any_(Inspector.specialties))
    if wanted.certified is not None:
        statement = statement.where(Inspector.certified == wanted.certified)
    if wanted.active is not None:
        statement = statement.where(Inspector.active == wanted.active)
    if wanted.expiring_by is not None:
        statement = statement.where(Inspector.certified, Inspector.certificate_until <= wanted.expiring_by)
    if before is not None:
        statement = statement.where(key < before).order_by(
            Inspector.certificate_no.desc(), Inspector.id.desc()
        )
    else:
        statement = statement.order_by(Inspector.certificate_no, Inspector.id)
        if after is not None:
            statement = statement.where(key > after)
    rows = list(session.scalars(statement.limit(limit + 1)).unique())
    more, rows = len(rows) > limit, rows[:limit]
    if before is not None:
        rows.reverse()
    if not rows:
        return Page(rows, None, None)
    ends = [(row.certificate_no, row.id) for row in (rows[0], rows[-1])]
    has_before = more if before is not None else after is not None
    return Page(rows, ends[0] if has_before else None, ends[1] if before is not None or more else None)


def vocabulary(session: Session, scope: Scope, default_agency: str = "") -> Vocabulary:
    """Words and codes for entries; agencies only those whose rows the scope may change. Three queries."""
    agencies = select(Agency.id, Agency.code, Agency.name, Region.code).join(
        Region, Region.id == Agency.region_id
    )
    if not scope.everything:
        agencies = agencies.where(Agency.id.in_(scope.agency_ids))
    known = session.execute(agencies).all()
    regions = session.execute(select(Region.code, Region.name)).all()
    return Vocabulary(
        agencies={word: (row[0], row[3]) for row in known for word in (row[2], row[1])},
        regions={word: code for code, name in regions for word in (name, code)},
        specialties=frozenset(session.scalars(select(Specialty.name))),
        default_agency=default_agency,
    )
