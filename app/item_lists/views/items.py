"""Items and joint items: their pages and forms."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.db import db
from app.directories.targets.queries import kind_names, specialty_names
from app.item_lists import queries, services
from app.item_lists.forms import ActForm, ItemForm, JointItemForm, write_lines
from app.item_lists.models import Item, ItemList, JointItem
from app.item_lists.views.lists import EDIT, WORDS, acts_for
from app.security.access import guarded, only_at_home
from app.security.acts import perform
from app.security.fields import choices
from app.security.rules import BUSINESS
from app.security.views import Grants, PortalView


class ItemView(PortalView):
    """`/items/item/...` and `/items/joint/...`."""

    route_base = "/items"
    grants: ClassVar[Grants] = {"can_read": frozenset(BUSINESS), "can_edit": EDIT}

    @expose("/item/<int:item_id>")
    @guarded("read")
    def item(self, item_id: int) -> str:
        found = queries.get_item(db.session(), item_id)
        return self.render(
            "item_lists/item.html",
            item=found,
            acts=acts_for(found.item_list),
            kinds=kind_names(db.session()),
            **WORDS,
        )

    @expose("/joint/<int:item_id>")
    @guarded("read")
    def joint(self, item_id: int) -> str:
        found = queries.joint_item(db.session(), item_id)
        return self.render(
            "item_lists/joint_item.html",
            item=found,
            acts=acts_for(found.item_list),
            kinds=kind_names(db.session()),
            lines=queries.line_names(db.session()),
            parts=sorted(found.parts, key=lambda part: (part.line_code != found.lead_line, part.item.code)),
            **WORDS,
        )

    @expose("/<int:list_id>/item/new", methods=["GET", "POST"])
    @guarded("edit")
    def item_new(self, list_id: int) -> Response | str:
        found = queries.get_list(db.session(), list_id)
        only_at_home(found.agency_id)
        form = _item_form()
        return self._store(form, found, lambda unit: services.add_item(unit, list_id, form.fields()), "item")

    @expose("/item/<int:item_id>/edit", methods=["GET", "POST"])
    @guarded("edit")
    def item_edit(self, item_id: int) -> Response | str:
        item = queries.get_item(db.session(), item_id)
        only_at_home(item.item_list.agency_id)
        form = _item_form(item)
        version = _version(form)
        return self._store(
            form,
            item.item_list,
            lambda unit: services.change_item(unit, item_id, form.fields(), version),
            "item",
            item,
        )

    @expose("/<int:list_id>/joint/new", methods=["GET", "POST"])
    @guarded("edit")
    def joint_new(self, list_id: int) -> Response | str:
        found = queries.get_list(db.session(), list_id)
        only_at_home(found.agency_id)
        form, groups = _joint_form(found)
        return self._store(
            form,
            found,
            lambda unit: services.add_joint_item(unit, list_id, form.fields()),
            "joint",
            groups=groups,
        )

    @expose("/joint/<int:item_id>/edit", methods=["GET", "POST"])
    @guarded("edit")
    def joint_edit(self, item_id: int) -> Response | str:
        item = queries.joint_item(db.session(), item_id)
        only_at_home(item.item_list.agency_id)
        form, groups = _joint_form(item.item_list, item)
        version = _version(form)
        return self._store(
            form,
            item.item_list,
            lambda unit: services.change_joint_item(unit, item_id, form.fields(), version),
            "joint",
            item,
            groups,
        )

    @expose("/item/<int:item_id>/remove", methods=["POST"])
    @guarded("edit")
    def item_remove(self, item_id: int) -> Response:
        only_at_home(queries.get_item(db.session(), item_id).item_list.agency_id)
        return _remove(services.remove_item, item_id, url_for(".item", item_id=item_id))

    @expose("/joint/<int:item_id>/remove", methods=["POST"])
    @guarded("edit")
    def joint_remove(self, item_id: int) -> Response:
        only_at_home(queries.joint_item(db.session(), item_id).item_list.agency_id)
        return _remove(services.remove_joint_item, item_id, url_for(".joint", item_id=item_id))

    def _store(
        self, form: Any, item_list: ItemList, act: Any, kind: str, item: Any = None, groups: Any = ()
    ) -> Response | str:
        list_id, list_name = item_list.id, item_list.name
        title = _("Change the item") if item is not None else _("New item")
        sentences: list[str] = []
        if form.validate_on_submit():
            done = perform(lambda unit: act(unit).id, form)
            if done.done:
                flash(_("Stored."), "success")
                return redirect(url_for(f".{kind}", item_id=done.value))
            sentences = done.sentences
        back = url_for(f".{kind}", item_id=item.id) if item is not None else ""
        return self.render(
            f"item_lists/{kind}_form.html",
            form=form,
            sentences=sentences,
            title=title,
            list_id=list_id,
            groups=groups,
            lines=queries.line_names(db.session()),
            back_url=back or url_for("ItemListView.show", list_id=list_id),
            trail=[
                (_("Item lists"), url_for("ItemListView.index")),
                (list_name, url_for("ItemListView.show", list_id=list_id)),
            ],
        )


def _version(form: Any) -> int:
    text = form.version.data or ""
    return int(text) if str(text).isdecimal() and len(str(text)) < 10 else 0


def _item_form(item: Item | None = None) -> ItemForm:
    start: dict[str, Any] = {}
    if item is not None and request.method == "GET":
        start = {**vars(queries.fields_of(item)), "version": item.version, "specialty": item.specialty or ""}
        start["form_lines"] = write_lines(start["form_lines"])
    form = ItemForm(data=start) if start else ItemForm()
    form.target_kinds.choices = choices(kind_names(db.session()).items())
    names = specialty_names(db.session())
    form.specialty.choices = choices([("", _l("None")), *((name, name) for name in names)])
    return form


def _joint_form(
    item_list: ItemList, item: JointItem | None = None
) -> tuple[JointItemForm, dict[str, list[Item]]]:
    start: dict[str, Any] = {}
    if item is not None and request.method == "GET":
        start = {**vars(queries.joint_fields_of(item)), "version": item.version}
        start["industries"] = " ".join(item.industries)
    form = JointItemForm(data=start) if start else JointItemForm()
    groups: dict[str, list[Item]] = {}
    for row in queries.published_items(db.session(), item_list.year, region=item_list.agency.region):
        groups.setdefault(row.line_code, []).append(row)
    form.target_kinds.choices = choices(kind_names(db.session()).items())
    names = queries.line_names(db.session())
    form.lead_line.choices = choices([("", ""), *((code, names.get(code, code)) for code in groups)])
    form.parts.choices = choices((row.id, row.name) for rows in groups.values() for row in rows)
    return form, groups


def _remove(act: Any, item_id: int, back: str) -> Response:
    form = ActForm()
    if not form.validate_on_submit():
        return redirect(back)
    done = perform(lambda unit: act(unit, item_id))
    if not done.done:
        for sentence in done.sentences:
            flash(sentence, "danger")
        return redirect(back)
    flash(_("Removed."), "success")
    return redirect(url_for("ItemListView.show", list_id=done.value))
