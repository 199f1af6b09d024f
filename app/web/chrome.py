"""What every page needs around it: menu, person, banners, languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, has_request_context, request, session, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import func, literal, select, union_all

from app.db import db
from app.kernel.clock import SHANGHAI, today
from app.notifications.queries import unread
from app.security.context import Person, current_clock, person
from app.security.menu import GROUPS, MenuItem, menu
from app.security.roles.views.setting_up import set_up_is_open
from app.security.rules import RoleName
from app.web.help import help_url
from app.web.mark import has_demo_mark

ROOT = str(Path(__file__).resolve().parent.parent)
MIGRATIONS = Path(ROOT).parent / "migrations"
MESSAGES = "MessagesView.list"
LANGUAGES = (("zh_CN", "中文"), ("en", "English"))


def sprite() -> str:
    """The address of the drawings; a page shows a hundred of them."""
    if "sprite" not in g:
        g.sprite = url_for("static", filename="vendor/tabler-icons/sprite.svg")
    return str(g.sprite)


def install(app: Flask) -> None:
    app.add_template_global(sprite)

    @app.context_processor
    def around() -> dict[str, Any]:
        return {"portal": portal(), "may": may}


def choose_language() -> str:
    """The address's choice (`?lang=en`), else the session's, else the account's, else Chinese."""
    if not has_request_context():
        return "zh_CN"
    if request.args.get("lang") == "en":
        return "en"
    chosen = session.get("locale")
    if chosen in dict(LANGUAGES):
        return str(chosen)
    who = person()
    return who.account.locale if who else "zh_CN"


def portal() -> dict[str, Any]:
    """Computed once per request."""
    if "portal" not in g:
        who = person()
        counts = _counts(who) if who else {}
        g.portal = {
            "menu": _menu(who, counts) if who else [],
            "user": _user(who) if who else None,
            "region_name": _region_name(who),
            "messages_count": counts.get(MESSAGES, 0),
            "banners": _banners(),
            "help_url": help_url(who.actor.roles if who else frozenset()),
            "now": current_clock().now().astimezone(SHANGHAI),
            "languages": _languages(),
            "locale": str(get_locale() or "zh_CN"),
            "urls": {
                "membership": "/me/membership",
                "profile": "/me/",
                "login": "/login/",
                "logout": "/logout/",
                "messages": "/messages/",
                "search": "/search",
            },
        }
    return g.portal


def _counts(who: Person) -> dict[str, int]:
    """The numbers in the menu and in the top bar by endpoint, in one query."""
    wanted: dict[str, Any] = {MESSAGES: unread(who.account.id)}
    for item in menu:
        if item.counted is not None and item.endpoint not in wanted and _may_see(item):
            wanted[item.endpoint] = item.counted(who)
    each = [
        select(literal(endpoint).label("endpoint"), func.count().label("n")).select_from(rows.subquery())
        for endpoint, rows in wanted.items()
        if rows is not None
    ]
    return dict(db.session.execute(union_all(*each)).all())


def _menu(who: Person, counts: dict[str, int]) -> list[dict[str, Any]]:
    names = {
        "work": "",
        "prepare": _("Prepare"),
        "carry_out": _("Carry out"),
        "publish": _("Publish"),
        "sum_up": _("Sum up"),
        "settings": _("Settings"),
    }
    groups = []
    for group in GROUPS:
        lines = [_line(item, counts) for item in menu if item.group == group and _may_see(item)]
        if lines:
            groups.append({"label": names[group], "items": lines})
    return groups


def may(permission: str, view: str) -> bool:
    """For templates: whether the person holds `can_...` on a view. What one may not do is not offered."""
    return bool(current_app.appbuilder.sm.has_access(permission, view))


def _may_see(item: MenuItem) -> bool:
    permission, view = item.permission
    return permission == "signed_in" or may(permission, view)


def _line(item: MenuItem, counts: dict[str, int]) -> dict[str, Any]:
    url = url_for(item.endpoint)
    count = counts.get(item.endpoint, 0)
    here = request.path == url or (url != "/" and request.path.startswith(url.rstrip("/") + "/"))
    return {
        "label": str(item.label),
        "url": url,
        "icon": item.icon,
        "count": count,
        "is_bad": item.alarming and count > 0,
        "current": here,
    }


def _user(who: Person) -> dict[str, Any]:
    name = who.account.get_full_name()
    return {
        "id": who.account.id,
        "name": name,
        "initials": name[:1],
        "membership_label": _label(who.membership),
        "memberships": [
            {"id": m.id, "label": _label(m), "current": m is who.membership} for m in who.memberships
        ],
    }


def _label(membership: Any) -> str:
    if membership is None:
        return ""
    day = today(current_clock())
    roles = "、".join(_role_label(link) for link in membership.roles if link.holds(day))
    return f"{membership.agency.name} · {roles}" if membership.agency else roles


def _role_label(link: Any) -> str:
    return link.custom.name if link.custom else _(RoleName(link.role.name).label)


def _region_name(who: Person | None) -> str:
    if who is None or who.membership is None or who.membership.agency is None:
        return ""
    return who.membership.agency.region.name


def _banners() -> list[dict[str, str]]:
    if has_demo_mark():
        return [{"kind": "demo", "text": _("Demonstration: people, enterprises and codes are fictional.")}]
    if set_up_is_open():
        return [
            {
                "kind": "setup",
                "text": _("The set-up of this installation is open. It closes once it is done."),
            }
        ]
    return []


def _languages() -> list[dict[str, Any]]:
    """On public paths plain links: a POST would need a token, hence a cookie, where nobody is known."""
    if has_request_context() and request.path.startswith("/public/"):
        return [{"code": code, "label": label, "url": f"?lang={code}"} for code, label in LANGUAGES]
    return [
        {"code": code, "label": label, "url": f"/me/language/{code}", "post": True}
        for code, label in LANGUAGES
    ]
