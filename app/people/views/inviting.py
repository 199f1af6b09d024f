"""Invite a person, look after the invitations that are open."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.db import Unit, db
from app.kernel.errors import Refused
from app.people import area, services
from app.people.forms import InviteForm, last_day
from app.people.models import Invitation
from app.people.queries.waiting import invitations
from app.people.rules import InvitationState
from app.people.services.inviting import entry_of, has_mail_server
from app.people.views.around import slips_page
from app.people.views.shared import Answer, PeopleBase, me, my_area, number, offered_roles
from app.security.access import guarded
from app.security.acts import perform
from app.security.login.fresh import fresh
from app.security.roles.views.shared import perform_noted


class InviteView(PeopleBase):
    route_base = "/people"

    @expose("/invite", methods=["GET", "POST"])
    @guarded("keep")
    @fresh
    def invite(self) -> Answer:
        session = db.session()
        form = InviteForm(data={"agency": request.args.get("agency") or str(me().agency_id or "")})
        form.agency.offer(area.agencies(session, me()))
        form.offer(offered_roles())
        sentences: list[str] = []
        known: list[tuple[str, int]] = []
        if form.validate_on_submit():
            done = perform_noted("account_invited", "account:new", lambda u: _invite(u, form, known), form)
            if done.done and done.value is not None:
                invitation, token, slip = done.value
                if slip is not None:
                    return slips_page(self, [slip], url_for("PersonView.show", user_id=invitation.user_id))
                return self._sent(invitation.user_id, form.name.data or "", form.mail.data or "", token)
            sentences = done.sentences
        page = self.render(
            "people/invite.html",
            form=form,
            extra=sentences,
            known=known,
            offer_namesake=any(code == "same_name" for code, _id in known),
        )
        return (page, 422) if sentences or form.errors else page

    def _sent(self, user_id: int, name: str, mail: str, token: str) -> Answer:
        """The link went out by mail; where no mail server is set up it is shown once, to be handed over."""
        if has_mail_server():
            flash(_("A link for %(name)s is on its way to %(mail)s.", name=name, mail=mail), "success")
            return redirect(url_for("PersonView.show", user_id=user_id))
        link = url_for("InvitationView.accept", token=token, _external=True)
        page = self.render("people/link.html", name=name, link=link, user_id=user_id)
        return page, 200, {"Cache-Control": "no-store"}

    @expose("/invitations")
    @guarded("keep")
    def invitations(self) -> Answer:
        where = my_area()
        every = request.args.get("all") == "1"
        page = invitations(
            db.session(), where.ids, open_only=not every, before=number(request.args.get("before")) or None
        )
        return self.render(
            "people/invitations.html",
            page=page,
            every=every,
            now=where.now,
            states={state.value: state for state in InvitationState},
            role_label=area.role_label,
        )

    @expose("/invitations/<int:invitation_id>/resend", methods=["POST"])
    @guarded("keep")
    @fresh
    def resend(self, invitation_id: int) -> Answer:
        done = perform_noted(
            "account_invited", f"invitation:{invitation_id}", lambda unit: _resend(unit, invitation_id)
        )
        if done.done and done.value is not None:
            user_id, name, mail, token = done.value
            return self._sent(user_id, name, mail, token)
        flash(" ".join(done.sentences), "danger")
        return redirect(url_for("InviteView.invitations"))

    @expose("/invitations/<int:invitation_id>/cancel", methods=["POST"])
    @guarded("keep")
    def cancel(self, invitation_id: int) -> Answer:
        done = perform(lambda unit: services.cancel(unit, invitation_id, request.form.get("reason", "")))
        if done.done:
            flash(_("The invitation is taken back. Its link opens nothing any more."), "success")
        else:
            flash(" ".join(done.sentences), "danger")
        return redirect(url_for("InviteView.invitations"))


def _invite(unit: Unit, form: InviteForm, known: list[tuple[str, int]]) -> tuple[Invitation, str, object]:
    """Invite, and for somebody without a mail address set the first password in the same act."""
    entry = entry_of(
        name=form.name.data or "",
        agency_id=form.agency.agency_id,
        roles=form.roles.data or [],
        title=form.title.data or "",
        phone=form.phone.data or "",
        mail=form.mail.data or "",
        username=form.username.data or "",
        reason=form.reason.data or "",
    )
    try:
        invitation, token = services.invite(
            unit, entry, until=last_day(form.until), namesake=bool(form.namesake.data)
        )
    except Refused as error:
        if "user_id" in error.facts:
            known.append((error.code, error.facts["user_id"]))
        raise
    slip = None
    if not token:
        account, word = services.print_slip(unit, invitation.user_id, entry.reason)
        slip = (account, invitation.agency, word)
    return invitation, token, slip


def _resend(unit: Unit, invitation_id: int) -> tuple[int, str, str, str]:
    token = services.resend(unit, invitation_id)
    invitation = unit.session.get(Invitation, invitation_id)
    assert invitation is not None, "just sent again"
    return invitation.user_id, invitation.user.get_full_name(), invitation.user.email, token
