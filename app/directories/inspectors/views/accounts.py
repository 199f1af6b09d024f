"""The account of an inspector: link one that is there, take the link off, or invite."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.db import Unit, db
from app.directories.inspectors import queries, services
from app.directories.inspectors.forms import AccountForm, InviteForm
from app.directories.inspectors.models import Inspector
from app.kernel.clock import today
from app.people.services import print_slip
from app.people.services.inviting import has_mail_server
from app.people.views.around import slips_page
from app.security.access import guarded, only_at_home
from app.security.acts import perform
from app.security.context import current_clock
from app.security.login.fresh import fresh
from app.security.views import PortalView


class AccountPages(PortalView):
    @expose("/<int:inspector_id>/account", methods=["GET", "POST"])
    @guarded("keep")
    def account(self, inspector_id: int) -> Any:
        inspector = _own(inspector_id)
        form = AccountForm()
        offered = services.accounts_without_inspector(
            db.session(), inspector.agency_id, today(current_clock())
        )
        form.account.choices = [(str(a.id), f"{a.get_full_name()} ({a.username})") for a in offered]
        sentences: list[str] = []
        if form.validate_on_submit():
            chosen = int(form.account.data)
            act = perform(lambda unit: services.link_account(unit, inspector_id, chosen), form)
            if act.done:
                flash(_("The account is linked: the visits of the inspector are in its list now."), "success")
                return redirect(url_for("InspectorView.show", inspector_id=inspector_id))
            sentences = act.sentences
        page = self.render(
            "inspectors/account.html", inspector=_own(inspector_id), form=form, sentences=sentences
        )
        return (page, 422) if request.method == "POST" else page

    @expose("/<int:inspector_id>/account/unlink", methods=["POST"])
    @guarded("keep")
    def unlink(self, inspector_id: int) -> Any:
        act = perform(lambda unit: services.unlink_account(unit, inspector_id))
        if act.done:
            flash(
                _("The link is taken off. The account itself stays; people are kept under People."), "success"
            )
        else:
            flash(" ".join(act.sentences), "danger")
        return redirect(url_for("InspectorView.account", inspector_id=inspector_id))

    @expose("/<int:inspector_id>/account/invite", methods=["GET", "POST"])
    @guarded("keep")
    @fresh
    def invite(self, inspector_id: int) -> Any:
        inspector = _own(inspector_id)
        form = InviteForm()
        sentences: list[str] = []
        if form.validate_on_submit():
            act = perform(lambda unit: _invite(unit, inspector_id, form), form)
            if act.done and act.value is not None:
                return self._sent(inspector, form.mail.data or "", *act.value)
            sentences = act.sentences
        page = self.render(
            "inspectors/invite.html", inspector=_own(inspector_id), form=form, sentences=sentences
        )
        return (page, 422) if request.method == "POST" else page

    def _sent(self, inspector: Inspector, mail: str, user_id: int, token: str, slip: Any) -> Any:
        """As in the directory of people: by mail, as a link that is shown once, or as a slip."""
        back = url_for("InspectorView.show", inspector_id=inspector.id)
        if slip is not None:
            return slips_page(self, [slip], back)
        if has_mail_server():
            flash(
                _("A link for %(name)s is on its way to %(mail)s.", name=inspector.name, mail=mail), "success"
            )
            return redirect(back)
        link = url_for("InvitationView.accept", token=token, _external=True)
        page = self.render("people/link.html", name=inspector.name, link=link, user_id=user_id)
        return page, 200, {"Cache-Control": "no-store"}


def _own(inspector_id: int) -> Inspector:
    inspector = queries.get_inspector(db.session(), inspector_id)
    only_at_home(inspector.agency_id)
    return inspector


def _invite(unit: Unit, inspector_id: int, form: InviteForm) -> tuple[int, str, Any]:
    """Invite, and for somebody without a mail address set the first password in the same act."""
    reason = form.reason.data or ""
    invitation, token = services.invite_inspector(
        unit,
        inspector_id,
        mail=form.mail.data or "",
        phone=form.phone.data or "",
        reason=reason,
        namesake=bool(form.namesake.data),
    )
    slip = None
    if not token:
        account, word = print_slip(unit, invitation.user_id, reason)
        slip = (account, invitation.agency, word)
    return invitation.user_id, token, slip
