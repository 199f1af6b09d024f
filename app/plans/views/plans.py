"""Plans, one plan, and the acts of its life."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.db import Unit, db
from app.kernel.clock import today
from app.kernel.errors import Refused
from app.plans import queries, services
from app.plans.forms import PlanForm, ReasonForm, RemarksForm, VersionForm
from app.plans.models import Plan
from app.plans.rules import EntryState, PlanKind, PlanState
from app.plans.views.acts import DECIDE, EDIT, JUDGE, acts_for, judge_of
from app.security.access import guarded, only_at_home
from app.security.acts import perform
from app.security.context import current_clock, person
from app.security.names import names_of
from app.security.rules import BUSINESS, RoleName
from app.security.views import Grants, PortalView

Act = Callable[[Unit, int], Plan]


class PlanView(PortalView):
    """`/plans`: the own plan, the agencies' plans, joint plans."""

    route_base = "/plans"
    grants: ClassVar[Grants] = {
        "can_read": frozenset(BUSINESS),
        "can_edit": EDIT,
        "can_judge": JUDGE,
        "can_decide": DECIDE,
    }

    @expose("/")
    @guarded("read")
    def index(self) -> str:
        kind, state = request.args.get("kind", ""), request.args.get("state", "")
        asked = {
            "year": request.args.get("year", type=int),
            "kind": kind if kind in set(PlanKind) else None,
            "state": state if state in set(PlanState) else None,
            "text": request.args.get("q", "").strip()[:80],
        }
        rows = queries.plans(db.session(), before=request.args.get("before", type=int), **asked)
        page, more = rows[: queries.PAGE], len(rows) > queries.PAGE
        who = person()
        return self.render(
            "plans/index.html",
            rows=page,
            counts=queries.entry_counts(db.session(), [row.id for row in page]),
            next_url=url_for(".index", **{**request.args.to_dict(), "before": page[-1].id}) if more else "",
            first_page=not request.args.get("before"),
            asked=asked,
            kinds=list(PlanKind),
            states=PlanState,
            may_add=who is not None and bool(who.actor.roles & EDIT),
        )

    @expose("/new", methods=["GET", "POST"])
    @guarded("edit")
    def new(self) -> Response | str:
        who = person()
        is_office = who is not None and RoleName.OFFICE_ADMIN in who.actor.roles
        kind = PlanKind.JOINT if is_office else PlanKind.AGENCY
        form = PlanForm()
        if request.method == "GET":
            form.year.data = today(current_clock()).year
            agency = who.membership.agency if who and who.membership else None
            owner = (agency.region.name if is_office else agency.name) if agency else ""
            named = _("%(year)s joint inspection plan of %(owner)s", year=form.year.data, owner=owner)
            own = _("%(year)s inspection plan of %(owner)s", year=form.year.data, owner=owner)
            form.name.data = named if is_office else own
        sentences: list[str] = []
        if form.validate_on_submit():
            year, name = form.year.data or 0, form.name.data or ""
            done = perform(
                lambda unit: services.open_plan(unit, kind=kind.value, year=year, name=name).id, form
            )
            if done.done:
                return redirect(url_for(".show", plan_id=done.value))
            sentences = done.sentences
        return self.render("plans/new.html", form=form, sentences=sentences, kind=kind)

    @expose("/<int:plan_id>")
    @guarded("read")
    def show(self, plan_id: int) -> str:
        session = db.session()
        plan = queries.get_plan(session, plan_id)
        after = request.args.get("after", 0, type=int)
        rows = queries.entries_of(session, plan_id, after=after)
        page, more = rows[: queries.PAGE], len(rows) > queries.PAGE
        acts = acts_for(plan)
        asked = queries.open_reopening(session, plan_id) if acts & {"ask_change", "decide_change"} else None
        code = who.actor.code if (who := person()) is not None else ""
        return self.render(
            "plans/show.html",
            reopening=asked,
            asked_by=names_of(session, [asked.asked_by]).get(asked.asked_by, "") if asked else "",
            asked_by_me=asked is not None and asked.asked_by == code,
            plan=plan,
            state=PlanState(plan.state),
            entries=page,
            entry_states=EntryState,
            next_url=url_for(".show", plan_id=plan_id, after=page[-1].no) if more else "",
            acts=acts,
            coverage=queries.coverage_of(session, plan) if plan.kind == PlanKind.JOINT else None,
            total=sum(entry.planned_number or 0 for entry in page),
        )

    @expose("/<int:plan_id>/take", methods=["GET", "POST"])
    @guarded("edit")
    def take(self, plan_id: int) -> Response | str:
        only_at_home(queries.get_plan(db.session(), plan_id).agency_id)
        sentences: list[str] = []
        form = VersionForm()
        if form.validate_on_submit():
            wanted = [
                int(text) for text in request.form.getlist("entries") if text.isdecimal() and len(text) < 19
            ]
            done = perform(lambda unit: len(services.take_into_joint(unit, plan_id, wanted)), form)
            if done.done:
                flash(_("%(n)s entries stand in the joint plan now.", n=done.value), "success")
                return redirect(url_for(".show", plan_id=plan_id))
            sentences = done.sentences
        session = db.session()
        plan = queries.get_plan(session, plan_id)
        if plan.kind != PlanKind.JOINT:
            raise Refused("plan_kind")
        entries = queries.candidates(session, plan)
        return self.render(
            "plans/take.html",
            plan=plan,
            form=form,
            entries=entries,
            taken=queries.taken(session, plan_id),
            meets=queries.overlaps_among(session, entries),
            picked=set(request.form.getlist("entries")),
            coverage=queries.coverage_of(session, plan),
            states=PlanState,
            sentences=sentences,
        )

    @expose("/<int:plan_id>/report", methods=["GET", "POST"])
    @guarded("edit")
    def report(self, plan_id: int) -> Response | str:
        only_at_home(queries.get_plan(db.session(), plan_id).agency_id)
        form = VersionForm()
        return self._act(
            plan_id,
            lambda unit, key: services.report_plan(unit, key, form.number()),
            (
                _l("Report the plan"),
                _l("The office sees it then, and can return it with remarks."),
                _l("Report"),
            ),
            _l("The plan has been reported."),
            form,
        )

    @expose("/<int:plan_id>/return", methods=["GET", "POST"])
    @guarded("judge")
    def send_back(self, plan_id: int) -> Response | str:
        form = RemarksForm()
        is_joint = queries.get_plan(db.session(), plan_id).kind == PlanKind.JOINT
        act = services.return_joint if is_joint else services.return_plan
        return self._act(
            plan_id,
            lambda unit, key: act(unit, key, form.remarks.data or ""),
            (
                _l("Return the plan"),
                _l("Say what has to be changed; the remarks stand on the plan."),
                _l("Return"),
            ),
            _l("The plan has been returned."),
            form,
        )

    @expose("/<int:plan_id>/submit", methods=["GET", "POST"])
    @guarded("edit")
    def submit(self, plan_id: int) -> Response | str:
        only_at_home(queries.get_plan(db.session(), plan_id).agency_id)
        form = VersionForm()
        return self._act(
            plan_id,
            lambda unit, key: services.submit_joint(unit, key, form.number()),
            (
                _l("Submit the joint plan"),
                _l("A reviewer of the office approves it; where there are fewer than two, the office above."),
                _l("Submit"),
            ),
            _l("The joint plan has been submitted."),
            form,
        )

    @expose("/<int:plan_id>/approve", methods=["GET", "POST"])
    @guarded("judge")
    def approve(self, plan_id: int) -> Response | str:
        form = VersionForm()
        return self._act(
            plan_id,
            lambda unit, key: services.approve_joint(unit, key, form.number()),
            (_l("Approve the joint plan"), _l("Whoever submitted it cannot approve it."), _l("Approve")),
            _l("The joint plan has been approved."),
            form,
        )

    @expose("/<int:plan_id>/publish", methods=["GET", "POST"])
    @guarded("edit")
    def publish(self, plan_id: int) -> Response | str:
        form = VersionForm()
        is_joint = queries.get_plan(db.session(), plan_id).kind == PlanKind.JOINT
        act = services.publish_joint if is_joint else services.publish_agency_plan
        return self._act(
            plan_id,
            lambda unit, key: act(unit, key, form.number()),
            (
                _l("Publish the plan"),
                _l("The public can read it, and tasks can be made from it."),
                _l("Publish"),
            ),
            _l("The plan has been published."),
            form,
        )

    @expose("/<int:plan_id>/override", methods=["GET", "POST"])
    @guarded("judge")
    def override(self, plan_id: int) -> Response | str:
        form = ReasonForm()
        return self._act(
            plan_id,
            lambda unit, key: services.override_coverage(unit, key, form.reason.data or ""),
            (
                _l("Let the plan pass below 80 percent"),
                _l(
                    "The office above answers for it; "
                    "for the region's plan cite the minutes of the joint meeting."
                ),
                _l("Let it pass"),
            ),
            _l("The reason stands on the plan."),
            form,
        )

    @expose("/<int:plan_id>/ask-change", methods=["GET", "POST"])
    @guarded("edit")
    def ask_change(self, plan_id: int) -> Response | str:
        only_at_home(queries.get_plan(db.session(), plan_id).agency_id)
        form = ReasonForm()
        return self._act(
            plan_id,
            lambda unit, key: services.ask_change(unit, key, form.reason.data or "").plan,
            (
                _l("Ask to change the plan"),
                _l(
                    "The plan is frozen. Another person, a reviewer, decides; "
                    "what is public stays public until the plan is published again."
                ),
                _l("Ask"),
            ),
            _l("The reviewers have been asked."),
            form,
        )

    @expose("/<int:plan_id>/grant-change", methods=["GET", "POST"])
    @guarded("decide")
    def grant_change(self, plan_id: int) -> Response | str:
        only_at_home(judge_of(queries.get_plan(db.session(), plan_id)))
        return self._act(
            plan_id,
            lambda unit, key: services.grant_change(unit, key),
            (
                _l("Let the plan be changed"),
                _l(
                    "It goes back into work, and the whole way to publication again. "
                    "Whoever asked cannot decide."
                ),
                _l("Let it be changed"),
            ),
            _l("The plan is back in work."),
            VersionForm(),
        )

    @expose("/<int:plan_id>/deny-change", methods=["GET", "POST"])
    @guarded("decide")
    def deny_change(self, plan_id: int) -> Response | str:
        only_at_home(judge_of(queries.get_plan(db.session(), plan_id)))
        form = RemarksForm()
        return self._act(
            plan_id,
            lambda unit, key: services.deny_change(unit, key, form.remarks.data or ""),
            (
                _l("Deny the change"),
                _l("The plan stays as it is. Say why."),
                _l("Deny"),
            ),
            _l("The request has been denied."),
            form,
        )

    def _act(
        self, plan_id: int, act: Act, texts: tuple[Any, Any, Any], done_text: Any, form: Any
    ) -> Response | str:
        """The page of one act: what it does on GET, the act itself on POST."""
        sentences: list[str] = []
        if form.validate_on_submit():
            done = perform(lambda unit: act(unit, plan_id), form)
            if done.done:
                flash(str(done_text), "success")
                return redirect(url_for(".show", plan_id=plan_id))
            sentences = done.sentences
        plan = queries.get_plan(db.session(), plan_id)
        if request.method == "GET" and hasattr(form, "version"):
            form.version.data = plan.version
        return self.render(
            "plans/act.html",
            form=form,
            sentences=sentences,
            title=texts[0],
            text=texts[1],
            label=texts[2],
            name=plan.name,
            gaps=[],
            coverage=queries.coverage_of(db.session(), plan) if plan.kind == PlanKind.JOINT else None,
            plan=plan,
            back_url=url_for(".show", plan_id=plan_id),
            trail=[(_("Plans"), url_for(".index")), (plan.name, url_for(".show", plan_id=plan_id))],
        )
