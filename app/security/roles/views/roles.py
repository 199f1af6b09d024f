"""The roles that there are, one of them, and the matrix of all."""

from __future__ import annotations

from typing import ClassVar

from flask import Response, request
from flask_appbuilder import expose
from flask_appbuilder.security.sqla.models import Role
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.db import db
from app.kernel.errors import NotFound
from app.kernel.workbook import csv_bytes
from app.security.access import guarded
from app.security.context import request_unit
from app.security.menu import MenuItem
from app.security.models import CustomRole
from app.security.roles import queries
from app.security.roles.rules import RoleFacts
from app.security.roles.views.shared import READERS, VIEW, current_day, me
from app.security.roles.words import by_stage, say
from app.security.rules import ROLE_LABELS
from app.security.services import note_security
from app.security.views import Grants, PortalView

MENU = (
    MenuItem("settings", _l("Roles"), "RolesView.index", "shield-lock", ("can_list", VIEW), 200),
    MenuItem("settings", _l("Who may do what"), "RolesView.matrix", "table", ("can_list", VIEW), 210),
)
MOST_HOLDERS = 50


class RolesView(PortalView):
    """`/roles`: what roles there are and what each may."""

    route_base = "/roles"
    class_permission_name = VIEW
    grants: ClassVar[Grants] = {"can_list": READERS}

    @expose("/")
    @guarded("list")
    def index(self) -> str:
        session, actor = db.session(), me()
        roles = queries.roles_known_to(session, actor)
        counts = queries.holders(session, queries.agencies_administered(session, actor), current_day())
        own = queries.actor_place(session, actor)
        may_give = {role.name for role in queries.grantable_of(roles, actor, own)}
        return self.render(
            "roles/list.html",
            standard=[r for r in roles if not r.is_custom],
            custom=[r for r in roles if r.is_custom],
            counts=counts,
            may_give=may_give,
            ids=_ids(roles),
        )

    @expose("/<int:role_id>")
    @guarded("list")
    def show(self, role_id: int) -> str:
        session, actor = db.session(), me()
        facts, custom = role_of(role_id)
        units = queries.agencies_administered(session, actor)
        return self.render(
            "roles/show.html",
            role=facts,
            role_id=role_id,
            custom=custom,
            role_labels=ROLE_LABELS,
            stages=by_stage(facts.permissions),
            people=queries.people_in_role(session, facts.name, units, current_day(), MOST_HOLDERS + 1),
            most=MOST_HOLDERS,
            is_own=custom is not None and custom.office_id == actor.agency_id,
        )

    @expose("/matrix")
    @guarded("list")
    def matrix(self) -> str:
        roles = queries.roles_known_to(db.session(), me())
        chosen = request.args.get("role", "")
        ids = _ids(roles)
        return self.render(
            "roles/matrix.html",
            roles=roles,
            ids=ids,
            chosen=next((r for r in roles if r.name == chosen), None),
            stages=by_stage(frozenset().union(*(r.permissions for r in roles))),
            own=me().roles,
        )

    @expose("/matrix.csv")
    @guarded("list")
    def matrix_csv(self) -> Response:
        roles = queries.roles_known_to(db.session(), me())
        headings = [_("Stage"), _("Permission"), *(str(role.label) for role in roles)]
        lines = [
            [heading, say(line.permission), *("✓" if line.permission in r.permissions else "" for r in roles)]
            for _key, heading, found in by_stage(frozenset().union(*(r.permissions for r in roles)))
            for line in found
        ]
        with request_unit() as unit:
            note_security(unit, "exported", "ok", subject="roles:matrix")
        headers = {"Content-Disposition": "attachment; filename=roles.csv"}
        return Response(csv_bytes(headings, lines), mimetype="text/csv; charset=utf-8", headers=headers)


def role_of(role_id: int) -> tuple[RoleFacts, CustomRole | None]:
    """One role with what it may, as far as the person may know of it.

    :raises NotFound: no role that people hold, or a custom one of another area
    """
    session = db.session()
    name = session.scalar(select(Role.name).where(Role.id == role_id))
    facts = next((r for r in queries.roles_known_to(session, me()) if r.name == name), None)
    if facts is None:
        raise NotFound("not_in_scope")
    custom = session.get(CustomRole, facts.custom_id) if facts.custom_id else None
    return facts, custom


def _ids(roles: list[RoleFacts]) -> dict[str, int]:
    names = [role.name for role in roles]
    return dict(db.session.execute(select(Role.name, Role.id).where(Role.name.in_(names))).all())
