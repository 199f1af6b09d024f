"""Whose word counts for which field: kept by the office as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import db
from app.directories.forms import mark
from app.directories.sources import queries
from app.directories.sources.forms import OrderForm
from app.directories.sources.models import SourceOrder
from app.directories.sources.rules import DEFAULT_ORDER, EVERY, FIELDS, GROUPS, Lower, Order
from app.directories.sources.services import registering
from app.directories.sources.views.words import field_words, source_words
from app.kernel.errors import DomainError
from app.security.access import guarded
from app.security.context import current_actor, request_unit
from app.security.models import Agency
from app.security.rules import RoleName
from app.security.views import PortalView

ALL = "all"
"""How the address says `*`."""


@dataclass(frozen=True)
class OrderLine:
    key: str
    field: str
    order: Order | None
    words: str
    owner: str


class SourceOrderView(PortalView):
    route_base = "/sources/orders"
    default_view = "list"
    grants = {"can_set": frozenset({RoleName.OFFICE_ADMIN})}

    @expose("/")
    @guarded("set")
    def list(self) -> Any:
        return self.render(
            "sources/orders.html", lines=_lines(db.session()), lowers={s.value: s for s in Lower}
        )

    @expose("/<field>", methods=["GET", "POST"])
    @guarded("set")
    def edit(self, field: str) -> Any:
        name = EVERY if field == ALL else field
        if name != EVERY and name not in FIELDS:
            abort(404)
        session = db.session()
        form, extra = OrderForm(), []
        choices = _choices(session)
        if request.method == "GET":
            order = _orders(session).get(name) or (DEFAULT_ORDER if name == EVERY else Order(()))
            form.fill(choices, order.names, order.lower.value)
        else:
            form.offer(choices)
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    lower = Lower(form.lower.data) if form.lower.data in set(Lower) else Lower.ASK
                    registering.set_order(unit, name, form.names(), lower)
                flash(_("Saved."), "success")
                return redirect(url_for("SourceOrderView.list"))
            except DomainError as error:
                extra = mark(form, error)
        status = 422 if request.method == "POST" else 200
        return self.render(
            "sources/order.html", form=form, extra=extra, field=field_words(name), is_rest=name == EVERY
        ), status


def _office(session: Session) -> Agency | None:
    agency_id = current_actor().agency_id
    return session.get(Agency, agency_id) if agency_id is not None else None


def _orders(session: Session) -> dict[str, Order]:
    return queries.orders_of(session, _office(session))


def _lines(session: Session) -> list[OrderLine]:
    orders = _orders(session)
    office = _office(session)
    own = set(
        session.scalars(
            select(SourceOrder.field).where(SourceOrder.office_id == (office.id if office else 0))
        )
    )
    words = source_words(
        session, {name for order in [DEFAULT_ORDER, *orders.values()] for name in order.names}
    )
    found = []
    for name in (EVERY, *FIELDS):
        order = orders.get(name) or (DEFAULT_ORDER if name == EVERY else None)
        owner = (
            _("the office")
            if name in own
            else (_("the office above") if name in orders else _("as built in"))
        )
        text = " › ".join(words[one] for one in order.names) if order else _("as all other fields")
        found.append(
            OrderLine(ALL if name == EVERY else name, field_words(name), order, text, owner if order else "")
        )
    return found


def _choices(session: Session) -> list[tuple[str, str]]:
    groups = source_words(session, GROUPS)
    return [*((name, groups[name]) for name in GROUPS), *((s.code, s.name) for s in queries.systems(session))]
