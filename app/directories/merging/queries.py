"""Likely twins, and the mergers of a target. Everything within the session's scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.directories.merging.models import Merge
from app.directories.merging.rules import TwinReason, twin_reasons
from app.directories.targets.models import Target, TargetCode
from app.directories.targets.rules import CodeKind, check_code
from app.directories.targets.search import matches
from app.kernel.errors import NotFound
from app.security.models import Region
from app.security.scoping import scoped_select

MOST_TWINS = 20
PAGE = 50

_T = Target.__table__.c
_R = Region.__table__.c


@dataclass(frozen=True)
class Twin:
    id: int
    code: str
    name: str
    region: str
    status: str
    reasons: tuple[TwinReason, ...]


def twins_of(session: Session, target: Target, phones: bool = False) -> list[Twin]:
    """Targets that may be the same enterprise, the likeliest first. One query.

    :param phones: whoever asks may know who shares a telephone number
    """
    own = _facts(target)
    ways: list[ColumnElement[bool]] = [and_(_T.name == target.name, _T.region_id == target.region_id)]
    organisation = own["organisation_code"]
    if target.code_kind == CodeKind.USCC and organisation:
        ways.append(_T.code == organisation)
    elif organisation:
        inside = matches(organisation)
        if inside is not None:
            ways.append(and_(inside, func.substr(_T.code, 9, 9) == organisation))
    if phones and target.phone_digest:
        ways.append(_T.phone_digest == target.phone_digest)
    rows = session.execute(
        scoped_select(
            session,
            Target,
            *(_T[name] for name in ("id", "code", "name", "region_id", "phone_digest", "status")),
            _R.name.label("region"),
        )
        .join(Region.__table__, _R.id == _T.region_id)
        .where(or_(*ways), _T.id != target.id)
        .order_by(_T.id)
        .limit(MOST_TWINS)
    ).all()
    found = [_twin(own, row, phones) for row in rows]
    return sorted((twin for twin in found if twin.reasons), key=lambda twin: -len(twin.reasons))


def _twin(own: dict[str, Any], row: Row[Any], phones: bool) -> Twin:
    reasons = twin_reasons(own, _facts(row))
    if not phones:
        reasons = [reason for reason in reasons if reason is not TwinReason.SAME_PHONE]
    return Twin(row.id, row.code, row.name, row.region, row.status, tuple(reasons))


def _facts(row: Any) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name,
        "region_id": row.region_id,
        "phone_digest": bytes(row.phone_digest) if row.phone_digest else None,
        "organisation_code": check_code(row.code).organisation_code,
    }


def same_names(session: Session, after: str = "", limit: int = PAGE) -> Sequence[Row[Any]]:
    """Names that stand more than once in a region: name, region, ids, codes. One more than `limit` says so."""
    # Told from the index of the names alone; only then is a row of the table read.
    doubled = (
        scoped_select(session, Target, _T.name, _T.region_id)
        .where(_T.name > after)
        .group_by(_T.name, _T.region_id)
        .having(func.count() > 1)
        .order_by(_T.name, _T.region_id)
        .limit(limit + 1)
        .subquery("doubled")
    )
    return session.execute(
        scoped_select(
            session,
            Target,
            _T.name,
            _R.name.label("region"),
            func.array_agg(_T.id).label("ids"),
            func.array_agg(_T.code).label("codes"),
        )
        .join(doubled, and_(doubled.c.name == _T.name, doubled.c.region_id == _T.region_id))
        .join(Region.__table__, _R.id == _T.region_id)
        .group_by(_T.name, _T.region_id, _R.name)
        .order_by(_T.name, _R.name)
    ).all()


def former_codes(session: Session, target_id: int) -> Sequence[Row[Any]]:
    """Codes that a target had before, the latest first: code, replaced_at, and the merger that brought it, if one did
    (merge_id, reason). One query.
    """
    came = and_(
        Merge.kept_id == TargetCode.target_id,
        Merge.undone_at.is_(None),
        or_(Merge.gone_code == TargetCode.code, Merge.kept_code == TargetCode.code),
    )
    return session.execute(
        select(TargetCode.code, TargetCode.replaced_at, Merge.id.label("merge_id"), Merge.reason)
        .outerjoin(Merge, came)
        .where(TargetCode.target_id == target_id)
        .order_by(TargetCode.replaced_at.desc(), TargetCode.code)
        .limit(PAGE)
    ).all()


def merges(session: Session, after: int | None = None, limit: int = PAGE) -> Sequence[Merge]:
    """Mergers within the scope, the latest first; one more than `limit` where there are more."""
    statement = select(Merge).options(joinedload(Merge.kept), joinedload(Merge.user))
    if after is not None:
        statement = statement.where(Merge.id < after)
    return session.scalars(statement.order_by(Merge.id.desc()).limit(limit + 1)).all()


def get_merge(session: Session, merge_id: int) -> Merge:
    """:raises NotFound: not there, or not within the scope"""
    found = session.scalars(
        select(Merge).where(Merge.id == merge_id).options(joinedload(Merge.kept), joinedload(Merge.user))
    ).first()
    if found is None or found.kept is None:
        raise NotFound("not_in_scope", kind="merge")
    return found


def kept_instead(session: Session, gone_id: int) -> int | None:
    """The target into which another went, None where it was not merged."""
    return session.scalar(
        select(Merge.kept_id).where(Merge.gone_id == gone_id, Merge.undone_at.is_(None)).limit(1)
    )
