"""Agencies of my area with their people, and what to do when one is dissolved or merged."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import func, select

from app.db import db
from app.kernel.errors import NotFound
from app.people import area, services
from app.people.forms import MergeForm, ReasonForm
from app.people.services import merging
from app.people.services.dissolving import LEAVES, MOST_AT_ONCE
from app.people.views.shared import Answer, PeopleBase, me, my_area, number
from app.security.access import guarded
from app.security.login.fresh import fresh
from app.security.models import Account, Agency, Membership
from app.security.roles.views.shared import perform_noted


class DissolveView(PeopleBase):
    route_base = "/people"

    @expose("/agencies")
    @guarded("keep")
    def agencies(self) -> Answer:
        session, where = db.session(), my_area()
        found = area.agencies(session, me(), open_only=False)
        return self.render(
            "people/agencies.html",
            agencies=found,
            counts=_counts(where.ids),
            own=me().agency_id,
            may_merge=bool(merging.regions(session, me())),
        )

    @expose("/merge", methods=["GET", "POST"])
    @guarded("keep")
    @fresh
    def merge(self) -> Answer:
        """Two regions are chosen (GET); what would go where is shown; then it is done with a reason (POST)."""
        session = db.session()
        found = merging.regions(session, me())
        if not found:
            abort(404)
        form = MergeForm(request.form if request.method == "POST" else request.args)
        form.gone.choices = form.into.choices = [
            ("", ""),
            *((str(r.id), f"{r.name} ({r.code})") for r in found),
        ]
        gone, into = number(form.gone.data), number(form.into.data)
        sentences: list[str] = []
        pairs: list[Any] = []
        if gone and into:
            pairs = merging.plan_of(session, *merging.regions_of(session, me(), gone, into))
        if request.method == "POST" and form.validate():
            done = perform_noted(
                "region_merged",
                f"region:{gone}",
                lambda unit: services.merge_region(unit, gone, into, form.reason.data or ""),
                form,
            )
            if done.done:
                flash(_("The region is merged. Its units are closed, its people work over there."), "success")
                return redirect(url_for("DissolveView.agencies"))
            sentences = done.sentences
        page = self.render(
            "people/merge.html",
            form=form,
            extra=sentences,
            pairs=pairs,
            chosen=bool(gone and into),
            counts=_counts(frozenset(pair.agency_id for pair in pairs)),
        )
        return (page, 422) if request.method == "POST" else page

    @expose("/dissolve/<int:agency_id>", methods=["GET", "POST"])
    @guarded("keep")
    @fresh
    def dissolve(self, agency_id: int) -> Answer:
        """Each person goes to another agency or leaves; with nobody left the agency can be closed."""
        session = db.session()
        everywhere = area.agencies(session, me(), open_only=False)
        agency = next((a for a in everywhere if a.id == agency_id), None)
        if agency is None:
            raise NotFound("not_in_scope", kind="agency")
        form = ReasonForm()
        sentences: list[str] = []
        if form.validate_on_submit():
            done = perform_noted(
                "agency_emptied",
                f"agency:{agency_id}",
                lambda unit: services.settle_people(unit, agency_id, _decisions(), form.reason.data or ""),
                form,
            )
            if done.done and done.value is not None:
                self._tell(done.value)
                return redirect(url_for("DissolveView.dissolve", agency_id=agency_id))
            sentences = done.sentences
        page = self.render(
            "people/dissolve.html",
            form=form,
            extra=sentences,
            agency=agency,
            places=_people(agency),
            targets=[a for a in everywhere if a.active and a.id != agency_id],
            suggested=_same_line(agency, everywhere),
            most=MOST_AT_ONCE,
            leaves=LEAVES,
            role_label=area.role_label,
            chosen=request.form,
            is_own=agency_id == me().agency_id,
        )
        return (page, 422) if sentences or form.errors else page

    def _tell(self, done: services.dissolving.Emptied) -> None:
        flash(_("Moved: %(moved)s. Left: %(left)s.", moved=done.moved, left=done.left), "success")
        if done.dropped:
            names = "、".join(f"{name} {_(role)}" for name, role in done.dropped[:20])
            flash(_("Roles that did not go along: %(names)s", names=names), "warning")
        if done.open_work:
            things = "；".join(done.open_work[:20])
            flash(_("Open work that stays with the agency: %(things)s", things=things), "warning")

    @expose("/dissolve/<int:agency_id>/close", methods=["POST"])
    @guarded("keep")
    @fresh
    def close(self, agency_id: int) -> Answer:
        reason = request.form.get("reason", "")
        done = perform_noted(
            "agency_closed",
            f"agency:{agency_id}",
            lambda unit: services.close_agency(unit, agency_id, reason),
        )
        if done.done:
            flash(_("The agency is closed and has left its joint meeting."), "success")
            return redirect(url_for("DissolveView.agencies"))
        flash(" ".join(done.sentences), "danger")
        return redirect(url_for("DissolveView.dissolve", agency_id=agency_id))


def _counts(ids: frozenset[int]) -> dict[int, int]:
    query = (
        select(Membership.agency_id, func.count())
        .join(Account, Account.id == Membership.user_id)
        .where(Membership.agency_id.in_(ids), Membership.active, Account.left_at.is_(None))
        .group_by(Membership.agency_id)
    )
    return {row[0]: row[1] for row in db.session().execute(query)}


def _decisions() -> dict[int, str]:
    """`to-<user id>` fields: an agency's id, `leave`, or nothing."""
    found = {}
    for name, value in request.form.items():
        key = name.removeprefix("to-")
        if name.startswith("to-") and key.isascii() and key.isdecimal() and len(key) < 12:
            choice = request.form.get("all", "") if value == "all" else value
            if choice == LEAVES or (choice.isascii() and choice.isdecimal() and len(choice) < 18):
                found[int(key)] = choice
    return found


def _people(agency: Agency) -> list[Membership]:
    query = (
        select(Membership)
        .join(Account, Account.id == Membership.user_id)
        .where(Membership.agency_id == agency.id, Membership.active, Account.left_at.is_(None))
        .order_by(Account.display_name, Account.id)
        .limit(MOST_AT_ONCE)
    )
    return list(db.session().scalars(query))


def _same_line(agency: Agency, others: list[Agency]) -> int | None:
    """Where the people of a merged region most likely go: the same line of business elsewhere in the area."""
    return next(
        (
            a.id
            for a in others
            if a.active
            and a.id != agency.id
            and a.line_code == agency.line_code
            and a.is_office == agency.is_office
        ),
        None,
    )
