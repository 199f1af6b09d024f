"""Flask-AppBuilder's security manager, as the portal uses it: roles come from the membership in use."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, session
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.security.sqla.models import Role
from flask_jwt_extended import JWTManager
from sqlalchemy import text

from app.db import db
from app.kernel.clock import today
from app.security.context import current_clock, person
from app.security.login.api import PortalSecurityApi, manager_answers
from app.security.login.auth import PortalAuthView
from app.security.login.lookup import Found, by_number, by_token
from app.security.models import Account
from app.security.views import MembershipView

GRANTED_SQL = text(
    "SELECT v.name, p.name FROM ab_permission_view_role r "
    "JOIN ab_permission_view pv ON pv.id = r.permission_view_id "
    "JOIN ab_view_menu v ON v.id = pv.view_menu_id "
    "JOIN ab_permission p ON p.id = pv.permission_id WHERE r.role_id = ANY(:roles)"
)


class PortalSecurityManager(SecurityManager):
    user_model = Account
    authdbview = PortalAuthView
    security_api = PortalSecurityApi

    def register_views(self) -> None:
        """Only log-in and the membership switch: account administration has its own guarded screens."""
        tokens = self.appbuilder.add_api(self.security_api)
        self.auth_view = self.authdbview()
        self.appbuilder.add_view_no_menu(self.auth_view)
        self.appbuilder.add_view_no_menu(MembershipView)
        if self.is_auth_limited:
            for view in (self.auth_view, tokens):
                self.limiter.limit(self.auth_rate_limit, methods=["POST"])(view.blueprint)

    def get_user_roles(self, user: Any) -> list[Role]:
        who = person()
        if not getattr(user, "is_authenticated", False):
            return [self.get_public_role()]
        if who is not None and who.account.id == user.id and who.membership is not None:
            day = today(current_clock())
            return [link.role for link in who.membership.roles if link.holds(day)]
        return list(user.roles)

    def exist_permission_on_roles(self, view_name: str, permission_name: str, role_ids: list[int]) -> bool:
        """One query per request for all permissions of the roles.

        `g.permission_names` maps the name of a view to the one that holds its rights in this request: one view
        serves all low-code lists, each with rights of its own.
        """
        view_name = g.get("permission_names", {}).get(view_name, view_name)
        kept: dict[tuple[int, ...], set[tuple[str, str]]] = g.setdefault("granted", {})
        key = tuple(sorted(role_ids))
        if key not in kept:
            rows = self.session.execute(GRANTED_SQL, {"roles": list(key)})
            kept[key] = {(view, permission) for view, permission in rows}
        return (view_name, permission_name) in kept[key]

    def load_user(self, pk: Any) -> Account | None:
        """Flask-Login's question: the account of a cookie, when its session still lives."""
        token = session.get("token")
        if not isinstance(token, str) or not str(pk).isdecimal():
            g.session_over = "unknown"
            return None
        return self._take(by_token(db.session(), int(pk), token, current_clock().now()))

    def load_user_jwt(self, header: Any, claims: dict[str, Any]) -> Account | None:
        """The account of a program's token, when the session that it belongs to still lives."""
        number = claims.get("sid")
        if not isinstance(number, int) or not str(claims.get("sub", "")).isdecimal():
            return None
        account = self._take(by_number(db.session(), int(claims["sub"]), number, current_clock().now()))
        if account is not None:
            g.user = account
        return account

    def create_jwt_manager(self, app: Flask) -> JWTManager:
        manager = super().create_jwt_manager(app)
        manager_answers(manager)
        return manager

    def _take(self, found: Found) -> Account | None:
        g.policy, g.login = found.policy, found.login if not found.why else None
        if found.why:
            g.session_over, g.login_over = found.why, found.login
            if found.why == "unknown":
                g.pop("policy", None)
        return found.account
