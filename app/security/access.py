"""The access rule of a route. Every route carries one, or the application does not start.

- `guarded`: a Flask-AppBuilder permission, granted to roles by the view's `grants`
- `public_route`: for everybody, on purpose
- `signed_in`: for whoever has logged in
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask_appbuilder.const import PERMISSION_PREFIX

from app.security.context import person

View = TypeVar("View", bound=Callable[..., Any])

OPEN_ENDPOINTS = frozenset({"static", "appbuilder.static"})
# Flask-AppBuilder registers these by itself: they change a session on GET, or lead back through its history.
CLOSED_ENDPOINTS = frozenset({"LocaleView.index", "UtilView.back"})


class RouteWithoutRule(RuntimeError):
    """A route declares no access rule."""


def guarded(permission: str | None = None) -> Callable[[View], View]:
    """The permission that a view method needs: `guarded("respond")` is `can_respond` on the view's name.

    Without it a signed-in person gets the same page as for something that is not there.
    """

    def wrap(view: View) -> View:
        name = permission or view.__name__

        @functools.wraps(view)
        def guard(self: Any, *args: Any, **kwargs: Any) -> Any:
            if person() is None:
                return ask_log_in()
            if not current_app.appbuilder.sm.has_access(
                f"{PERMISSION_PREFIX}{name}", self.class_permission_name
            ):
                abort(404)
            return view(self, *args, **kwargs)

        guard._permission_name = name
        guard._access_rule = f"permission {name}"
        return guard

    return wrap


def only_at_home(agency_id: int | None) -> None:
    """The page of an act is offered at the agency to which the row belongs; to others who may read the row it is
    not there.
    """
    who = person()
    if who is None or who.actor.agency_id != agency_id:
        abort(404)


def public_route(view: View) -> View:
    view._access_rule = "public"
    return view


def changes_nothing(view: View) -> View:
    """A POST that only keeps its entry out of the address: it needs no token of a form, and so no cookie."""
    view._changes_nothing = True
    return view


def signed_in(view: View) -> View:
    @functools.wraps(view)
    def guard(*args: Any, **kwargs: Any) -> Any:
        if person() is None:
            return ask_log_in()
        return view(*args, **kwargs)

    guard._access_rule = "signed in"
    return guard


def ask_log_in() -> Any:
    if request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json":
        abort(401)
    target = request.full_path.rstrip("?") if request.method == "GET" else request.path
    return redirect(url_for("PortalAuthView.login", next=target))


def access_rule(app: Flask, endpoint: str) -> str | None:
    """The declared rule of an endpoint, None if there is none."""
    if endpoint in OPEN_ENDPOINTS:
        return "public"
    view = app.view_functions[endpoint]
    while True:
        rule = getattr(view, "_access_rule", None)
        if rule:
            return rule
        permission = getattr(view, "_permission_name", None)
        if permission:
            return f"permission {permission}"
        owner = getattr(view, "__self__", None)
        if owner is not None and getattr(owner, "access_rule", None):
            return str(owner.access_rule)
        inner = getattr(view, "__wrapped__", None)
        if inner is None:
            return None
        view = inner


@public_route
def closed(**values: Any) -> Any:
    abort(404)


def close_stock_routes(app: Flask) -> None:
    """Routes that Flask-AppBuilder registers unasked answer like any unknown address."""
    for endpoint in CLOSED_ENDPOINTS & app.view_functions.keys():
        app.view_functions[endpoint] = closed


def check_routes(app: Flask) -> None:
    """Refuse to start while a route has no access rule.

    :raises RouteWithoutRule: naming the routes
    """
    bare = sorted(
        f"{rule.rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        if access_rule(app, rule.endpoint) is None
    )
    if bare:
        raise RouteWithoutRule("routes without an access rule: " + ", ".join(bare))
