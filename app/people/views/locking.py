"""Acts on the account of one person: lock, unlock, a new first password, the end of a session."""

from __future__ import annotations

from flask import flash, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.db import db
from app.people import services
from app.people.area import get_person
from app.people.views.acting import reasoned
from app.people.views.around import back_to, slips_page
from app.people.views.shared import Answer, PeopleBase, me
from app.security.access import guarded
from app.security.login.fresh import fresh
from app.security.roles.views.shared import perform_noted


class LockingView(PeopleBase):
    route_base = "/people"

    @expose("/<int:user_id>/lock", methods=["GET", "POST"])
    @guarded("keep")
    def lock(self, user_id: int) -> Answer:
        return reasoned(
            self,
            get_person(db.session(), me(), user_id),
            lambda unit, reason: services.lock(unit, user_id, reason),
            action="account_locked_by_hand",
            said=_("The account is locked."),
            title=_("Lock the account"),
            text=_(
                "All sessions end at once. The person keeps places and roles, and waits until you unlock."
            ),
            submit=_("Lock"),
            icon="lock",
        )

    @expose("/<int:user_id>/unlock", methods=["GET", "POST"])
    @guarded("keep")
    def unlock(self, user_id: int) -> Answer:
        return reasoned(
            self,
            get_person(db.session(), me(), user_id),
            lambda unit, reason: services.unlock(unit, user_id, reason),
            action="account_unlocked",
            said=_("The account is unlocked."),
            title=_("Unlock the account"),
            text=_(
                "The person can log in again with the own password. If it is forgotten, print a new slip."
            ),
            submit=_("Unlock"),
            icon="lock-open",
        )

    @expose("/<int:user_id>/slip", methods=["GET", "POST"])
    @guarded("keep")
    @fresh
    def slip(self, user_id: int) -> Answer:
        account = get_person(db.session(), me(), user_id)
        return reasoned(
            self,
            account,
            lambda unit, reason: services.print_slip(unit, user_id, reason),
            action="slip_printed",
            said="",
            then=lambda slip: slips_page(self, [slip], url_for("PersonView.show", user_id=user_id)),
            title=_("New first password"),
            text=_(
                "The next page is a slip to print, with a password that is shown this once. The present password"
                " stops working, all sessions end, and the person chooses an own one at the next log-in."
            ),
            submit=_("Make the slip"),
            icon="printer",
        )

    @expose("/<int:user_id>/sessions/<int:session_id>/end", methods=["POST"])
    @guarded("keep")
    def end_session(self, user_id: int, session_id: int) -> Answer:
        done = perform_noted(
            "session_ended",
            f"session:{session_id}",
            lambda unit: services.end_session_of(unit, user_id, session_id),
        )
        if done.done:
            flash(_("The session has ended."), "success")
        else:
            flash(" ".join(done.sentences), "danger")
        return back_to(user_id)
