"""One person, and the small acts on the person."""

from __future__ import annotations

from typing import Any

from flask import flash, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.db import db
from app.people import area, services
from app.people.area import get_person, memberships_of
from app.people.forms import GrantForm, MembershipForm, ReasonForm, TitleForm, last_day
from app.people.queries import person as queries
from app.people.queries.listing import shown_mail
from app.people.rules import PersonState, person_state
from app.people.views.around import back_to, place_in_area, slips_page, trail_of, warnings_of
from app.people.views.shared import (
    Answer,
    PeopleBase,
    act_page,
    me,
    my_area,
    offered_at,
    offered_roles,
)
from app.security.access import guarded
from app.security.acts import perform
from app.security.login.fresh import fresh
from app.security.login.queries import sessions_of
from app.security.models import Account
from app.security.protection.rules import Kind
from app.security.protection.showing import personal_fields
from app.security.protection.subjects import Subject
from app.security.roles import services as roles
from app.security.roles.queries import actor_place, held_by
from app.security.roles.rules import may_manage
from app.security.roles.views.shared import perform_noted
from app.security.rules import RoleName

SUBJECT = Subject(
    "account",
    Account,
    {"phone": (Kind.ACCOUNT_PHONE, _l("Mobile phone"))},
    lambda user_id: url_for("PersonView.show", user_id=user_id),
    ("can_keep", "PeopleView"),
    get_person,
)


