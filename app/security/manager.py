"""Flask-AppBuilder's security manager, as the portal uses it: roles come from the membership in use."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import or_, select, text

from app.kernel.clock import today
from app.security.context import current_clock, person
from app.security.models import Account
from app.security.views import MembershipView, PortalAuthView

GRANTED_SQL = text(
    "SELECT v.name, p.name FROM ab_permission_view_role r "
    "JOIN ab_permission_view pv ON pv.id = r.permission_view_id "
    "JOIN ab_view_menu v ON v.id = pv.view_menu_id "
    "JOIN ab_permission p ON p.id = pv.permission_id WHERE r.role_id = ANY(:roles)"
)


class PortalSecurityManager(SecurityManager):
    user_model = Account
    authdbview = PortalAuthView

    def register_views(self) -> None:
        """Only log-in and the membership switch: account administration has its own guarded screens."""
        self.appbuilder.add_api(self.security_api)
        self.auth_view = self.authdbview()
        self.appbuilder.add_view_no_menu(self.auth_view)
        self.appbuilder.add_view_no_menu(MembershipView)
        if self.is_auth_limited:
            self.limiter.limit(self.auth_rate_limit, methods=["POST"])(self.auth_view.blueprint)

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

    def find_user(self, username: str | None = None, email: str | None = None) -> Account | None:
        """By name; by phone where no name fits."""
        if username:
            query = select(Account).where(or_(Account.username == username, Account.phone == username))
            found = self.session.scalars(query.limit(2)).all()
            return next((a for a in found if a.username == username), found[0] if found else None)
        return super().find_user(username=username, email=email)
