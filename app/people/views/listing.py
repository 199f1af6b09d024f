"""The list of people of my area, and the same as a spreadsheet."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from app.db import db
from app.kernel.clock import today
from app.kernel.workbook import XLSX, csv_bytes, xlsx_bytes
from app.people import area
from app.people.queries import listing
from app.people.queries.listing import FILTERS, Area, Line, PeopleFilter
from app.people.rules import LastLogIn, PersonState
from app.people.views.shared import Answer, PeopleBase, me, my_area, watermark
from app.security.access import guarded
from app.security.context import current_clock, request_unit
from app.security.login.fresh import fresh
from app.security.paging import key_of, page_urls
from app.security.protection import mask
from app.security.roles.queries import names_known_to
from app.security.services import note_security

LABELS = {
    "q": _l("Search"),
    "agency": lazy_pgettext("people", "Unit"),
    "role": _l("Role"),
    "state": lazy_pgettext("people", "Account"),
    "last": _l("Last log-in"),
    "ends": _l("Temporary role"),
}


class PeopleView(PeopleBase):
    route_base = "/people"
    default_view = "list"

    @expose("/")
    @guarded("keep")
    def list(self) -> Answer:
        session, wanted = db.session(), _wanted()
        agencies = area.agencies(session, me(), open_only=False)
        where = Area(frozenset(a.id for a in agencies), current_clock().now(), today(current_clock()))
        after, before = key_of(request.args.get("after")), key_of(request.args.get("before"))
        page = listing.page(session, where, wanted, after=after, before=before)
        kept = {name: getattr(wanted, name) for name in FILTERS if getattr(wanted, name)}
        previous, following = page_urls("PeopleView.list", kept, page.before, page.after)
        roles = names_known_to(session, me())
        figures = listing.figures(session, where, wanted)
        return self.render(
            "people/list.html",
            page=page,
            total="10,000+" if figures.found > listing.COUNTED_UP_TO else figures.found,
            figures=figures,
            wanted=wanted,
            kept=kept,
            chips_active=_chips(kept, agencies, roles),
            agencies=agencies,
            roles=roles,
            states=list(PersonState),
            lasts=list(LastLogIn),
            previous=previous,
            following=following,
            mask=mask,
            role_label=area.role_label,
            day=where.day,
            me=me(),
        )

    @expose("/export")
    @guarded("keep")
    @fresh
    def export(self) -> Response:
        """Exactly what the list shows with these filters, all pages of it; phones stay covered."""
        session, where, wanted = db.session(), my_area(), _wanted()
        rows = [_cells(line) for line in listing.everyone(session, where, wanted)]
        as_xlsx = request.args.get("as") == "xlsx"
        name = "people.xlsx" if as_xlsx else "people.csv"
        with request_unit() as unit:
            filters = ", ".join(
                f"{n}={getattr(wanted, n)}" for n in FILTERS if n != "q" and getattr(wanted, n)
            )
            detail = f"{len(rows)} rows{'; ' + filters if filters else ''}{'; searched' if wanted.q else ''}"
            note_security(unit, "exported", "ok", subject=name, detail=detail)
        make = xlsx_bytes if as_xlsx else csv_bytes
        body = make([str(heading) for heading in HEADINGS], rows, watermark())
        return Response(
            body,
            mimetype=XLSX if as_xlsx else "text/csv",
            headers={
                "Content-Disposition": f"attachment; filename={name}",
                "Cache-Control": "no-store",
            },
        )


HEADINGS = (
    lazy_pgettext("people", "Name"),
    _l("Account name"),
    lazy_pgettext("people", "Unit"),
    _l("Post"),
    _l("Roles"),
    _l("Mobile phone"),
    _l("E-mail"),
    lazy_pgettext("people", "Account"),
    _l("Last log-in"),
)


def _wanted() -> PeopleFilter:
    return PeopleFilter(**{name: _argument(name) for name in FILTERS})


def _argument(name: str) -> str:
    text = request.args.get(name, "").strip()[:60]
    return "".join(sign for sign in text if sign.isprintable() and not 0xD800 <= ord(sign) <= 0xDFFF)


def _cells(line: Line) -> list[str]:
    places = line.places
    return [
        line.name,
        line.username,
        "；".join(str(place.agency) for place in places),
        "；".join(place.title for place in places if place.title),
        "；".join(
            "、".join(_(str(area.role_label(link))) for link in place.roles)
            for place in places
            if place.roles
        ),
        mask("phone", line.phone),
        line.mail,
        _(line.state.label),
        line.last_login.strftime("%Y-%m-%d") if line.last_login else "",
    ]


def _chips(kept: dict[str, str], agencies: Any, roles: Any) -> Any:
    words = {
        "agency": {str(agency.id): agency.name for agency in agencies},
        "role": {role.name: _(str(role.label)) for role in roles},
        "state": {state.value: _(state.label) for state in PersonState},
        "last": {last.value: _(last.label) for last in LastLogIn},
        "ends": {"soon": _("ends within 14 days")},
    }
    return [
        {
            "name": name,
            "label": LABELS[name],
            "value": words.get(name, {}).get(value, value),
            "remove_url": url_for("PeopleView.list", **{k: v for k, v in kept.items() if k != name}),
        }
        for name, value in kept.items()
        if name != "q"
    ]
