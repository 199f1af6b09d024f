"""The list of permits, and the filters by permits on the list of targets."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from app.directories.children.kinds import choices
from app.directories.children.listing import by_text, joins, kind_filter, region_filter, target_columns
from app.directories.ending.rules import WARNED_DAYS
from app.directories.listing.columns import Column
from app.directories.listing.filters import Filter
from app.directories.listing.listing import Listing, add_filter, add_listing
from app.directories.permits.ending import of_agency
from app.directories.permits.models import Permit, PermitKind
from app.directories.permits.rules import PermitStatus, Standing
from app.directories.permits.services import PERMITS
from app.directories.targets.models import Target
from app.kernel.clock import today
from app.security.context import current_clock
from app.security.models import Agency
from app.security.scoping import scope_of, scoped_select

_P = Permit.__table__.c
OFFERED = (
    Standing.ENDS_SOON,
    Standing.ENDED,
    Standing.HOLDS,
    Standing.SUSPENDED,
    Standing.CANCELLED,
    Standing.REVOKED,
)


def stands(standing: str) -> ColumnElement[bool]:
    """`rules.standing` as SQL, today."""
    if standing not in set(OFFERED):
        return false()
    day = today(current_clock())
    if standing not in (Standing.ENDS_SOON, Standing.ENDED, Standing.HOLDS):
        return _P.status == standing
    begun = or_(_P.valid_from.is_(None), _P.valid_from <= day)
    soon = day + timedelta(days=WARNED_DAYS)
    period = {
        Standing.ENDED: _P.valid_until < day,
        Standing.ENDS_SOON: and_(begun, _P.valid_until >= day, _P.valid_until <= soon),
        Standing.HOLDS: and_(begun, or_(_P.valid_until.is_(None), _P.valid_until > soon)),
    }[Standing(standing)]
    return and_(_P.status == PermitStatus.VALID.value, period)


def _any_standing(session: Session, values: tuple[str, ...]) -> ColumnElement[bool]:
    return or_(false(), *(stands(value) for value in values))


def _standings(session: Session) -> list[tuple[str, Any]]:
    return [(s.value, _(s.label)) for s in OFFERED]


def _day(values: tuple[str, ...]) -> date | None:
    try:
        return date.fromisoformat(values[0])
    except ValueError:
        return None


def _until(session: Session, values: tuple[str, ...]) -> ColumnElement[bool]:
    """In force, and no longer valid on this day."""
    day = _day(values)
    return false() if day is None else and_(_P.status == PermitStatus.VALID.value, _P.valid_until < day)


def _ends_on(session: Session, values: tuple[str, ...]) -> ColumnElement[bool]:
    day = _day(values)
    return false() if day is None else _P.valid_until == day


def _own(session: Session, values: tuple[str, ...]) -> ColumnElement[bool]:
    """Of the agencies in whose name one acts: in a job as on the page."""
    own = select(Agency).where(Agency.id.in_(sorted(scope_of(session).agency_ids)))
    return (
        or_(false(), *(of_agency(agency) for agency in session.scalars(own))) if values == ("1",) else false()
    )


def of_targets(session: Session, *criteria: ColumnElement[bool]) -> ColumnElement[bool]:
    """Targets that hold a permit which fits."""
    return Target.__table__.c.id.in_(scoped_select(session, Permit, _P.target_id).where(*criteria))


def _status(value: Any) -> str:
    return _(PermitStatus(value).label) if value else ""


LISTING = Listing(
    key="permits",
    model=Permit,
    title=_l("Permits"),
    joins=joins(PERMITS),
    columns=(
        Column("number", _l("Number of the permit"), _P.number, kind="name", sortable=True, fixed=True),
        Column("kind", _l("Kind of permit"), PermitKind.__table__.c.name, sortable=True, sort=_P.kind),
        *target_columns(),
        Column("authority", _l("Issued by"), _P.authority, shown=False),
        Column("valid_from", _l("Valid from"), _P.valid_from, kind="date", shown=False),
        Column("valid_until", _l("Valid until"), _P.valid_until, kind="date", sortable=True),
        Column(
            "status",
            _l("Status"),
            _P.status,
            kind="status",
            value=_status,
            colour=lambda value: PermitStatus(value).colour,
        ),
        Column("updated_at", _l("Last change"), _P.updated_at, kind="moment", shown=False),
    ),
    filters=(
        kind_filter(PERMITS, _l("Kind of permit")),
        Filter("standing", _l("State today"), "choices", _standings, _any_standing),
        Filter("until", _l("Valid until before"), "date", None, _until),
        Filter("ends_on", _l("Last day of validity"), "date", None, _ends_on),
        Filter(
            "own",
            _l("Kept or issued by"),
            "one",
            lambda session: [("1", _("The own agency"))],
            _own,
        ),
        region_filter(PERMITS),
    ),
    search=by_text(PERMITS, "number"),
    order="-valid_until",
    permission=("can_list", "PermitView"),
    endpoint="PermitView.list",
    record=("PermitView.show", "row_id"),
    search_label=_l("Number of the permit, name or code of the target"),
    unit=_l("permits"),
)

TARGET_FILTERS = (
    Filter(
        "permit",
        _l("Holds a permit"),
        "choices",
        lambda session: choices(session, PERMITS),
        lambda session, values: of_targets(
            session, _P.kind.in_(values), or_(stands(Standing.HOLDS), stands(Standing.ENDS_SOON))
        ),
    ),
    Filter(
        "permit_state",
        _l("Has a permit that is"),
        "choices",
        _standings,
        lambda session, values: of_targets(session, _any_standing(session, values)),
    ),
    Filter(
        "permit_until",
        _l("Has a permit valid until before"),
        "date",
        None,
        lambda session, values: of_targets(session, _until(session, values)),
    ),
)


def register() -> None:
    add_listing(LISTING)
    for found in TARGET_FILTERS:
        add_filter("targets", found)
