"""Move, leave, come back; moves that wait for the other side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.db import db
from app.people import area, services
from app.people.area import get_person, memberships_of
from app.people.forms import AcceptMoveForm, AskMoveForm, MoveForm, ReasonForm, RolesForm
from app.people.places import OpenWork, Successor, open_work_of, provider_of
from app.people.queries import person as queries
from app.people.queries.waiting import get_move, moves
from app.people.rules import MoveState
from app.people.views.around import back_to, place_in_area, slips_page, trail_of, warnings_of
from app.people.views.shared import (
    Answer,
    PeopleBase,
    default_choice,
    me,
    my_area,
    number,
    offered_at,
    work_choices,
)
from app.security.access import guarded
from app.security.acts import perform
from app.security.login.fresh import fresh
from app.security.models import Account, Membership
from app.security.queries import people
from app.security.roles.views.shared import perform_noted
from app.security.rules import RoleName
from app.security.scoping import unscoped


class MoveView(PeopleBase):
    route_base = "/people"

    @expose("/<int:user_id>/move/<int:membership_id>", methods=["GET", "POST"])
    @guarded("keep")
    @fresh
    def move(self, user_id: int, membership_id: int) -> Answer:
        """Within the area. First the new unit, which says what roles there are; then the rest."""
        account, membership = place_in_area(user_id, membership_id)
        agencies = [a for a in area.agencies(db.session(), me()) if a.id != membership.agency_id]
        chosen = number(request.values.get("agency"))
        target = next((agency for agency in agencies if agency.id == chosen), None)
        form = MoveForm(data={"agency": str(chosen or ""), "title": membership.title})
        form.agency.offer(agencies)
        offered = offered_at(target) if target is not None else []
        form.offer(offered)
        if request.method == "GET":
            held = {link.role.name for link in membership.roles}
            form.roles.data = [role.name for role in offered if role.name in held]
        sentences: list[str] = []
        if request.method == "POST" and form.validate_on_submit():
            done = perform_noted(
                "account_moved",
                f"account:{user_id}",
                lambda unit: services.move(
                    unit,
                    user_id,
                    membership_id,
                    form.agency.agency_id,
                    title=form.title.data or "",
                    roles=form.roles.data or [],
                    reason=form.reason.data or "",
                    choices=work_choices(),
                ),
                form,
            )
            if done.done:
                flash(
                    _("%(name)s works for %(agency)s now.", name=account.get_full_name(), agency=target),
                    "success",
                )
                return back_to(user_id)
            sentences = done.sentences
        return self._page("people/move.html", form, account, [membership], sentences, target=target)

    @expose("/<int:user_id>/ask/<int:membership_id>", methods=["GET", "POST"])
    @guarded("keep")
    @fresh
    def ask(self, user_id: int, membership_id: int) -> Answer:
        """To an agency outside the area: its administrator decides."""
        account, membership = place_in_area(user_id, membership_id)
        form = AskMoveForm()
        form.agency.offer(queries.agencies_elsewhere(db.session(), my_area().ids))
        sentences: list[str] = []
        if form.validate_on_submit():
            done = perform_noted(
                "account_move_asked",
                f"account:{user_id}",
                lambda unit: services.ask_move(
                    unit,
                    user_id,
                    membership_id,
                    form.agency.agency_id,
                    title=form.title.data or "",
                    reason=form.reason.data or "",
                    choices=work_choices(),
                ),
                form,
            )
            if done.done:
                flash(_("The other side was asked. Until it answers everything stays as it is."), "success")
                return back_to(user_id)
            sentences = done.sentences
        return self._page("people/ask.html", form, account, [membership], sentences)

    @expose("/<int:user_id>/leave", methods=["GET", "POST"])
    @guarded("keep")
    @fresh
    def leave(self, user_id: int) -> Answer:
        session, where = db.session(), my_area()
        account = get_person(session, me(), user_id, where.ids)
        places = memberships_of(session, user_id, active=True)
        here = [m for m in places if m.agency_id in where.ids]
        form = ReasonForm()
        sentences: list[str] = []
        if form.validate_on_submit():
            done = perform_noted(
                "account_left",
                f"account:{user_id}",
                lambda unit: services.leave(unit, user_id, form.reason.data or "", work_choices()),
                form,
            )
            if done.done:
                flash(
                    _("%(name)s has left. All sessions have ended.", name=account.get_full_name()), "success"
                )
                return back_to(user_id)
            sentences = done.sentences
        return self._page(
            "people/leave.html", form, account, here, sentences, stays_elsewhere=len(places) - len(here)
        )

    @expose("/<int:user_id>/return", methods=["GET", "POST"])
    @guarded("keep")
    @fresh
    def come_back(self, user_id: int) -> Answer:
        session, where = db.session(), my_area()
        account = get_person(session, me(), user_id, where.ids)
        agencies = area.agencies(session, me())
        last = next(iter(memberships_of(session, user_id, where.ids)), None)
        chosen = number(request.values.get("agency")) or (last.agency_id if last else 0)
        target = next((agency for agency in agencies if agency.id == chosen), None)
        form = MoveForm(data={"agency": str(chosen or ""), "title": last.title if last else ""})
        form.agency.offer(agencies)
        form.offer(offered_at(target) if target is not None else [])
        sentences: list[str] = []
        if request.method == "POST" and form.validate_on_submit():
            done = perform_noted(
                "account_returned",
                f"account:{user_id}",
                lambda unit: services.come_back(
                    unit,
                    user_id,
                    form.agency.agency_id,
                    title=form.title.data or "",
                    roles=form.roles.data or [],
                    reason=form.reason.data or "",
                ),
                form,
            )
            if done.done and done.value is not None:
                return slips_page(self, [done.value], url_for("PersonView.show", user_id=user_id))
            sentences = done.sentences
        return self._page("people/return.html", form, account, [], sentences, target=target)

    def _page(
        self,
        template: str,
        form: RolesForm | ReasonForm,
        account: Account,
        places: Sequence[Membership],
        sentences: list[str],
        **more: Any,
    ) -> Answer:
        work = _work(account, places)
        chosen = work_choices()
        page = self.render(
            template,
            form=form,
            extra=sentences,
            account=account,
            places=places,
            work=work,
            successors=_successors(account, work),
            chosen={f"{t.kind}:{t.key}": default_choice(t, chosen) for _p, t in work},
            kinds=Successor,
            warnings=warnings_of(queries.lacks(db.session(), places, my_area().day)),
            trail=trail_of(account),
            back=url_for("PersonView.show", user_id=account.id),
            **more,
        )
        return (page, 422) if sentences or form.errors else page

    @expose("/moves/")
    @guarded("keep")
    def moves(self) -> Answer:
        where = my_area()
        page = moves(db.session(), where.ids, before=number(request.args.get("before")) or None)
        return self.render("people/moves.html", page=page, ids=where.ids, states=_MOVE_STATES)

    @expose("/moves/<int:request_id>", methods=["GET", "POST"])
    @guarded("keep")
    @fresh
    def decide(self, request_id: int) -> Answer:
        """The receiving side gives the roles and accepts."""
        where = my_area()
        asked = get_move(db.session(), where.ids, request_id)
        receives = asked.to_agency_id in where.ids
        form = AcceptMoveForm(data={"title": asked.title})
        form.offer(offered_at(asked.to_agency) if receives else [])
        sentences: list[str] = []
        if form.validate_on_submit():
            done = perform_noted(
                "account_moved",
                f"move_request:{request_id}",
                lambda unit: services.accept_move(
                    unit, request_id, title=form.title.data or "", roles=form.roles.data or []
                ),
                form,
            )
            if done.done:
                flash(_("%(name)s belongs to your unit now.", name=asked.user.get_full_name()), "success")
                return back_to(asked.user_id)
            sentences = done.sentences
        page = self.render(
            "people/move_request.html",
            form=form,
            extra=sentences,
            move=asked,
            receives=receives,
            gives=asked.from_agency_id in where.ids,
            states=_MOVE_STATES,
        )
        return (page, 422) if sentences or form.errors else page

    @expose("/moves/<int:request_id>/decline", methods=["POST"])
    @guarded("keep")
    def decline(self, request_id: int) -> Answer:
        answer = request.form.get("reason", "")
        return self._answered(request_id, lambda unit: services.decline_move(unit, request_id, answer))

    @expose("/moves/<int:request_id>/withdraw", methods=["POST"])
    @guarded("keep")
    def withdraw(self, request_id: int) -> Answer:
        return self._answered(request_id, lambda unit: services.withdraw_move(unit, request_id))

    def _answered(self, request_id: int, act: Any) -> Answer:
        done = perform(act)
        if done.done:
            flash(_("The move will not take place."), "success")
        else:
            flash(" ".join(done.sentences), "danger")
        return redirect(url_for("MoveView.decide", request_id=request_id))


_MOVE_STATES = {state.value: state for state in MoveState}


def _work(account: Account, places: Sequence[Membership]) -> list[tuple[Membership, OpenWork]]:
    """Open work under each of the places."""
    session = db.session()
    with unscoped(session, "open work of a person of the area"):
        return [
            (place, thing)
            for place in places
            if place.agency_id is not None
            for thing in open_work_of(session, account, place.agency_id)
        ]


def _successors(
    account: Account, work: Sequence[tuple[Membership, OpenWork]]
) -> dict[tuple[int, str], list[Account]]:
    """Colleagues who may take a kind of work over, by agency and kind."""
    found: dict[tuple[int, str], list[Account]] = {}
    for place, thing in work:
        key = (place.id, thing.kind)
        if thing.successor is Successor.NAMED and key not in found and place.agency_id is not None:
            provider = provider_of(thing.kind)
            roles = provider.roles if provider is not None else frozenset()
            known = people(db.session(), place.agency_id, roles or frozenset(RoleName), my_area().day)
            found[key] = [a for a in known if a.id != account.id]
    return found
