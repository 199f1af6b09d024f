"""Reads of the directory of targets. Everything within the session's scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, text, tuple_
from sqlalchemy.orm import Session, joinedload

from app.db.history import RowHistory
from app.directories.targets.models import Industry, Specialty, Target, TargetCode, TargetKind
from app.directories.targets.search import is_code_beginning, matches
from app.kernel.errors import NotFound
from app.kernel.identifiers import normalise
from app.security.models import Region
from app.security.paging import keyset_page
from app.security.protection import has_number, is_number
from app.security.scoping import scope_of, scoped_select

PAGE = 50
COUNTED_UP_TO = 10_000
MOST_HISTORY = 100

_T = Target.__table__.c
_R = Region.__table__.c
_I = Industry.__table__.c


@dataclass(frozen=True)
class TargetFilter:
    """What the list is narrowed to. `region` covers everything below, `industry` is a beginning."""

    q: str = ""
    kind: str = ""
    region: str = ""
    industry: str = ""
    risk_class: str = ""
    status: str = ""
    source: str = ""

    @property
    def is_empty(self) -> bool:
        return not any(getattr(self, part.name) for part in fields(self))


@dataclass(frozen=True)
class Page:
    """One page of a keyset list. `first`, `last` are the keys of its ends, None where nothing lies beyond."""

    rows: Sequence[Row[Any]]
    before: tuple[str, int] | None
    after: tuple[str, int] | None


@dataclass(frozen=True)
class Total:
    """A count that stops at `COUNTED_UP_TO` (`capped`), or an estimate of the statistics (`estimated`)."""

    n: int
    capped: bool = False
    estimated: bool = False


def get_target(session: Session, target_id: int) -> Target:
    """The target with region, industry, kind and agency.

    :raises NotFound: not there, or not within the scope
    """
    found = session.scalars(
        select(Target)
        .where(Target.id == target_id)
        .options(
            joinedload(Target.region),
            joinedload(Target.industry),
            joinedload(Target.kind_row),
            joinedload(Target.agency),
        )
    ).first()
    if found is None:
        raise NotFound("not_in_scope", kind="target")
    return found


def by_code(session: Session, code: str) -> Target | None:
    """The target that has this code, or had it before (R-11.5)."""
    wanted = normalise(code)
    former = select(TargetCode.target_id).where(TargetCode.code == wanted).scalar_subquery()
    found = session.scalars(
        select(Target).where(or_(Target.code == wanted, Target.id == former)).limit(2)
    ).all()
    return next((t for t in found if t.code == wanted), found[0] if found else None)


def former_codes(session: Session, target_id: int) -> list[TargetCode]:
    return list(
        session.scalars(
            select(TargetCode).where(TargetCode.target_id == target_id).order_by(TargetCode.replaced_at)
        )
    )


def region_and_below(session: Session, code: str) -> list[int]:
    """Ids of the region of this code and of everything below it. They are looked up first: of a subselect the
    planner does not know how many targets it leaves, and sorted a whole city for one page.
    """
    top = Region.__table__.alias("top")
    below = select(_R.id).where(
        top.c.code == code, or_(_R.path == top.c.path, _R.path.like(top.c.path + "/%"))
    )
    return list(session.scalars(below))


def in_industry(code: str) -> ColumnElement[bool]:
    """Targets of a section (`I`), division, group or class (`61`, `611`, `6110`)."""
    if code.isalpha():
        divisions = select(_I.code).where(_I.parent_code == code)
        return func.substr(_T.industry_code, 1, 2).in_(divisions)
    after = code[:-1] + chr(ord(code[-1]) + 1)
    return and_(_T.industry_code >= code, _T.industry_code < after)


def criteria(session: Session, wanted: TargetFilter, phones: bool = False) -> list[ColumnElement[bool]]:
    """The filter without its region as criteria; one query more when the text may be a former code.

    :param phones: the text may be a telephone number as well, the whole one or its last four figures
    """
    former: list[int] = []
    if wanted.q and is_code_beginning(wanted.q):
        former = list(
            session.scalars(select(TargetCode.target_id).where(TargetCode.code == normalise(wanted.q)))
        )
    found = [_by_text(wanted.q, former, phones)]
    if wanted.industry:
        found.append(in_industry(wanted.industry))
    for name in ("kind", "risk_class", "status", "source"):
        if getattr(wanted, name):
            found.append(_T[name] == getattr(wanted, name))
    return [criterion for criterion in found if criterion is not None]


def _by_text(text: str, former: Sequence[int], phones: bool) -> ColumnElement[bool] | None:
    by_text = matches(text, former)
    if by_text is None or not phones or not is_number(text):
        return by_text
    return or_(by_text, has_number(Target, text))


def page(
    session: Session,
    wanted: TargetFilter,
    *,
    after: tuple[str, int] | None = None,
    before: tuple[str, int] | None = None,
    limit: int = PAGE,
    phones: bool = False,
) -> Page:
    """One page in the order of names. `after` and `before` are (name, id) of a row.

    Rows: id code name kind kind_name region_name industry_name risk_class status source.
    """
    statement = _list_columns(session, wanted).where(*criteria(session, wanted, phones))
    return Page(*keyset_page(session, statement, _T.name, _T.id, after=after, before=before, limit=limit))


def _regions(session: Session, wanted: TargetFilter) -> list[int] | None:
    return region_and_below(session, wanted.region) if wanted.region else None


def _list_columns(session: Session, wanted: TargetFilter) -> Select[Any]:
    kinds = TargetKind.__table__.c
    return (
        scoped_select(
            session,
            Target,
            _T.id,
            _T.code,
            _T.name,
            _T.kind,
            kinds.name.label("kind_name"),
            _R.name.label("region_name"),
            _R.code.label("region_code"),
            _I.name.label("industry_name"),
            _T.risk_class,
            _T.status,
            _T.source,
            regions=_regions(session, wanted),
        )
        .join(TargetKind.__table__, kinds.code == _T.kind)
        .join(Region.__table__, _R.id == _T.region_id)
        .outerjoin(Industry.__table__, _I.code == _T.industry_code)
    )


def count(session: Session, wanted: TargetFilter, phones: bool = False) -> Total:
    """How many targets the filter leaves, counted no further than `COUNTED_UP_TO`."""
    if wanted.is_empty and scope_of(session).everything:
        return estimate(session)
    inner = scoped_select(session, Target, _T.id, regions=_regions(session, wanted))
    inner = inner.where(*criteria(session, wanted, phones))
    inner = inner.limit(COUNTED_UP_TO + 1)
    n = session.execute(select(func.count()).select_from(inner.subquery())).scalar_one()
    return Total(min(n, COUNTED_UP_TO), capped=n > COUNTED_UP_TO)


def estimate(session: Session) -> Total:
    """Rows of the whole directory after the statistics of the database; counted while there are none."""
    n = session.execute(
        text("SELECT reltuples::bigint FROM pg_class WHERE oid = 'target'::regclass")
    ).scalar_one()
    if n < 0:
        n = session.execute(select(func.count()).select_from(Target.__table__)).scalar_one()
    return Total(n, estimated=True)


def search(
    session: Session,
    query: str,
    region_ids: Sequence[int] | None = None,
    after: tuple[str, int] | None = None,
    limit: int = 20,
    phones: bool = False,
) -> Sequence[Row[Any]]:
    """Targets whose name contains, or whose code begins with, the text: rows as of `page`."""
    wanted = TargetFilter(q=query)
    statement = _list_columns(session, wanted).where(*criteria(session, wanted, phones))
    if region_ids is not None:
        statement = statement.where(_T.region_id.in_(region_ids))
    if after is not None:
        statement = statement.where(tuple_(_T.name, _T.id) > after)
    return session.execute(statement.order_by(_T.name, _T.id).limit(limit)).all()


def kinds(session: Session) -> list[TargetKind]:
    return list(session.scalars(select(TargetKind).order_by(TargetKind.position, TargetKind.code)))


def kind_names(session: Session) -> dict[str, str]:
    """Kinds by code, in the order in which they are offered."""
    return {kind.code: kind.name for kind in kinds(session)}


def specialty_names(session: Session) -> list[str]:
    """The specialties as they are offered and as they stand in tags."""
    return list(session.scalars(select(Specialty.name).order_by(Specialty.name)))


def history(session: Session, target_id: int, limit: int = MOST_HISTORY) -> list[RowHistory]:
    """Changes of one target, newest first. The caller has got the target within its scope."""
    return list(
        session.scalars(
            select(RowHistory)
            .where(RowHistory.table_name == "target", RowHistory.row_id == str(target_id))
            .order_by(RowHistory.id.desc())
            .limit(limit)
        )
    )
