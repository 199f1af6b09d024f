"""The list of premises, and the filter by premises on the list of targets."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.directories.children.kinds import choices
from app.directories.children.listing import by_text, joins, kind_filter, region_filter, target_columns
from app.directories.listing.columns import Column
from app.directories.listing.filters import Filter
from app.directories.listing.listing import Listing, add_filter, add_listing
from app.directories.premises.models import Premises, PremisesKind
from app.directories.premises.rules import PremisesStatus
from app.directories.premises.services import PREMISES
from app.directories.targets.models import Target
from app.security.scoping import scoped_select

_P = Premises.__table__.c


def _statuses(session: Session) -> list[tuple[str, Any]]:
    return [(s.value, _(s.label)) for s in PremisesStatus]


def _status(value: Any) -> str:
    return _(PremisesStatus(value).label) if value else ""


def of_targets(session: Session, values: tuple[str, ...]) -> ColumnElement[bool]:
    """Targets that use premises of these kinds."""
    fitting = scoped_select(session, Premises, _P.target_id).where(
        _P.kind.in_(values), _P.status == PremisesStatus.USED.value
    )
    return Target.__table__.c.id.in_(fitting)


LISTING = Listing(
    key="premises",
    model=Premises,
    title=_l("Premises"),
    joins=joins(PREMISES),
    columns=(
        Column("name", _l("Name of the premises"), _P.name, kind="name", fixed=True),
        Column("kind", _l("Kind of premises"), PremisesKind.__table__.c.name, sortable=True, sort=_P.kind),
        *target_columns(),
        Column("address", _l("Address"), _P.address),
        Column("area", _l("Area (m²)"), _P.area, kind="number"),
        Column(
            "status",
            _l("Status"),
            _P.status,
            kind="status",
            value=_status,
            colour=lambda value: PremisesStatus(value).colour,
        ),
        Column("updated_at", _l("Last change"), _P.updated_at, kind="moment", shown=False),
    ),
    filters=(
        kind_filter(PREMISES, _l("Kind of premises")),
        Filter("status", _l("Status"), "choices", _statuses, lambda session, values: _P.status.in_(values)),
        region_filter(PREMISES),
    ),
    search=by_text(PREMISES, "name"),
    order="kind",
    permission=("can_list", "PremisesView"),
    endpoint="PremisesView.list",
    record=("PremisesView.show", "row_id"),
    search_label=_l("Name of the premises, name or code of the target"),
    unit=_l("premises"),
)

TARGET_FILTER = Filter(
    "premises",
    _l("Uses premises"),
    "choices",
    lambda session: choices(session, PREMISES),
    of_targets,
)


def register() -> None:
    add_listing(LISTING)
    add_filter("targets", TARGET_FILTER)
