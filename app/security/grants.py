"""Permissions as data: written once at release, by one process, under an advisory lock.

Every view that has permissions says in `grants` which roles hold each; a permission without a line stops the start.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    Role,
    ViewMenu,
    assoc_permissionview_role,
)
from sqlalchemy import delete, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from app.security.models import CustomRole
from app.security.rules import RoleName

LOCK = 7_301_002
CLOSE_ADMIN_SQL = text(
    "DELETE FROM ab_permission_view_role WHERE role_id IN (SELECT id FROM ab_role WHERE name = 'Admin')"
)
PRUNE_SQL = text(
    "DELETE FROM ab_permission_view_role a USING custom_role c, ab_permission_view pv, ab_permission p,"
    " ab_view_menu v WHERE a.role_id = c.role_id AND pv.id = a.permission_view_id AND p.id = pv.permission_id"
    " AND v.id = pv.view_menu_id AND NOT EXISTS (SELECT FROM ab_permission_view_role b"
    " JOIN ab_role r ON r.id = b.role_id WHERE b.permission_view_id = a.permission_view_id"
    " AND jsonb_exists(c.bases, r.name)) RETURNING c.id, p.name, v.name"
)


class PermissionWithoutGrant(RuntimeError):
    """A view has a permission that its `grants` do not name."""


# Log-in, index and the token API of Flask-AppBuilder: open or guarded by themselves, granted to nobody.
STOCK = frozenset(
    {
        "IndexView",
        "UtilView",
        "LocaleView",
        "PortalSecurityApi",
        "PortalAuthView",
        "MembershipView",
        "MenuApi",
    }
)


def declared(baseviews: Iterable[Any]) -> dict[tuple[str, str], frozenset[str]]:
    """`(permission, view name) -> roles` over all views.

    :raises PermissionWithoutGrant: naming the pairs that nobody declared
    """
    found: dict[tuple[str, str], frozenset[str]] = {}
    missing: list[str] = []
    for view in baseviews:
        grants = getattr(view, "grants", {})
        for permission in view.base_permissions or []:
            name = view.class_permission_name
            if permission in grants:
                found[permission, name] = frozenset(grants[permission])
            elif type(view).__name__ not in STOCK:
                missing.append(f"{permission} on {name}")
    if missing:
        raise PermissionWithoutGrant("permissions without a grant: " + ", ".join(sorted(missing)))
    return found


def sync(session: Session, baseviews: Iterable[Any]) -> int:
    """Write roles, permissions and grants as declared; what is no longer declared goes. Idempotent.

    Rights of low-code lists (`List:<slug>`) are kept by the designer and not touched, those of custom roles only
    by `prune_custom`. Flask-AppBuilder's `Admin` holds nothing.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    grants = declared(baseviews)
    roles = _all(session, Role, [*(r.value for r in RoleName), "Admin", "Public"])
    permissions = _all(session, Permission, sorted({p for p, _ in grants}))
    views = _all(session, ViewMenu, sorted({v for _, v in grants}))
    pairs = _pairs(session, {(permissions[p], views[v]) for p, v in grants})
    wanted = {
        (pairs[permissions[p], views[v]], roles[name])
        for (p, v), holders in grants.items()
        for name in holders
    }
    ours = set(pairs.values())
    table = assoc_permissionview_role
    known = {
        (pair, role)
        for pair, role in session.execute(select(table.c.permission_view_id, table.c.role_id))
        if pair in ours
    }
    if missing := wanted - known:
        session.execute(insert(table), [{"permission_view_id": p, "role_id": r} for p, r in missing])
    custom = set(session.scalars(select(CustomRole.role_id)))
    for pair, role in known - wanted:
        if role not in custom:
            session.execute(delete(table).where(table.c.permission_view_id == pair, table.c.role_id == role))
    session.execute(CLOSE_ADMIN_SQL)
    return len(grants)


def prune_custom(session: Session) -> list[tuple[int, str, str]]:
    """Custom roles lose what none of their bases has any more; gives (custom role, permission, view) of each."""
    return [(row[0], row[1], row[2]) for row in session.execute(PRUNE_SQL)]


def grant(session: Session, view: str, wanted: Mapping[str, frozenset[str]]) -> None:
    """Give roles the permissions of one view that is made at run time. Idempotent; takes nothing away."""
    roles = _all(session, Role, sorted({str(name) for holders in wanted.values() for name in holders}))
    permissions = _all(session, Permission, sorted(wanted))
    views = _all(session, ViewMenu, [view])
    pairs = _pairs(session, {(permissions[p], views[view]) for p in wanted})
    rows = [
        {"permission_view_id": pairs[permissions[p], views[view]], "role_id": roles[str(name)]}
        for p, holders in wanted.items()
        for name in sorted(holders)
    ]
    session.execute(upsert(assoc_permissionview_role).values(rows).on_conflict_do_nothing())


def _all(session: Session, model: type[Any], names: list[str]) -> dict[str, int]:
    """Ids by name; what is missing is added."""
    found = dict(session.execute(select(model.name, model.id)).all())
    for name in names:
        if name not in found:
            row = model(name=name)
            session.add(row)
            session.flush()
            found[name] = row.id
    return found


def _pairs(session: Session, wanted: set[tuple[int, int]]) -> dict[tuple[int, int], int]:
    table = PermissionView.__table__
    query = select(table.c.permission_id, table.c.view_menu_id, table.c.id)
    found = {(p, v): id_ for p, v, id_ in session.execute(query)}
    for permission, view in sorted(wanted - found.keys()):
        row = PermissionView(permission_id=permission, view_menu_id=view)
        session.add(row)
        session.flush()
        found[permission, view] = row.id
    return {pair: found[pair] for pair in wanted}
