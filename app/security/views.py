"""Base of all our own pages, and the switch between memberships."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import abort, redirect, request, session
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from app.security.access import public_route, signed_in
from app.security.context import switch_membership
from app.security.requests import own_path

Grants = Mapping[str, frozenset[str]]


class PortalView(BaseView):
    """A page of our own. `grants` says which roles hold each of its permissions, `can_...` names."""

    grants: ClassVar[Grants] = {}

    def render(self, template: str, **values: Any) -> str:
        return self.render_template(template, **values)


class MembershipView(PortalView):
    """The visible switch between memberships, and the language."""

    route_base = "/me"

    @expose("/membership", methods=["POST"])
    @signed_in
    def membership(self) -> Response:
        wanted = request.form.get("membership", "")
        if not wanted.isdecimal() or len(wanted) > 18 or not switch_membership(int(wanted)):
            abort(404)
        return redirect("/")

    @expose("/language", methods=["POST"])
    @public_route
    def language(self) -> Response:
        wanted = request.form.get("locale", "")
        if wanted in {"zh_CN", "en"}:
            session["locale"] = wanted
        return redirect(own_path(request.form.get("next")))
