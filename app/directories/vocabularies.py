"""Generated screens of the vocabularies: everybody reads, the office of the whole region edits."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from flask import abort, flash
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import Length

from app.directories.targets.models import Industry, Specialty, TargetKind
from app.kernel.errors import Fault, Forbidden
from app.regulation.vocabulary import MemberLevel
from app.security.context import person
from app.security.crud import ScopedInterface, ScopedModelView
from app.security.explain import explain
from app.security.menu import MenuItem, add_menu
from app.security.models import Agency, CalendarDay, Region
from app.security.rules import BUSINESS, RoleName

OFFICES = frozenset({RoleName.OFFICE_ADMIN})
_CODE = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)


# Flask-AppBuilder demands every column that is not null: an English name may be missing, a box unchecked.
ENGLISH = {"name_en": StringField(_l("English name"), [Length(max=80)])}

LEVELS = {
    **{level.value: _l(level.label) for level in MemberLevel},
    "zone": _l("Functional zone"),
}
DAY_KINDS = {"off": _l("Day off"), "work": _l("Make-up working day")}


def _code_cell(value: Any) -> str:
    return Markup('<span class="eh-mono">{}</span>').format(value)


def _english_cell(value: Any) -> str:
    return Markup('<span lang="en">{}</span>').format(value) if value else "—"


CELLS = {"code": _code_cell, "name_en": _english_cell}


class VocabularyView(ScopedModelView):
    """A vocabulary of the whole region."""

    formatters_columns = CELLS

    grants = {
        "can_list": BUSINESS,
        "can_show": BUSINESS,
        "can_add": OFFICES,
        "can_edit": OFFICES,
        "can_delete": OFFICES,
    }

    def faults(self, item: Any) -> list[Fault]:
        self.require_regional_office()
        return []

    def require_regional_office(self) -> None:
        """:raises Forbidden: under any other membership"""
        who = person()
        agency = who.membership.agency if who and who.membership else None
        if agency is None or not agency.is_office or agency.region.level != "region":
            raise Forbidden("regional_office_only")

    def _delete(self, pk: Any) -> None:
        try:
            self.require_regional_office()
        except Forbidden as error:
            flash(explain(error), "danger")
            return
        super()._delete(pk)


class CodedView(VocabularyView):
    """A vocabulary whose key is a code."""

    def key_in_path(self, pk: Any) -> Any:
        text = str(pk)
        if not _CODE.fullmatch(text):
            abort(404)
        return text


class TargetKindView(CodedView):
    datamodel = ScopedInterface(TargetKind)
    route_base = "/vocabulary/target-kinds"
    event = "target_kind"
    list_title = _l("Kinds of targets")
    add_title = edit_title = show_title = _l("Kind of target")
    list_columns = ["code", "name", "classified", "position"]
    show_columns = ["code", "name", "name_en", "classified", "uscc_prefixes", "position"]
    add_columns = ["code", "name", "name_en", "classified", "position"]
    edit_columns = ["name", "name_en", "classified", "position"]
    order_columns = ["code", "position"]
    base_order = ("position", "asc")
    add_form_extra_fields = edit_form_extra_fields = {
        **ENGLISH,
        "classified": BooleanField(_l("Credit-risk classes apply")),
    }
    label_columns = {
        "code": _l("Code"),
        "name": _l("Name"),
        "name_en": _l("English name"),
        "classified": _l("Credit-risk classes apply"),
        "position": _l("Order"),
        "uscc_prefixes": _l("Told by codes that begin with"),
    }


class IndustryView(CodedView):
    datamodel = ScopedInterface(Industry)
    route_base = "/vocabulary/industries"
    event = "industry"
    list_title = _l("Industries (GB/T 4754)")
    add_title = edit_title = show_title = _l("Industry")
    list_columns = show_columns = add_columns = ["code", "name", "name_en", "parent_code"]
    edit_columns = ["name", "name_en", "parent_code"]
    search_columns = ["code", "name", "parent_code"]
    order_columns = ["code"]
    base_order = ("code", "asc")
    add_form_extra_fields = edit_form_extra_fields = ENGLISH
    label_columns = {
        "code": _l("Code"),
        "name": _l("Name"),
        "name_en": _l("English name"),
        "parent_code": _l("Part of"),
    }


class SpecialtyView(CodedView):
    datamodel = ScopedInterface(Specialty)
    route_base = "/vocabulary/specialties"
    event = "specialty"
    list_title = _l("Specialties")
    add_title = edit_title = show_title = _l("Specialty")
    list_columns = show_columns = add_columns = ["code", "name", "name_en"]
    edit_columns = ["name_en"]
    order_columns = ["code", "name"]
    base_order = ("code", "asc")
    add_form_extra_fields = edit_form_extra_fields = ENGLISH
    label_columns = {"code": _l("Code"), "name": _l("Name"), "name_en": _l("English name")}


class RegionView(VocabularyView):
    """The tree of regions; its shape comes with the release, names can be corrected."""

    datamodel = ScopedInterface(Region)
    route_base = "/vocabulary/regions"
    base_permissions = ["can_list", "can_show", "can_edit"]
    event = "region"
    formatters_columns = {**CELLS, "level": lambda value: str(LEVELS.get(value, value))}
    list_title = _l("Regions")
    edit_title = show_title = _l("Region")
    list_columns = ["code", "name", "level", "parent"]
    show_columns = ["code", "name", "name_en", "level", "parent"]
    edit_columns = ["name", "name_en"]
    search_columns = ["code", "name"]
    order_columns = ["code"]
    base_order = ("path", "asc")
    add_form_extra_fields = edit_form_extra_fields = ENGLISH
    label_columns = {
        "code": _l("Code"),
        "name": _l("Name"),
        "name_en": _l("English name"),
        "level": _l("Level"),
        "parent": _l("Part of"),
    }


class AgencyView(VocabularyView):
    """Members of the joint meetings; founding one has its own act, names can be corrected."""

    datamodel = ScopedInterface(Agency)
    route_base = "/vocabulary/agencies"
    base_permissions = ["can_list", "can_show", "can_edit"]
    event = "agency"
    list_title = _l("Agencies")
    edit_title = show_title = _l("Agency")
    list_columns = ["code", "name", "region", "line", "active"]
    show_columns = ["code", "name", "name_en", "region", "line", "is_office", "active"]
    edit_columns = ["name", "name_en"]
    search_columns = ["code", "name"]
    order_columns = ["code"]
    base_order = ("code", "asc")
    add_form_extra_fields = edit_form_extra_fields = ENGLISH
    label_columns = {
        "code": _l("Code"),
        "name": _l("Name"),
        "name_en": _l("English name"),
        "region": _l("Region"),
        "line": _l("Line of business"),
        "is_office": _l("Office of a joint meeting"),
        "active": _l("Active"),
    }


class CalendarDayView(VocabularyView):
    """Days off and make-up working days; deadlines are counted by them."""

    datamodel = ScopedInterface(CalendarDay)
    route_base = "/vocabulary/calendar"
    event = "calendar_day"
    formatters_columns = {"kind": lambda value: str(DAY_KINDS.get(value, value))}
    list_title = _l("Statutory calendar")
    add_title = edit_title = show_title = _l("Day of the calendar")
    list_columns = show_columns = add_columns = ["day", "kind", "name", "paper_year"]
    edit_columns = ["kind", "name", "paper_year"]
    search_columns = ["paper_year", "name"]
    order_columns = ["day"]
    base_order = ("day", "desc")
    add_form_extra_fields = edit_form_extra_fields = {
        "kind": SelectField(_l("Off or work"), choices=list(DAY_KINDS.items()))
    }
    label_columns = {
        "day": _l("Day"),
        "kind": _l("Off or work"),
        "name": _l("Occasion"),
        "paper_year": _l("Year of the notice"),
    }

    def key_in_path(self, pk: Any) -> Any:
        try:
            return date.fromisoformat(str(pk)[:10])
        except ValueError:
            abort(404)

    def faults(self, item: Any) -> list[Fault]:
        found = super().faults(item)
        if item.kind not in ("off", "work"):
            found.append(Fault("kind", "calendar_type", value=item.kind))
        if item.day is not None and item.paper_year not in (item.day.year, item.day.year + 1):
            found.append(Fault("paper_year", "calendar_year", value=item.paper_year))
        return found


_LINES: tuple[tuple[type[VocabularyView], Any, str], ...] = (
    (TargetKindView, _l("Kinds of targets"), "tag"),
    (IndustryView, _l("Industries"), "list-details"),
    (SpecialtyView, _l("Specialties"), "tool"),
    (RegionView, _l("Regions"), "map"),
    (AgencyView, _l("Agencies"), "building-bank"),
    (CalendarDayView, _l("Statutory calendar"), "calendar"),
)
MENU = tuple(
    MenuItem("settings", label, f"{v.__name__}.list", icon, ("can_list", v.__name__), order=200 + place)
    for place, (v, label, icon) in enumerate(_LINES)
)


def register(appbuilder: Any) -> None:
    for view, _label, _icon in _LINES:
        appbuilder.add_view_no_menu(view)
    add_menu(*MENU)
