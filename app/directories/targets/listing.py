"""The list of targets: its columns and filters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import pgettext
from sqlalchemy import ColumnElement, Select, false, func, select
from sqlalchemy.orm import Session

from app.directories.listing.columns import Column
from app.directories.listing.filters import Filter
from app.directories.listing.listing import Listing, add_listing
from app.directories.targets import criteria, queries
from app.directories.targets.models import Industry, Target, TargetKind
from app.directories.targets.rules import Source, TargetStatus
from app.directories.targets.search import search
from app.directories.targets.since import Since, checked_before, widest
from app.kernel.clock import SystemClock, today
from app.regulation.vocabulary import RiskClass
from app.security.models import Agency, Region
from app.security.protection.rules import Kind, sees
from app.security.scoping import scope_of

_T = Target.__table__.c
_K = TargetKind.__table__.c
_R = Region.__table__.c
_I = Industry.__table__.c
_A = Agency.__table__.c


def _joins(session: Session, statement: Select[Any]) -> Select[Any]:
    return (
        statement.join(TargetKind.__table__, _K.code == _T.kind)
        .join(Region.__table__, _R.id == _T.region_id)
        .outerjoin(Industry.__table__, _I.code == _T.industry_code)
        .outerjoin(Agency.__table__, _A.id == _T.agency_id)
    )


def _search(session: Session, text: str) -> ColumnElement[bool] | None:
    return search(session, text, phones=sees(Kind.PHONE, scope_of(session).roles))


def _status(value: str) -> str:
    return _(TargetStatus(value).label) if value in set(TargetStatus) else value


def _source(value: str) -> str:
    return _(Source(value).label) if value in set(Source) else value


def _kinds(session: Session) -> list[tuple[str, Any]]:
    return [(kind.code, kind.name) for kind in queries.kinds(session)]


def _regions(session: Session) -> list[tuple[str, str]]:
    """Within the scope, parents before their children."""
    statement = select(_R.code, _R.name).order_by(_R.path)
    return [(code, name) for code, name in session.execute(_in_scope(session, statement))]


def _region_parents(session: Session) -> dict[str, str]:
    top = Region.__table__.alias("top")
    statement = select(_R.code, top.c.code).join(top, top.c.id == _R.parent_id)
    return dict(session.execute(_in_scope(session, statement)).all())


def _in_scope(session: Session, statement: Select[Any]) -> Select[Any]:
    scope = scope_of(session)
    return statement if scope.everything else statement.where(_R.id.in_(scope.region_ids))


def _named_kinds(values: Sequence[str]) -> Select[Any]:
    return select(_K.code, _K.name).where(_K.code.in_(values))


def _named_regions(values: Sequence[str]) -> Select[Any]:
    return select(_R.code, _R.name).where(_R.code.in_(values))


def _industries(session: Session) -> list[tuple[str, str]]:
    """Sections and divisions; groups and classes are looked up."""
    statement = select(_I.code, _I.name).where(func.length(_I.code) <= 2).order_by(_I.code)
    return [(code, f"{code} {name}") for code, name in session.execute(statement)]


def _industry_parents(session: Session) -> dict[str, str]:
    statement = select(_I.code, _I.parent_code).where(func.length(_I.code) == 2)
    return dict(session.execute(statement).all())


def _named_industries(values: Sequence[str]) -> Select[Any]:
    return select(_I.code, _I.code + " " + _I.name).where(_I.code.in_(values))


def _by_industries(session: Session, values: tuple[str, ...]) -> ColumnElement[bool]:
    known = tuple(value for value in values if value.isascii() and value.isalnum() and len(value) <= 4)
    return criteria.by_industries(known)


def _by_since(session: Session, values: tuple[str, ...]) -> ColumnElement[bool]:
    """Seen from the day on which the list is read, so that a saved view moves on with it."""
    day = criteria.day_of(session) or today(SystemClock())
    said = widest(values, day)
    return criteria.not_checked_since(checked_before(said, day)) if said else false()


def _tags(session: Session) -> list[tuple[str, str]]:
    return [(name, name) for name in queries.specialty_names(session)]


COLUMNS = (
    Column("name", _l("Name"), _T.name, kind="name", sortable=True, fixed=True),
    Column("code", _l("Code"), _T.code, kind="code", sortable=True),
    Column("kind", _l("Kind of target"), _K.name),
    Column("region", _l("Region"), _R.name, sortable=True, sort=_T.region_id),
    Column("industry", _l("Industry"), _I.name),
    Column(
        "risk_class", _l("Credit risk"), _T.risk_class, kind="risk", sortable=True, personal=Kind.RISK_CLASS
    ),
    Column(
        "status",
        _l("Status"),
        _T.status,
        kind="status",
        value=_status,
        colour=lambda value: TargetStatus(value).colour,
    ),
    Column(
        "last_checked_on",
        _l("Last check"),
        _T.last_checked_on,
        kind="date",
        sortable=True,
        value=lambda day: day or pgettext("check", "never"),
    ),
    Column("address", _l("Address"), _T.address, shown=False),
    Column("legal_representative", _l("Legal representative"), _T.legal_representative, shown=False),
    Column("contact", _l("Contact person"), _T.contact, shown=False),
    Column("phone", _l("Telephone"), _T.phone, kind="code", shown=False, personal=Kind.PHONE),
    Column("tags", _l("Specialties needed"), _T.tags, kind="list", shown=False),
    Column("registered_on", _l("Registered on"), _T.registered_on, kind="date", shown=False, sortable=True),
    Column("source", _l("Source"), _T.source, shown=False, value=_source),
    Column("agency", _l("Agency"), _A.name, shown=False),
    Column("updated_at", _l("Last change"), _T.updated_at, kind="moment", shown=False),
)

FILTERS = (
    Filter(
        "kind",
        _l("Kind of target"),
        "choices",
        _kinds,
        lambda session, values: criteria.by_kinds(values),
        named=_named_kinds,
    ),
    Filter(
        "region",
        _l("Region"),
        "tree",
        _regions,
        criteria.by_regions,
        parents=_region_parents,
        named=_named_regions,
    ),
    Filter(
        "industry",
        _l("Industry"),
        "tree",
        _industries,
        _by_industries,
        parents=_industry_parents,
        lookup="/lookup/industries",
        named=_named_industries,
    ),
    Filter(
        "risk_class",
        _l("Credit risk"),
        "choices",
        lambda session: [(c.value, f"{c.value} {_(c.label)}") for c in RiskClass],
        lambda session, values: criteria.by_classes(values),
        personal=Kind.RISK_CLASS,
    ),
    Filter(
        "status",
        _l("Status"),
        "choices",
        lambda session: [(s.value, _(s.label)) for s in TargetStatus],
        lambda session, values: criteria.by_statuses(values),
    ),
    Filter(
        "source",
        _l("Source"),
        "choices",
        lambda session: [(s.value, _(s.label)) for s in Source],
        lambda session, values: _T.source.in_(values),
    ),
    Filter(
        "tag",
        _l("Specialties needed"),
        "choices",
        _tags,
        lambda session, values: criteria.by_tags(values),
        lambda session, values: list(values),
    ),
    Filter(
        "not_checked_since",
        _l("Not checked since"),
        "since",
        lambda session: [(since.value, _(since.label)) for since in Since],
        _by_since,
    ),
)

LISTING = add_listing(
    Listing(
        key="targets",
        model=Target,
        title=_l("Directory of targets"),
        joins=_joins,
        columns=COLUMNS,
        filters=FILTERS,
        search=_search,
        order="name",
        permission=("can_list", "TargetView"),
        endpoint="TargetView.list",
        record=("TargetView.show", "target_id"),
        search_label=_l("Name, part of it, initials, code, address"),
        unit=_l("targets"),
        covered=frozenset({"kind", "region", "industry", "risk_class", "status", "not_checked_since"}),
    )
)
