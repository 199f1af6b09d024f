"""Pages that all directories share: look-ups of selects, the vocabularies' screens."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, jsonify, request
from flask_appbuilder import expose
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.db import db
from app.directories import vocabularies
from app.directories.inspectors.models import Inspector
from app.directories.inspectors.offering import look_up
from app.directories.regions import move_rows
from app.directories.targets import queries as targets
from app.directories.targets.models import Industry
from app.directories.targets.search import like_pattern
from app.people.places import after_region_merged
from app.security.access import signed_in
from app.security.context import current_scope
from app.security.models import Agency, Region
from app.security.views import PortalView

MOST_FOUND = 20
LONGEST_QUERY = 60

Hit = dict[str, Any]


class LookupView(PortalView):
    """`/lookup/<kind>?q=`: at most twenty choices for a select, within the scope."""

    route_base = "/lookup"

    @expose("/<kind>")
    @signed_in
    def find(self, kind: str) -> Response:
        finder = FINDERS.get(kind)
        if finder is None:
            abort(404)
        text = request.args.get("q", "").strip()[:LONGEST_QUERY]
        return jsonify(finder(db.session(), text))


def _targets(session: Session, text: str) -> list[Hit]:
    rows = targets.search(session, text, limit=MOST_FOUND)
    return [{"id": row.id, "label": row.name, "note": f"{row.code} · {row.region_name}"} for row in rows]


def _inspectors(session: Session, text: str) -> list[Hit]:
    pattern = f"%{like_pattern(text)}%"
    rows = session.scalars(
        select(Inspector)
        .where(
            Inspector.active,
            or_(
                Inspector.name.like(pattern, escape="\\"), Inspector.certificate_no.like(pattern, escape="\\")
            ),
        )
        .order_by(Inspector.certificate_no)
        .limit(MOST_FOUND)
    )
    return [{"id": row.id, "label": row.name, "note": f"{row.certificate_no} · {row.unit}"} for row in rows]


def _industries(session: Session, text: str) -> list[Hit]:
    rows = session.scalars(_by_code_or_name(Industry, text).order_by(Industry.code).limit(MOST_FOUND))
    return [{"id": row.code, "label": str(row), "note": ""} for row in rows]


def _regions(session: Session, text: str) -> list[Hit]:
    scope = current_scope()
    rows = session.scalars(
        _by_code_or_name(Region, text)
        .where(Region.id.in_(scope.region_ids))
        .order_by(Region.path)
        .limit(MOST_FOUND)
    )
    return [{"id": row.code, "label": row.name, "note": row.code} for row in rows]


def _agencies(session: Session, text: str) -> list[Hit]:
    scope = current_scope()
    rows = session.scalars(
        _by_code_or_name(Agency, text)
        .where(
            or_(Agency.region_id.in_(scope.region_ids), Agency.id.in_(scope.readable_agency_ids)),
            Agency.active,
        )
        .order_by(Agency.code)
        .limit(MOST_FOUND)
    )
    return [{"id": row.code, "label": row.name, "note": row.code} for row in rows]


def _by_code_or_name(model: Any, text: str) -> Any:
    pattern = like_pattern(text)
    return select(model).where(
        or_(model.code.like(f"{pattern}%", escape="\\"), model.name.like(f"%{pattern}%", escape="\\"))
    )


FINDERS = {
    "targets": _targets,
    "inspectors": _inspectors,
    "experts": look_up,
    "industries": _industries,
    "regions": _regions,
    "agencies": _agencies,
}


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(LookupView)
    vocabularies.register(appbuilder)
    after_region_merged.add(move_rows)
