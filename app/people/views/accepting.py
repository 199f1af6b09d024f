"""The page behind the link of an invitation. Nobody is logged in here."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.db import Actor, db, unit_of_work
from app.kernel.errors import DomainError, Invalid
from app.people import area, services
from app.people.forms import PasswordForm
from app.people.views.shared import Answer
from app.security.access import public_route
from app.security.context import current_clock, person
from app.security.explain import explain, explain_fault
from app.security.login.queries import policy_of
from app.security.scope import Scope
from app.security.views import PortalView


class InvitationView(PortalView):
    """GET looks and spends nothing; POST sets the password and spends the link."""

    route_base = "/invitation"

    @expose("/<token>", methods=["GET", "POST"])
    @public_route
    def accept(self, token: str) -> Answer:
        who = person()
        user_id = who.account.id if who else None
        form = PasswordForm()
        sentences: list[str] = []
        try:
            found = services.link_of(db.session(), token, current_clock(), user_id)
            roles = [_(str(area.role_label(link))) for link in found.membership.roles]
            if request.method == "POST" and form.validate_on_submit():
                try:
                    with unit_of_work(_SYSTEM, _SCOPE, current_clock()) as unit:
                        account = services.accept(unit, token, form.new.data or "", form.again.data or "")
                    flash(_("Your account is ready. Log in as %(name)s.", name=account.username), "success")
                    return redirect(url_for("PortalAuthView.login"))
                except Invalid as error:
                    sentences = mark(form, error)
                    # The unit is rolled back, and nobody reads an invitation outside of it.
                    found = services.link_of(db.session(), token, current_clock(), user_id)
        except DomainError as error:
            return self._refused(token, error, user_id)
        page = self.render(
            "people/accept.html",
            form=form,
            extra=sentences,
            invitation=found,
            roles=roles,
            policy=policy_of(db.session()),
        )
        status = 422 if sentences or form.errors else 200
        return page, status, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}

    def _refused(self, token: str, error: DomainError, user_id: int | None) -> Answer:
        """A sentence with a way out, and a line in the security log in a unit of its own."""
        with unit_of_work(_SYSTEM, _SCOPE, current_clock()) as unit:
            services.refuse_link(unit, token, error, user_id)
        page = self.render("people/link_refused.html", sentence=explain(error), signed_in=user_id is not None)
        return page, error.status, {"Cache-Control": "no-store"}


_SYSTEM = Actor.system("invitation")
_SCOPE = Scope.system("the link of an invitation, checked by its digest")


def mark(form: PasswordForm, error: Invalid) -> list[str]:
    """Put the faults beside their fields; what belongs to no field comes back as sentences."""
    left = []
    for fault in error.faults:
        field = form._fields.get(fault.field)
        if field is None:
            left.append(explain_fault(fault))
        else:
            field.errors = [*field.errors, explain_fault(fault)]
    return left
