"""Pages of a child directory: one row, and a page per act. The directory's own view adds list, form and words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import current_app, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app.db import db
from app.directories.children.kinds import ChildKind, choices
from app.directories.children.queries import get_child
from app.directories.children.services import KEEPERS, add_child, change_child, remove_child
from app.directories.forms import ReasonForm, mark
from app.directories.targets.queries import get_target
from app.kernel.errors import DomainError
from app.security.access import guarded
from app.security.context import current_scope, person, request_unit
from app.security.rules import BUSINESS, RoleName
from app.security.views import Grants, PortalView

Page = Response | str | tuple[str, int]


@dataclass(frozen=True)
class Words:
    """What the pages call the directory and its acts."""

    title: Any
    add: Any
    edit: Any
    remove: Any
    added: Any
    removed: Any


class ChildForm(FlaskForm):
    """`texts` gives the entries by the names of the kind's columns."""

    def texts(self) -> dict[str, str]:
        raise NotImplementedError


class ChildPages(PortalView):
    kind: ClassVar[ChildKind]
    words: ClassVar[Words]
    form: ClassVar[type[Any]]
    default_view = "list"
    grants: ClassVar[Grants] = {"can_list": BUSINESS, "can_show": BUSINESS, "can_keep": KEEPERS}

    def may_keep(self) -> bool:
        return bool(current_app.appbuilder.sm.has_access("can_keep", type(self).__name__))

    def facts(self, row: Any) -> list[tuple[Any, Any]]:
        """Label and value of every fact of a row."""
        raise NotImplementedError

    def stored(self, row: Any) -> Mapping[str, Any]:
        """What the form begins with."""
        raise NotImplementedError

    @expose("/<int:row_id>")
    @guarded("show")
    def show(self, row_id: int) -> Page:
        row = get_child(db.session(), self.kind, row_id)
        return self._render("children/show.html", row=row, target=row.target, facts=self.facts(row))

    @expose("/target/<int:target_id>/add", methods=["GET", "POST"])
    @guarded("keep")
    def add(self, target_id: int) -> Page:
        target = get_target(db.session(), target_id)
        form, extra = self.form(), []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    add_child(unit, self.kind, target_id, form.texts())
                flash(str(self.words.added), "success")
                return redirect(url_for("TargetView.show", target_id=target_id))
            except DomainError as error:
                extra = mark(form, error)
        return self._form(form, extra, target, None)

    @expose("/<int:row_id>/edit", methods=["GET", "POST"])
    @guarded("keep")
    def edit(self, row_id: int) -> Page:
        row = get_child(db.session(), self.kind, row_id)
        form = self.form() if request.method == "POST" else self.form(data=self.stored(row))
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    change_child(unit, self.kind, row_id, form.texts(), number(form.version.data))
                flash(str(self.words.edit), "success")
                return redirect(url_for(".show", row_id=row_id))
            except DomainError as error:
                extra = mark(form, error)
                row = get_child(db.session(), self.kind, row_id)
                form.version.data = str(row.version)
        return self._form(form, extra, row.target, row)

    @expose("/<int:row_id>/remove", methods=["GET", "POST"])
    @guarded("keep")
    def remove(self, row_id: int) -> Page:
        row = get_child(db.session(), self.kind, row_id)
        form, extra = ReasonForm(), []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    target_id = remove_child(unit, self.kind, row_id, form.reason.data or "")
                flash(str(self.words.removed), "success")
                return redirect(url_for("TargetView.show", target_id=target_id))
            except DomainError as error:
                extra = mark(form, error)
        return self._render(
            "children/remove.html", form=form, extra=extra, row=row, target=row.target, facts=self.facts(row)
        ), _status()

    def _form(self, form: Any, extra: list[str], target: Any, row: Any) -> Page:
        form.kind.choices = [("", ""), *choices(db.session(), self.kind)]
        return self._render("children/form.html", form=form, extra=extra, target=target, row=row), _status()

    def _render(self, template: str, **values: Any) -> str:
        return self.render(
            template,
            view=type(self).__name__,
            words=self.words,
            subject=self.kind.name,
            may_keep=may_keep_row(values["row"], type(self).__name__) if values.get("row") else False,
            **values,
        )


def may_keep_row(row: Any, view: str) -> bool:
    """Whether the person's page offers to change this row."""
    who = person()
    if who is None or not current_app.appbuilder.sm.has_access("can_keep", view):
        return False
    if row.agency_id is None:
        return RoleName.OFFICE_ADMIN in who.actor.roles and row.region_id in current_scope().region_ids
    return RoleName.AGENCY_ADMIN in who.actor.roles and row.agency_id == who.actor.agency_id


def number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _status() -> int:
    return 422 if request.method == "POST" else 200
