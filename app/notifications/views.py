"""The own messages, and the own mails where no mail server is set up or to look up what was sent."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select
from werkzeug.wrappers import Response

from app.db import db
from app.notifications import services
from app.notifications.queries import mails_of, messages_of, unread, unread_count
from app.security.access import signed_in
from app.security.context import Person, person, request_unit
from app.security.menu import MenuItem, add_menu
from app.security.requests import own_path, primary_key
from app.security.views import PortalView


def _unread(who: Person) -> Select[Any]:
    return unread(who.account.id)


MENU = MenuItem(
    group="work",
    label=_l("Messages"),
    endpoint="MessagesView.list",
    icon="bell",
    permission=("signed_in", "MessagesView"),
    order=800,
    counted=_unread,
)


class MessagesView(PortalView):
    """Lists by key, the newest first. Opening a message marks it read by a POST and goes where it points."""

    route_base = "/messages"

    @expose("/")
    @signed_in
    def list(self) -> str:
        unread = request.args.get("unread") == "1"
        page = messages_of(db.session(), _me().account.id, _before(), unread)
        count = unread_count(db.session(), _me().account.id)
        return self.render("notifications/messages.html", page=page, unread=unread, count=count)

    @expose("/<pk>/open", methods=["POST"])
    @signed_in
    def open(self, pk: str) -> Response:
        with request_unit() as unit:
            message = services.mark_read(unit, primary_key(pk))
        return redirect(own_path(message.link) if message.link else url_for("MessagesView.list"))

    @expose("/read", methods=["POST"])
    @signed_in
    def read_all(self) -> Response:
        with request_unit() as unit:
            count = services.mark_all_read(unit)
        flash(_("Marked as read: %(n)s.", n=count), "success")
        return redirect(url_for("MessagesView.list"))


class MailboxView(PortalView):
    """What the portal has written to me."""

    route_base = "/mailbox"

    @expose("/")
    @signed_in
    def list(self) -> str:
        page = mails_of(db.session(), _me().account.id, _before())
        return self.render("notifications/mailbox.html", page=page)


def _me() -> Person:
    who = person()
    assert who is not None, "behind signed_in"
    return who


def _before() -> int | None:
    given = request.args.get("before")
    return primary_key(given) if given is not None else None


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(MessagesView)
    appbuilder.add_view_no_menu(MailboxView)
    add_menu(MENU)
