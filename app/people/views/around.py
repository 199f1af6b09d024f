"""What several pages about one person need: the person's places, slips, warnings, the way back."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, url_for
from flask_babel import gettext as _

from app.db import db
from app.kernel.errors import NotFound
from app.people.area import get_person, memberships_of
from app.people.queries import person as queries
from app.people.views.shared import Answer, me, my_area, watermark
from app.security.models import Account, Membership


def slips_page(view: Any, slips: list[Any], back: str) -> Answer:
    """Slips to print; the passwords stand on this page and nowhere else."""
    rows = [(account, agency, word) for account, agency, word in (_slip(slip) for slip in slips)]
    page = view.render(
        "people/slips.html",
        slips=rows,
        back=back,
        watermark=watermark(),
        address=current_app.extensions["settings"].base_url,
    )
    return page, 200, {"Cache-Control": "no-store"}


def _slip(slip: Any) -> tuple[Account, Any, str]:
    if len(slip) == 3:
        return slip
    account, word = slip
    places = memberships_of(db.session(), account.id, my_area().ids, active=True)
    return account, places[0].agency if places else "", word


def warnings_of(lacks: list[queries.Lack]) -> list[str]:
    """What the agencies are short of afterwards."""
    said = []
    for lack in lacks:
        role = _(lack.role.label)
        if lack.left:
            said.append(
                _(
                    "%(agency)s then has one “%(role)s” only: approvals go to the office above.",
                    agency=lack.agency,
                    role=role,
                )
            )
        else:
            said.append(_("%(agency)s then has no “%(role)s” any more.", agency=lack.agency, role=role))
    return said


def place_in_area(user_id: int, membership_id: int) -> tuple[Account, Membership]:
    """The person and one of the places within the area."""
    session, where = db.session(), my_area()
    account = get_person(session, me(), user_id, where.ids)
    found = next((m for m in memberships_of(session, user_id, where.ids) if m.id == membership_id), None)
    if found is None:
        raise NotFound("not_in_scope", kind="membership")
    return account, found


def back_to(user_id: int) -> Answer:
    try:
        get_person(db.session(), me(), user_id)
    except NotFound:
        return redirect(url_for("PeopleView.list"))
    return redirect(url_for("PersonView.show", user_id=user_id))


def trail_of(account: Account) -> list[dict[str, str]]:
    return [
        {"label": _("People"), "url": url_for("PeopleView.list")},
        {"label": account.get_full_name(), "url": url_for("PersonView.show", user_id=account.id)},
    ]
