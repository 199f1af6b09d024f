"""What the pages about people share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask import request
from flask_babel import gettext as _

from app.db import Actor, db
from app.kernel.clock import SHANGHAI, today
from app.people import area
from app.people.area import KEEPERS
from app.people.places import OpenWork, Successor
from app.people.queries.listing import Area
from app.people.services.handing_over import BY_ORDER, STAYS
from app.security.context import current_clock, person
from app.security.roles.queries import grantable_at as roles_at
from app.security.roles.queries import grantable_roles, place_of
from app.security.roles.rules import RoleFacts
from app.security.views import Grants, PortalView

Answer = Any


class PeopleBase(PortalView):
    """All pages of the area stand behind one permission; the services decide about each act."""

    class_permission_name = "PeopleView"
    grants: ClassVar[Grants] = {"can_keep": KEEPERS}


def me() -> Actor:
    who = person()
    assert who is not None, "behind guarded"
    return who.actor


def my_area() -> Area:
    clock = current_clock()
    return Area(area.agency_ids(db.session(), me()), clock.now(), today(clock))


def offered_roles() -> list[RoleFacts]:
    """Everything that I may give somewhere; the service says where."""
    return grantable_roles(db.session(), me(), today(current_clock()))


def offered_at(agency: Any) -> list[RoleFacts]:
    return roles_at(db.session(), me(), place_of(agency))


def number(text: str | None) -> int:
    """A key out of a form or an address; 0 for anything else, which no row has."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 18 else 0


def work_choices() -> dict[str, int]:
    """`work-<kind>:<key>` fields of a form: an account, `order` or `stays`."""
    found = {}
    for name, value in request.form.items():
        if name.startswith("work-"):
            found[name.removeprefix("work-")] = {"order": BY_ORDER, "stays": STAYS}.get(value) or number(
                value
            )
    return found


def default_choice(thing: OpenWork, chosen: Mapping[str, int]) -> str:
    """What the form shows as chosen for one piece of open work."""
    kept = chosen.get(f"{thing.kind}:{thing.key}")
    if kept == STAYS or thing.successor is Successor.NOBODY:
        return "stays"
    if thing.successor is Successor.BY_ORDER:
        return "order"
    return str(kept or "")


def act_page(
    view: PortalView,
    form: Any,
    *,
    title: str,
    sub: str,
    submit: str,
    back: str,
    fields: Sequence[Any],
    text: str = "",
    sentences: Sequence[str] = (),
    icon: str = "check",
    warnings: Sequence[str] = (),
    trail: Sequence[Mapping[str, str]] = (),
) -> Answer:
    """The page of a small act: a sentence, a few fields, one button."""
    page = view.render(
        "people/act.html",
        form=form,
        title=title,
        sub=sub,
        submit=submit,
        back=back,
        fields=fields,
        text=text,
        extra=list(sentences),
        icon_name=icon,
        warnings=list(warnings),
        trail=list(trail),
    )
    return (page, 422) if sentences or form.errors else page


def watermark() -> str:
    """Who and when, for papers and exports."""
    who = person()
    assert who is not None, "behind guarded"
    at = current_clock().now().astimezone(SHANGHAI)
    return _(
        "%(name)s (%(account)s), %(at)s",
        name=who.account.get_full_name(),
        account=who.account.username,
        at=at.strftime("%Y-%m-%d %H:%M"),
    )