class PersonView(PeopleBase):
    route_base = "/people"

    @expose("/<int:user_id>")
    @guarded("keep")
    def show(self, user_id: int) -> Answer:
        session, where = db.session(), my_area()
        account = get_person(session, me(), user_id, where.ids)
        everywhere = memberships_of(session, user_id)
        here = [m for m in everywhere if m.agency_id in where.ids]
        invitation = queries.open_invitation(session, user_id)
        state = person_state(
            active=account.active,
            left_at=account.left_at,
            locked_until=account.locked_until,
            invited=invitation is not None,
            now=where.now,
        )
        return self.render(
            "people/show.html",
            account=account,
            state=state,
            states=PersonState,
            here=[m for m in here if m.active] or here,
            ended=[m for m in here if not m.active] if any(m.active for m in here) else [],
            elsewhere=sum(m.active and m.agency_id not in where.ids for m in everywhere),
            offered={m.id: {r.name for r in offered_at(m.agency)} for m in here if m.active},
            granters=queries.granters(session, here),
            sessions=sessions_of(session, user_id),
            log_ins=queries.log_ins(session, user_id),
            changes=queries.changes(session, user_id, [m.id for m in here]),
            invitation=invitation,
            move=queries.waiting_move(session, user_id),
            may_manage=_may_manage(account),
            is_me=account.id == me().user_id,
            personal=personal_fields(SUBJECT, account),
            mail=shown_mail(account.email),
            role_label=area.role_label,
            role_names={name.value: name.label for name in RoleName},
            day=where.day,
            now=where.now,
        )

    @expose("/<int:user_id>/grant/<int:membership_id>", methods=["GET", "POST"])
    @guarded("keep")
    @fresh
    def grant(self, user_id: int, membership_id: int) -> Answer:
        account, membership = place_in_area(user_id, membership_id)
        form = GrantForm()
        form.offer(offered_at(membership.agency))
        sentences: list[str] = []
        if form.validate_on_submit():
            done = perform_noted(
                "role_granted",
                f"account:{user_id}",
                lambda unit: roles.grant_role(
                    unit,
                    membership_id,
                    form.role.data or "",
                    until=last_day(form.until),
                    reason=form.reason.data or "",
                ),
                form,
            )
            if done.done:
                flash(_("The role is given."), "success")
                return back_to(user_id)
            sentences = done.sentences
        return act_page(
            self,
            form,
            title=_("Give a role"),
            sub=f"{account.get_full_name()} · {membership.agency}",
            submit=_("Give the role"),
            back=url_for("PersonView.show", user_id=user_id),
            fields=[form.role, form.until, form.reason],
            sentences=sentences,
            icon="user-check",
            trail=trail_of(account),
        )

    @expose("/<int:user_id>/revoke/<int:membership_id>/<int:role_id>", methods=["GET", "POST"])
    @guarded("keep")
    @fresh
    def revoke(self, user_id: int, membership_id: int, role_id: int) -> Answer:
        account, membership = place_in_area(user_id, membership_id)
        link = next((x for x in membership.roles if x.role_id == role_id), None)
        form = ReasonForm()
        sentences: list[str] = []
        if link is None:
            flash(_("This role is not held any more."), "info")
            return back_to(user_id)
        name = link.role.name
        if form.validate_on_submit():
            done = perform_noted(
                "role_revoked",
                f"account:{user_id}",
                lambda unit: roles.revoke_role(unit, membership_id, name, reason=form.reason.data or ""),
                form,
            )
            if done.done:
                flash(_("The role is taken back. It counts no longer from now on."), "success")
                return back_to(user_id)
            sentences = done.sentences
        lacks = queries.lacks(db.session(), [membership], my_area().day)
        return act_page(
            self,
            form,
            title=_("Take back “%(role)s”", role=_(str(area.role_label(link)))),
            sub=f"{account.get_full_name()} · {membership.agency}",
            submit=_("Take the role back"),
            back=url_for("PersonView.show", user_id=user_id),
            fields=[form.reason],
            sentences=sentences,
            icon="user-minus",
            warnings=warnings_of([lack for lack in lacks if lack.role in link.names]),
            trail=trail_of(account),
        )

    @expose("/<int:user_id>/membership", methods=["GET", "POST"])
    @guarded("keep")
    @fresh
    def membership(self, user_id: int) -> Answer:
        account = get_person(db.session(), me(), user_id)
        form = MembershipForm()
        form.agency.offer(area.agencies(db.session(), me()))
        form.offer(offered_roles())
        sentences: list[str] = []
        if form.validate_on_submit():
            done = perform_noted(
                "membership_added",
                f"account:{user_id}",
                lambda unit: services.add_membership(
                    unit,
                    user_id,
                    form.agency.agency_id,
                    title=form.title.data or "",
                    roles=form.roles.data or [],
                    reason=form.reason.data or "",
                ),
                form,
            )
            if done.done:
                flash(_("%(name)s can act for one more unit now.", name=account.get_full_name()), "success")
                return back_to(user_id)
            sentences = done.sentences
        return act_page(
            self,
            form,
            title=_("Add a membership"),
            sub=account.get_full_name(),
            text=_("The person changes between the memberships in the top bar and acts under one at a time."),
            submit=_("Add"),
            back=url_for("PersonView.show", user_id=user_id),
            fields=[form.agency, form.title, form.roles, form.reason],
            sentences=sentences,
            icon="plus",
            trail=trail_of(account),
        )

    @expose("/<int:user_id>/membership/<int:membership_id>/end", methods=["GET", "POST"])
    @guarded("keep")
    def end(self, user_id: int, membership_id: int) -> Answer:
        account, membership = place_in_area(user_id, membership_id)
        return self._reasoned(
            account,
            "membership_ended",
            lambda unit, reason: services.end_membership(unit, user_id, membership_id, reason),
            title=_("End the membership at %(agency)s", agency=membership.agency),
            text=_(
                "The roles held there end with it. Work that is open there has to be handed over by a move."
            ),
            submit=_("End it"),
            icon="user-minus",
            said=_("The membership has ended."),
            warnings=warnings_of(queries.lacks(db.session(), [membership], my_area().day)),
        )

    @expose("/<int:user_id>/membership/<int:membership_id>/title", methods=["GET", "POST"])
    @guarded("keep")
    def title(self, user_id: int, membership_id: int) -> Answer:
        account, membership = place_in_area(user_id, membership_id)
        form = TitleForm(data={"title": membership.title})
        sentences: list[str] = []
        if form.validate_on_submit():
            text = form.title.data or ""
            done = perform(lambda unit: services.change_facts(unit, user_id, membership_id, text), form)
            if done.done:
                flash(_("Saved."), "success")
                return back_to(user_id)
            sentences = done.sentences
        return act_page(
            self,
            form,
            title=_("Change the post"),
            sub=f"{account.get_full_name()} · {membership.agency}",
            submit=_("Save"),
            back=url_for("PersonView.show", user_id=user_id),
            fields=[form.title],
            sentences=sentences,
            trail=trail_of(account),
        )

    @expose("/<int:user_id>/lock", methods=["GET", "POST"])
    @guarded("keep")
    def lock(self, user_id: int) -> Answer:
        return self._reasoned(
            get_person(db.session(), me(), user_id),
            "account_locked_by_hand",
            lambda unit, reason: services.lock(unit, user_id, reason),
            title=_("Lock the account"),
            text=_(
                "All sessions end at once. The person keeps places and roles, and waits until you unlock."
            ),
            submit=_("Lock"),
            icon="lock",
            said=_("The account is locked."),
        )

    @expose("/<int:user_id>/unlock", methods=["GET", "POST"])
    @guarded("keep")
    def unlock(self, user_id: int) -> Answer:
        return self._reasoned(
            get_person(db.session(), me(), user_id),
            "account_unlocked",
            lambda unit, reason: services.unlock(unit, user_id, reason),
            title=_("Unlock the account"),
            text=_(
                "The person can log in again with the own password. If it is forgotten, print a new slip."
            ),
            submit=_("Unlock"),
            icon="lock-open",
            said=_("The account is unlocked."),
        )

    @expose("/<int:user_id>/slip", methods=["GET", "POST"])
    @guarded("keep")
    @fresh
    def slip(self, user_id: int) -> Answer:
        account = get_person(db.session(), me(), user_id)
        form = ReasonForm()
        sentences: list[str] = []
        if form.validate_on_submit():
            done = perform_noted(
                "slip_printed",
                f"account:{user_id}",
                lambda unit: services.print_slip(unit, user_id, form.reason.data or ""),
                form,
            )
            if done.done and done.value is not None:
                return slips_page(self, [done.value], url_for("PersonView.show", user_id=user_id))
            sentences = done.sentences
        return act_page(
            self,
            form,
            title=_("New first password"),
            sub=account.get_full_name(),
            text=_(
                "The next page is a slip to print, with a password that is shown this once. The present password"
                " stops working, all sessions end, and the person chooses an own one at the next log-in."
            ),
            submit=_("Make the slip"),
            back=url_for("PersonView.show", user_id=user_id),
            fields=[form.reason],
            sentences=sentences,
            icon="printer",
            trail=trail_of(account),
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

    def _reasoned(
        self,
        account: Account,
        action: str,
        act: Any,
        *,
        title: str,
        text: str,
        submit: str,
        icon: str,
        said: str,
        warnings: list[str] | None = None,
    ) -> Answer:
        """A page with a reason and one button."""
        form = ReasonForm()
        sentences: list[str] = []
        if form.validate_on_submit():
            reason = form.reason.data or ""
            done = perform_noted(action, f"account:{account.id}", lambda unit: act(unit, reason), form)
            if done.done:
                flash(said, "success")
                return back_to(account.id)
            sentences = done.sentences
        return act_page(
            self,
            form,
            title=title,
            sub=account.get_full_name(),
            text=text,
            submit=submit,
            back=url_for("PersonView.show", user_id=account.id),
            fields=[form.reason],
            sentences=sentences,
            icon=icon,
            warnings=warnings or (),
            trail=trail_of(account),
        )


def _may_manage(account: Account) -> bool:
    session, own = db.session(), actor_place(db.session(), me())
    held = held_by(session, account.id, my_area().day)
    return own is not None and account.id != me().user_id and bool(may_manage(me().roles, own, held))
