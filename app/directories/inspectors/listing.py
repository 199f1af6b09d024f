"""The lists of inspectors and experts: their columns and filters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, any_, false, literal, or_, select
from sqlalchemy.orm import Session

from app.directories.inspectors.models import Expert, Inspector
from app.directories.inspectors.standing import ELIGIBLE, STANDINGS, standing, stands
from app.directories.listing.columns import Column
from app.directories.listing.filters import Filter
from app.directories.listing.listing import Listing, Preset, add_listing
from app.directories.targets.models import Specialty
from app.directories.targets.search import as_initials, like_pattern
from app.kernel.clock import today
from app.kernel.errors import Refused
from app.security.context import current_clock
from app.security.explain import explain
from app.security.models import Agency
from app.security.protection import has_number, is_number
from app.security.protection.rules import Kind, sees
from app.security.scoping import scope_of

SOON = timedelta(days=60)
_I = Inspector.__table__.c
_E = Expert.__table__.c
_A = Agency.__table__.c


def _with_agency(session: Session, statement: Select[Any]) -> Select[Any]:
    return statement.outerjoin(Agency.__table__, _A.id == _I.agency_id)


def _search(session: Session, text: str) -> ColumnElement[bool] | None:
    """By name or a part of it, initials, certificate number, unit, and telephone for whoever sees it."""
    if not text.strip():
        return None
    ways = [_holds(column, text) for column in (_I.name, _I.certificate_no, _I.unit)]
    if initials := as_initials(text):
        ways.append(_holds(_I.search_initials, initials))
    if is_number(text) and sees(Kind.PHONE, scope_of(session).roles):
        ways.append(has_number(Inspector, text))
    return or_(*ways)


def _holds(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    return column.like(f"%{like_pattern(text.strip())}%", escape="\\")


def _today_words(word: str) -> str:
    return _("On duty") if word == ELIGIBLE else explain(Refused(word))


def _standing() -> ColumnElement[str]:
    return standing(today(current_clock()))


def _by_state(session: Session, values: tuple[str, ...]) -> ColumnElement[bool]:
    soon = today(current_clock()) + SOON
    known = {
        "on_duty": _I.active,
        "off_duty": ~_I.active,
        "uncertified": ~_I.certified,
        "expiring": and_(_I.certified, _I.certificate_until <= soon),
    }
    return or_(false(), *(known[value] for value in values if value in known))


def _by_standing(session: Session, values: tuple[str, ...]) -> ColumnElement[bool]:
    day = today(current_clock())
    return or_(false(), *(stands(value, day) for value in values if value in STANDINGS))


def _states(session: Session) -> list[tuple[str, Any]]:
    return [
        ("on_duty", _("On duty")),
        ("expiring", _("Certificate expired or about to")),
        ("uncertified", _("Without certificate")),
        ("off_duty", _("Off duty")),
    ]


def _specialties(session: Session) -> list[tuple[str, str]]:
    return [(name, name) for name in session.scalars(select(Specialty.name).order_by(Specialty.name))]


def _agencies(session: Session) -> list[tuple[str, str]]:
    """Agencies whose people are within reach."""
    scope = scope_of(session)
    statement = select(_A.code, _A.name).order_by(_A.code)
    if not scope.everything:
        statement = statement.where(_A.id.in_(scope.readable_agency_ids))
    return [(code, name) for code, name in session.execute(statement)]


def _agency_words(session: Session, values: tuple[str, ...]) -> list[str]:
    names = dict(session.execute(select(_A.code, _A.name).where(_A.code.in_(values))).all())
    return [names.get(value, value) for value in values]


def _of_agencies(column: ColumnElement[int]) -> Any:
    return lambda session, values: column.in_(select(_A.id).where(_A.code.in_(values)))


def _has_one(column: Any) -> Any:
    """Rows whose list holds one of the values."""
    return lambda session, values: or_(*(literal(value) == any_(column) for value in values))


INSPECTORS = add_listing(
    Listing(
        key="inspectors",
        model=Inspector,
        title=_l("Directory of inspectors"),
        joins=_with_agency,
        columns=(
            Column("name", _l("Name"), _I.name, kind="name", sortable=True, fixed=True),
            Column("certificate_no", _l("Certificate number"), _I.certificate_no, kind="code", sortable=True),
            Column("agency", _l("Agency"), _A.name),
            Column("unit", _l("Unit"), _I.unit),
            Column("position", _l("Position"), _I.position, shown=False),
            Column("specialties", _l("Specialties"), _I.specialties, kind="list"),
            Column("certificate_until", _l("Valid until"), _I.certificate_until, kind="date", sortable=True),
            Column("load", _l("Visits this year"), _I.load, kind="number", sortable=True),
            Column(
                "standing",
                _l("Today"),
                _standing,
                kind="status",
                value=_today_words,
                colour=lambda word: "ok" if word == ELIGIBLE else "warn",
            ),
            Column(
                "leader", _l("may lead"), _I.leader, shown=False, value=lambda yes: _("Yes") if yes else ""
            ),
            Column("regions", _l("Regions"), _I.regions, kind="list", shown=False),
            Column("phone", _l("Telephone"), _I.phone, kind="code", shown=False, personal=Kind.PHONE),
        ),
        filters=(
            Filter("state", _l("Status"), "choices", _states, _by_state),
            Filter(
                "standing",
                _l("Today"),
                "choices",
                lambda session: [(word, _today_words(word)) for word in STANDINGS],
                _by_standing,
            ),
            Filter("specialty", _l("Specialties"), "choices", _specialties, _has_one(_I.specialties)),
            Filter("agency", _l("Agency"), "choices", _agencies, _of_agencies(_I.agency_id), _agency_words),
            Filter(
                "leader",
                _l("may lead"),
                "one",
                lambda session: [("yes", _("Yes")), ("no", _("No"))],
                lambda session, values: _I.leader.is_(values[0] == "yes"),
            ),
        ),
        search=_search,
        order="certificate_no",
        permission=("can_list", "InspectorView"),
        endpoint="InspectorView.list",
        record=("InspectorView.show", "inspector_id"),
        search_label=_l("Name, initials or certificate number"),
        unit=_l("inspectors"),
        presets=(
            Preset(_l("On duty"), {"state": ("on_duty",)}),
            Preset(_l("Certificate expired or about to"), {"state": ("expiring",)}),
            Preset(_l("Without certificate"), {"state": ("uncertified",)}),
            Preset(_l("Off duty"), {"state": ("off_duty",)}),
        ),
    )
)


def _experts_with_agency(session: Session, statement: Select[Any]) -> Select[Any]:
    return statement.outerjoin(Agency.__table__, _A.id == _E.agency_id)


def _search_experts(session: Session, text: str) -> ColumnElement[bool] | None:
    if not text.strip():
        return None
    ways = [_holds(column, text) for column in (_E.name, _E.code, _E.institution)]
    if is_number(text) and sees(Kind.PHONE, scope_of(session).roles):
        ways.append(has_number(Expert, text))
    return or_(*ways)


EXPERTS = add_listing(
    Listing(
        key="experts",
        model=Expert,
        title=_l("Experts"),
        joins=_experts_with_agency,
        columns=(
            Column("name", _l("Name"), _E.name, kind="name", sortable=True, fixed=True),
            Column("code", _l("Number"), _E.code, kind="code", sortable=True),
            Column("institution", _l("Institution"), _E.institution, sortable=True),
            Column("qualification", _l("Qualification"), _E.qualification),
            Column("specialties", _l("Specialties"), _E.specialties, kind="list", shown=False),
            Column("agency", _l("Agency"), _A.name),
            Column("phone", _l("Telephone"), _E.phone, kind="code", shown=False, personal=Kind.PHONE),
            Column(
                "active",
                _l("Status"),
                _E.active,
                kind="status",
                value=lambda yes: _("Active") if yes else _("Not active"),
                colour=lambda yes: "ok" if yes else "none",
            ),
        ),
        filters=(
            Filter(
                "active",
                _l("Status"),
                "one",
                lambda session: [("yes", _("Active")), ("no", _("Not active"))],
                lambda session, values: _E.active.is_(values[0] == "yes"),
            ),
            Filter("specialty", _l("Specialties"), "choices", _specialties, _has_one(_E.specialties)),
            Filter("agency", _l("Agency"), "choices", _agencies, _of_agencies(_E.agency_id), _agency_words),
        ),
        search=_search_experts,
        order="code",
        permission=("can_list", "ExpertView"),
        endpoint="ExpertView.list",
        record=("ExpertView.show", "pk"),
        search_label=_l("Name, number or institution"),
        unit=_l("experts"),
    )
)
