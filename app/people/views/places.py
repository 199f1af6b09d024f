"""The places of one person and the roles held there."""

from __future__ import annotations

from flask import flash
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.db import db
from app.people import area, services
from app.people.area import get_person
from app.people.forms import GrantForm, MembershipForm, TitleForm, last_day
from app.people.queries import person as queries
from app.people.views.acting import act_on, reasoned
from app.people.views.around import back_to, place_in_area, warnings_of
from app.people.views.shared import Answer, PeopleBase, me, my_area, offered_at, offered_roles
from app.security.access import guarded
from app.security.login.fresh import fresh
from app.security.roles import services as roles


class PlacesView(PeopleBase):
    route_base = "/people"

    @expose("/<int:user_id>/grant/<int:membership_id>", methods=["GET", "POST"])
    @guarded("keep")
    @fresh
    def grant(self, user_id: int, membership_id: int) -> Answer:
        account, membership = place_in_area(user_id, membership_id)
        form = GrantForm()
        form.offer(offered_at(membership.agency))
        return act_on(
            self,
            account,
            form,
            lambda unit: roles.grant_role(
                unit,
                membership_id,
                form.role.data or "",
                until=last_day(form.until),
                reason=form.reason.data or "",
            ),
            action="role_granted",
            said=_("The role is given."),
            fields=[form.role, form.until, form.reason],
            at=membership.agency,
            title=_("Give a role"),
            submit=_("Give the role"),
            icon="user-check",
        )

    @expose("/<int:user_id>/revoke/<int:membership_id>/<int:role_id>", methods=["GET", "POST"])
    @guarded("keep")
    @fresh
    def revoke(self, user_id: int, membership_id: int, role_id: int) -> Answer:
        account, membership = place_in_area(user_id, membership_id)
        link = next((x for x in membership.roles if x.role_id == role_id), None)
        if link is None:
            flash(_("This role is not held any more."), "info")
            return back_to(user_id)
        name = link.role.name
        lacks = queries.lacks(db.session(), [membership], my_area().day)
        return reasoned(
            self,
            account,
            lambda unit, reason: roles.revoke_role(unit, membership_id, name, reason=reason),
            action="role_revoked",
            said=_("The role is taken back. It counts no longer from now on."),
            at=membership.agency,
            title=_("Take back “%(role)s”", role=_(str(area.role_label(link)))),
            submit=_("Take the role back"),
            icon="user-minus",
            warnings=warnings_of([lack for lack in lacks if lack.role in link.names]),
        )

    @expose("/<int:user_id>/membership", methods=["GET", "POST"])
    @guarded("keep")
    @fresh
    def membership(self, user_id: int) -> Answer:
        account = get_person(db.session(), me(), user_id)
        form = MembershipForm()
        form.agency.offer(area.agencies(db.session(), me()))
        form.offer(offered_roles())
        return act_on(
            self,
            account,
            form,
            lambda unit: services.add_membership(
                unit,
                user_id,
                form.agency.agency_id,
                title=form.title.data or "",
                roles=form.roles.data or [],
                reason=form.reason.data or "",
            ),
            action="membership_added",
            said=_("%(name)s can act for one more unit now.", name=account.get_full_name()),
            fields=[form.agency, form.title, form.roles, form.reason],
            title=_("Add a membership"),
            text=_("The person changes between the memberships in the top bar and acts under one at a time."),
            submit=_("Add"),
            icon="plus",
        )

    @expose("/<int:user_id>/membership/<int:membership_id>/end", methods=["GET", "POST"])
    @guarded("keep")
    def end(self, user_id: int, membership_id: int) -> Answer:
        account, membership = place_in_area(user_id, membership_id)
        return reasoned(
            self,
            account,
            lambda unit, reason: services.end_membership(unit, user_id, membership_id, reason),
            action="membership_ended",
            said=_("The membership has ended."),
            title=_("End the membership at %(agency)s", agency=membership.agency),
            text=_(
                "The roles held there end with it. Work that is open there has to be handed over by a move."
            ),
            submit=_("End it"),
            icon="user-minus",
            warnings=warnings_of(queries.lacks(db.session(), [membership], my_area().day)),
        )

    @expose("/<int:user_id>/membership/<int:membership_id>/title", methods=["GET", "POST"])
    @guarded("keep")
    def title(self, user_id: int, membership_id: int) -> Answer:
        account, membership = place_in_area(user_id, membership_id)
        form = TitleForm(data={"title": membership.title})
        return act_on(
            self,
            account,
            form,
            lambda unit: services.change_facts(unit, user_id, membership_id, form.title.data or ""),
            action="",
            said=_("Saved."),
            fields=[form.title],
            at=membership.agency,
            title=_("Change the post"),
            submit=_("Save"),
        )
