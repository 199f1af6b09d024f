"""Who can see this record."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, ClassVar

from flask import request
from flask_appbuilder import expose
from flask_babel import lazy_gettext as _l

from app.db import db
from app.security.access import guarded
from app.security.roles import queries, seeing
from app.security.roles.views.shared import current_day, me
from app.security.rules import RoleName
from app.security.views import Grants, PortalView

MOST_PEOPLE = 300
LONGEST_SUBJECT = 80
WHY = {
    "own": _l("it belongs to the own unit"),
    "office": _l("the office reads what the units of its region and below have"),
    "auditor": _l("auditors read what the units of their region and below have"),
    "shared": _l("the unit takes part in it, or it is shared with the unit"),
}


class WhoCanSeeView(PortalView):
    """`/roles/who-can-see?subject=task:12`: people of the own area by name, others by number."""

    route_base = "/roles/who-can-see"
    grants: ClassVar[Grants] = {
        "can_ask": frozenset({RoleName.OFFICE_ADMIN, RoleName.AGENCY_ADMIN, RoleName.AUDITOR})
    }

    @expose("/")
    @guarded("ask")
    def show(self) -> str:
        session, day = db.session(), current_day()
        subject = request.args.get("subject", "")[:LONGEST_SUBJECT]
        if not subject:
            return self.render("roles/seeing.html", record=None, subject="")
        record = seeing.find_record(session, subject)
        seen = seeing.who_sees(session, record, day)
        area = set(session.scalars(queries.agencies_administered(session, me())))
        mine = [group for group in seen.groups if group.agency_id in area]
        people = seeing.people_of(session, [g.agency_id for g in mine], day, MOST_PEOPLE + 1)
        names: dict[tuple[int, tuple[str, ...]], list[tuple[int, str]]] = defaultdict(list)
        for user_id, name, agency_id, roles in people[:MOST_PEOPLE]:
            names[agency_id, roles].append((user_id, name))
        others: dict[str, int] = defaultdict(int)
        for group in seen.groups:
            if group.agency_id not in area:
                others[group.agency] += group.count
        return self.render(
            "roles/seeing.html",
            record=record,
            subject=subject,
            mine=_by_reason(mine, names),
            others=sorted(others.items()),
            total=sum(group.count for group in seen.groups),
            personal=len(seen.persons),
            why=WHY,
            labels={role.value: role.label for role in RoleName},
            cut=len(people) > MOST_PEOPLE,
        )


def _by_reason(
    groups: list[seeing.Group], names: dict[tuple[int, tuple[str, ...]], list[tuple[int, str]]]
) -> list[tuple[str, list[tuple[str, list[Any]]]]]:
    """Reason -> unit -> (roles, how many, people): each reason said once."""
    found: dict[str, dict[str, list[Any]]] = {}
    for group in groups:
        units = found.setdefault(group.why, {})
        people = names.get((group.agency_id, group.roles), [])
        units.setdefault(group.agency, []).append((group.roles, group.count, people))
    return [(reason, list(found[reason].items())) for reason in WHY if reason in found]
