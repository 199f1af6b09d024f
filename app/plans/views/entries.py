"""Entries: their pages, the form with its live figure, the estimate behind it."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, flash, redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.db import db
from app.directories.libraries.queries import library_names
from app.directories.targets.queries import kind_names
from app.item_lists.models import JointItem
from app.item_lists.queries import joint_item, line_names
from app.item_lists.rules import percent
from app.kernel.errors import Refused
from app.plans import queries, services
from app.plans.composing import Estimate, Party, default_entry, estimate_entry, parties, regions_for
from app.plans.forms import EntryForm, VersionForm, start_values
from app.plans.messages import WARNINGS
from app.plans.models import Plan, PlanEntry
from app.plans.rules import EntryState, PlanKind, read_selection
from app.plans.rules.selection import CLASSES
from app.plans.services.checks import fields_of
from app.plans.views.acts import EDIT, acts_for
from app.regulation.vocabulary import CheckMethod
from app.security.access import guarded, only_at_home
from app.security.acts import perform
from app.security.explain import explain, explain_fault
from app.security.fields import choices
from app.security.rules import BUSINESS
from app.security.views import Grants, PortalView

WORDS = {
    "percent": percent,
    "methods": CheckMethod,
    "classes": CLASSES,
    "entry_states": EntryState,
    "warning_text": lambda code: str(WARNINGS[code]),
    "explain_fault": explain_fault,
    "explain_refusal": lambda refusal: explain(Refused(refusal.code, **refusal.facts)),
}


class PlanEntryView(PortalView):
    """`/plans/.../entries/...`."""

    route_base = "/plans"
    grants: ClassVar[Grants] = {"can_read": frozenset(BUSINESS), "can_edit": EDIT}

    @expose("/entries/<int:entry_id>")
    @guarded("read")
    def show(self, entry_id: int) -> str:
        session = db.session()
        entry = queries.get_entry(session, entry_id)
        estimate = estimate_entry(session, entry.plan, fields_of(entry), entry.joint_item, entry.id)
        return self.render(
            "plans/entry.html",
            entry=entry,
            plan=entry.plan,
            acts=acts_for(entry.plan),
            estimate=estimate,
            selection=read_selection(entry.selection),
            kinds=kind_names(db.session()),
            regions=regions_for(session, entry.plan),
            libraries=library_names(session) if entry.rule.get("libraries") else {},
            by_agency=_by_agency(entry),
            **WORDS,
        )

    @expose("/<int:plan_id>/entries/new", methods=["GET", "POST"])
    @guarded("edit")
    def new(self, plan_id: int) -> Response | str:
        session = db.session()
        plan = queries.get_plan(session, plan_id)
        only_at_home(plan.agency_id)
        source = request.form if request.method == "POST" else request.args
        if "joint" not in source:
            return self._choose(plan)
        joint = _joint(source.get("joint", ""))
        who = parties(session, plan, joint)
        start = default_entry(session, plan, joint) if request.method == "GET" else {}
        form = _form(plan, who, start)
        picked = _picked() if request.method == "POST" else {p.agency.id: _ids(p) for p in who if p.is_lead}
        joint_id = joint.id if joint else None
        return self._compose(
            plan,
            joint,
            who,
            form,
            picked,
            lambda unit: services.add_entry(unit, plan_id, form.fields(picked, joint_id)),
        )

    @expose("/entries/<int:entry_id>/edit", methods=["GET", "POST"])
    @guarded("edit")
    def edit(self, entry_id: int) -> Response | str:
        session = db.session()
        entry = queries.get_entry(session, entry_id)
        only_at_home(entry.plan.agency_id)
        joint = joint_item(session, entry.joint_item_id) if entry.joint_item_id else None
        who = parties(session, entry.plan, joint)
        now = fields_of(entry)
        form = _form(entry.plan, who, start_values(now, entry.version) if request.method == "GET" else {})
        picked = _picked() if request.method == "POST" else dict(now.participants)
        version = str(form.version.data or "")
        number = int(version) if version.isdecimal() and len(version) < 10 else 0
        return self._compose(
            entry.plan,
            joint,
            who,
            form,
            picked,
            lambda unit: services.change_entry(
                unit, entry_id, form.fields(picked, joint.id if joint else None), number
            ),
            entry,
        )

    @expose("/entries/estimate", methods=["POST"])
    @guarded("edit")
    def estimate(self) -> str:
        """The figure beside the form, as a piece of the page; stores nothing."""
        session = db.session()
        plan = queries.get_plan(session, request.form.get("plan", 0, type=int))
        joint = _joint(request.form.get("joint", ""))
        form = _form(plan, parties(session, plan, joint), {})
        form.validate()
        own = request.form.get("entry", 0, type=int)
        found = _estimate(plan, joint, form, _picked(), own)
        return render_template("plans/_estimate.html", estimate=found, **WORDS)

    @expose("/entries/<int:entry_id>/remove", methods=["POST"])
    @guarded("edit")
    def remove(self, entry_id: int) -> Response:
        only_at_home(queries.get_entry(db.session(), entry_id).plan.agency_id)
        if not VersionForm().validate_on_submit():
            return redirect(url_for(".show", entry_id=entry_id))
        done = perform(lambda unit: services.remove_entry(unit, entry_id))
        if not done.done:
            for sentence in done.sentences:
                flash(sentence, "danger")
            return redirect(url_for(".show", entry_id=entry_id))
        flash(_("Removed."), "success")
        return redirect(url_for("PlanView.show", plan_id=done.value))

    def _choose(self, plan: Plan) -> str:
        """The first step: which joint item, or an item of the agency's own."""
        items = queries.listed_joint_items(db.session(), plan)
        own = plan.agency.line_code
        if plan.kind == PlanKind.AGENCY:
            items = [item for item in items if own in {part.line_code for part in item.parts}]
        items.sort(key=lambda item: (item.lead_line != own, item.code))
        planned = {
            entry.joint_item_id
            for entry in queries.entries_of(db.session(), plan.id, limit=queries.MOST_ENTRIES)
        }
        return self.render(
            "plans/choose.html",
            plan=plan,
            items=items,
            planned=planned,
            lines=line_names(db.session()),
            **WORDS,
        )

    def _compose(
        self,
        plan: Plan,
        joint: JointItem | None,
        who: list[Party],
        form: EntryForm,
        picked: dict[int, tuple[int, ...]],
        store: Any,
        entry: PlanEntry | None = None,
    ) -> Response | str:
        sentences: list[str] = []
        calculate = request.form.get("act") == "calculate"
        if form.validate_on_submit() and not calculate:
            done = perform(lambda unit: store(unit).id, form)
            if done.done:
                flash(_("Stored."), "success")
                return redirect(url_for(".show", entry_id=done.value))
            sentences = done.sentences
        own = entry.id if entry is not None else 0
        return self.render(
            "plans/entry_form.html",
            plan=plan,
            joint=joint,
            parties=who,
            form=form,
            picked=picked,
            entry_id=own,
            sentences=sentences,
            title=_("Change the entry") if entry is not None else _("New entry"),
            back_url=url_for(".show", entry_id=own) if own else url_for("PlanView.show", plan_id=plan.id),
            estimate=_estimate(plan, joint, form, picked, own),
            **WORDS,
        )


