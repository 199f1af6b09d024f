"""Lists, one list, and the acts of its life."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.db import db
from app.item_lists import queries, services
from app.item_lists.forms import ActForm, ListForm, RemarksForm
from app.item_lists.messages import FIELDS, SENTENCES
from app.item_lists.models import ItemList
from app.item_lists.rules import EDITABLE, ListKind, ListState, percent
from app.item_lists.services.lists import EDITORS, judge_of
from app.kernel.clock import today
from app.regulation.vocabulary import CheckMethod, ItemCategory, MemberLevel
from app.security.access import guarded, only_at_home
from app.security.acts import perform
from app.security.context import current_clock, person
from app.security.rules import BUSINESS, RoleName
from app.security.views import Grants, PortalView


def sentence_of(code: str) -> str:
    """The sentence of a gap."""
    return str(SENTENCES[code])


WORDS = {
    "categories": ItemCategory,
    "methods": CheckMethod,
    "levels": MemberLevel,
    "percent": percent,
    "sentence": sentence_of,
    "fields": FIELDS,
}
EDIT = frozenset({RoleName.AGENCY_ADMIN, RoleName.OFFICE_ADMIN})
JUDGE = frozenset({RoleName.REVIEWER, RoleName.OFFICE_ADMIN})


def acts_for(item_list: ItemList) -> set[str]:
    """What the person behind the request may do with the list now; the services check it again."""
    who = person()
    if who is None:
        return set()
    state, actor = item_list.state, who.actor
    acts: set[str] = set()
    if actor.agency_id == item_list.agency_id and EDITORS[item_list.kind] in actor.roles:
        if state in EDITABLE:
            acts |= {"edit", "submit"}
        ready = ListState.APPROVED if item_list.kind == ListKind.JOINT else ListState.SUBMITTED
        if state == ready:
            acts.add("publish")
    if state == ListState.SUBMITTED and actor.roles & JUDGE:
        judge = judge_of(db.session(), item_list, today(current_clock()))
        wanted = frozenset({RoleName.REVIEWER}) if item_list.kind == ListKind.JOINT else JUDGE
        if judge is not None and judge.id == actor.agency_id and actor.roles & wanted:
            acts.add("return")
            if item_list.kind == ListKind.JOINT:
                acts.add("approve")
    return acts


class ItemListView(PortalView):
    """`/items`: department lists and joint lists."""

    route_base = "/items"
    grants: ClassVar[Grants] = {"can_read": frozenset(BUSINESS), "can_edit": EDIT, "can_judge": JUDGE}

    @expose("/")
    @guarded("read")
    def index(self) -> str:
        asked = {
            "year": request.args.get("year", type=int),
            "kind": request.args.get("kind") if request.args.get("kind") in set(ListKind) else None,
            "text": request.args.get("q", "").strip()[:80],
        }
        rows = queries.lists(db.session(), before=request.args.get("before", type=int), **asked)
        page, more = rows[: queries.PAGE], len(rows) > queries.PAGE
        return self.render(
            "item_lists/index.html",
            rows=page,
            counts=queries.item_counts(db.session(), [row.id for row in page]),
            next_url=url_for(".index", **_set(request.args.to_dict(), before=page[-1].id)) if more else "",
            first_page=not request.args.get("before"),
            asked=asked,
            kinds=list(ListKind),
            states=ListState,
            may_add=_may_add(),
            import_kind="joint_items" if _own_kind() == ListKind.JOINT else "items",
            year=today(current_clock()).year,
        )

    @expose("/new", methods=["GET", "POST"])
    @guarded("edit")
    def new(self) -> Response | str:
        kind = _own_kind()
        form = ListForm()
        if request.method == "GET":
            form.year.data = today(current_clock()).year
            form.name.data = _default_name(kind, form.year.data)
        sentences: list[str] = []
        if form.validate_on_submit():
            year, name = form.year.data or 0, form.name.data or ""
            done = perform(lambda unit: services.create_list(unit, kind=kind, year=year, name=name).id, form)
            if done.done:
                flash(_("The list stands ready. Add its items now."), "success")
                return redirect(url_for(".show", list_id=done.value))
            sentences = done.sentences
        return self.render("item_lists/new.html", form=form, sentences=sentences, kind=ListKind(kind))

    @expose("/<int:list_id>")
    @guarded("read")
    def show(self, list_id: int) -> str:
        session = db.session()
        found = queries.get_list(session, list_id)
        after = request.args.get("after", "")[:40]
        is_joint = found.kind == ListKind.JOINT
        rows: list[Any] = list(
            (queries.joint_items_of if is_joint else queries.items_of)(session, list_id, after=after)
        )
        page, more = rows[: queries.PAGE], len(rows) > queries.PAGE
        acts = acts_for(found)
        return self.render(
            "item_lists/show_joint.html" if is_joint else "item_lists/show.html",
            list=found,
            state=ListState(found.state),
            rows=page,
            number=queries.item_counts(session, [list_id]).get(list_id, 0),
            next_url=url_for(".show", list_id=list_id, after=page[-1].code) if more else "",
            acts=acts,
            gaps=queries.gaps_of(session, found) if "submit" in acts else [],
            lines=queries.line_names(session),
            **WORDS,
        )

    @expose("/<int:list_id>/submit", methods=["GET", "POST"])
    @guarded("edit")
    def submit(self, list_id: int) -> Response | str:
        only_at_home(queries.get_list(db.session(), list_id).agency_id)
        return self._act(
            list_id,
            services.submit_list,
            _l("Submit the list"),
            _l("After that it cannot be changed until it is returned."),
            _l("Submit"),
            _l("The list has been submitted."),
        )

    @expose("/<int:list_id>/return", methods=["GET", "POST"])
    @guarded("judge")
    def send_back(self, list_id: int) -> Response | str:
        form = RemarksForm()
        return self._act(
            list_id,
            lambda unit, key: services.return_list(unit, key, form.remarks.data or ""),
            _l("Return the list"),
            _l("Say what has to be changed; the remarks stand on the list."),
            _l("Return"),
            _l("The list has been returned."),
            form,
        )

    @expose("/<int:list_id>/approve", methods=["GET", "POST"])
    @guarded("judge")
    def approve(self, list_id: int) -> Response | str:
        return self._act(
            list_id,
            services.approve_list,
            _l("Approve the joint list"),
            _l("Whoever submitted it cannot approve it."),
            _l("Approve"),
            _l("The list has been approved."),
        )

    @expose("/<int:list_id>/publish", methods=["GET", "POST"])
    @guarded("edit")
    def publish(self, list_id: int) -> Response | str:
        return self._act(
            list_id,
            services.publish_list,
            _l("Publish the list"),
            _l("Its items can then be used in the plans of the year, and the public can read it."),
            _l("Publish"),
            _l("The list has been published."),
        )

    def _act(
        self, list_id: int, act: Any, title: Any, text: Any, label: Any, done_text: Any, form: Any = None
    ) -> Response | str:
        """The page of one act: what it does on GET, the act itself on POST."""
        form = form if form is not None else ActForm()
        sentences: list[str] = []
        if form.validate_on_submit():
            done = perform(lambda unit: act(unit, list_id), form)
            if done.done:
                flash(str(done_text), "success")
                return redirect(url_for(".show", list_id=list_id))
            sentences = done.sentences
        found = queries.get_list(db.session(), list_id)
        gaps = queries.gaps_of(db.session(), found) if act is services.submit_list else []
        return self.render(
            "item_lists/act.html",
            form=form,
            sentences=sentences,
            title=title,
            text=text,
            label=label,
            name=found.name,
            back_url=url_for(".show", list_id=list_id),
            trail=[(_("Item lists"), url_for(".index")), (found.name, url_for(".show", list_id=list_id))],
            gaps=gaps,
            sentence=sentence_of,
            fields=FIELDS,
        )


def _own_kind() -> str:
    who = person()
    is_office = who is not None and RoleName.OFFICE_ADMIN in who.actor.roles
    return (ListKind.JOINT if is_office else ListKind.DEPARTMENT).value


def _may_add() -> bool:
    who = person()
    return who is not None and bool(who.actor.roles & EDIT)


def _default_name(kind: str, year: int) -> str:
    if kind == ListKind.JOINT:
        return _("Joint item list of %(year)s", year=year)
    return _("Item list of %(year)s", year=year)


def _set(arguments: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {**arguments, **changed}