def _estimate(
    plan: Plan,
    joint: JointItem | None,
    form: EntryForm,
    picked: dict[int, tuple[int, ...]],
    own_entry_id: int,
) -> Estimate:
    fields = form.fields(picked, joint.id if joint else None)
    return estimate_entry(db.session(), plan, fields, joint, own_entry_id)


def _joint(text: str) -> JointItem | None:
    """The joint item that a page was asked for; nothing for an entry without one."""
    if text == "none":
        return None
    if not text.isdecimal() or len(text) > 18:
        abort(404)
    return joint_item(db.session(), int(text))


def _form(plan: Plan, who: list[Party], start: dict[str, Any]) -> EntryForm:
    lead = next((party.agency.id for party in who if party.is_lead), 0)
    form = EntryForm(data={"initiator": lead, **start}) if start else EntryForm()
    own = plan.kind == PlanKind.AGENCY
    form.initiator.choices = choices(
        (p.agency.id, p.agency.name) for p in who if not own or p.agency.id == plan.agency_id
    )
    form.kinds.choices = choices(kind_names(db.session()).items())
    form.regions.choices = choices(regions_for(db.session(), plan).items())
    form.libraries.choices = choices(library_names(db.session()).items())
    return form


def _picked() -> dict[int, tuple[int, ...]]:
    """Agencies that were ticked with the items that were ticked under them, from `agency` and `items`."""
    found: dict[int, tuple[int, ...]] = {
        int(text): () for text in request.form.getlist("agency") if text.isdecimal() and len(text) < 19
    }
    for text in request.form.getlist("items"):
        agency, _sep, item = text.partition(":")
        if agency.isdecimal() and item.isdecimal() and len(text) < 38 and int(agency) in found:
            found[int(agency)] = (*found[int(agency)], int(item))
    return found


def _ids(party: Party) -> tuple[int, ...]:
    return tuple(item.id for item in party.items)


def _by_agency(entry: PlanEntry) -> list[dict[str, Any]]:
    """Participants with their items, the initiator first."""
    found: dict[int, dict[str, Any]] = {}
    for part in sorted(
        entry.participants, key=lambda p: (p.agency_id != entry.initiator_id, p.agency.code, p.item.code)
    ):
        line = found.setdefault(part.agency_id, {"agency": part.agency, "items": []})
        line["items"].append(part.item)
    return list(found.values())
