"""Every permission in plain words, by the stage of an inspection at which it is used.

A permission without words fails a test: `missing`. Rights of low-code lists (`List:<slug>`) are worded by verb.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.kernel.places import Place
from app.security.roles.rules import Permission
from app.security.roles.words.carry_out import CARRY_OUT
from app.security.roles.words.prepare import PREPARE
from app.security.roles.words.publish import PUBLISH
from app.security.roles.words.settings import SETTINGS
from app.security.roles.words.sum_up import SUM_UP
from app.security.roles.words.work import WORK

STAGES = {
    "work": _l("Everyday work"),
    "prepare": _l("Prepare"),
    "carry_out": _l("Carry out"),
    "publish": _l("Publish"),
    "sum_up": _l("Sum up"),
    "settings": _l("Settings"),
    "lists": _l("Designed lists"),
}
_BY_STAGE = {
    "work": WORK,
    "prepare": PREPARE,
    "carry_out": CARRY_OUT,
    "publish": PUBLISH,
    "sum_up": SUM_UP,
    "settings": SETTINGS,
}
# Reference data with generated screens: the same five verbs over a thing.
_THINGS = {
    "AgencyView": ("settings", _l("units")),
    "RegionView": ("settings", _l("regions")),
    "CalendarDayView": ("settings", _l("days off and make-up working days")),
    "IndustryView": ("settings", _l("branches of industry")),
    "SpecialtyView": ("settings", _l("specialties of inspectors")),
    "TargetKindView": ("settings", _l("kinds of targets")),
    "PermitKindView": ("settings", _l("kinds of permits")),
    "PremisesKindView": ("settings", _l("kinds of premises")),
    "ExpertView": ("prepare", _l("experts")),
    "InstitutionView": ("prepare", _l("institutions")),
}
_VERBS = {
    "can_list": _l("See the list of %(things)s"),
    "can_show": _l("Open the page of one of the %(things)s"),
    "can_add": _l("Add to the %(things)s"),
    "can_edit": _l("Change the %(things)s"),
    "can_delete": _l("Delete from the %(things)s"),
}
LIST_PREFIX = "List:"
list_names: Place[Any] = Place("names of designed lists")
"""Functions `(slug) -> name or None` of the domain that knows the lists."""


@dataclass(frozen=True)
class Line:
    """One permission as people read it."""

    permission: Permission
    stage: str
    text: Any


def add_words(stage: str, view: str, words: dict[str, Any]) -> None:
    """Words of a view's permissions, given by its own domain: `add_words("settings", "PeopleView", {...})`."""
    _BY_STAGE[stage].setdefault(view, {}).update(words)


def line_of(permission: Permission) -> Line | None:
    """The words of one permission, None when there are none."""
    verb, view = permission
    for stage, views in _BY_STAGE.items():
        if verb in views.get(view, {}):
            return Line(permission, stage, views[view][verb])
    if view.startswith(LIST_PREFIX) and verb in _VERBS:
        slug = view.removeprefix(LIST_PREFIX)
        name = next((found for look in list_names if (found := look(slug))), slug)
        return Line(permission, "lists", str(_VERBS[verb]) % {"things": f"“{name}”"})
    if view in _THINGS and verb in _VERBS:
        stage, things = _THINGS[view]
        return Line(permission, stage, str(_VERBS[verb]) % {"things": things})
    return None


def say(permission: Permission) -> str:
    """A sentence for every permission; what has no words is named by its code."""
    line = line_of(permission)
    if line is not None:
        return str(line.text)
    return _("%(verb)s on %(view)s", verb=permission[0].removeprefix("can_"), view=permission[1])


def by_stage(permissions: Iterable[Permission]) -> list[tuple[str, Any, list[Line]]]:
    """Lines grouped by stage, in the order of an inspection: `(key, heading, lines)`."""
    places = {view: i for views in _BY_STAGE.values() for i, view in enumerate(views)}
    lines: dict[str, list[Line]] = {stage: [] for stage in STAGES}
    for permission in permissions:
        line = line_of(permission) or Line(permission, "settings", say(permission))
        lines[line.stage].append(line)
    order = list(_VERBS)
    for found in lines.values():
        found.sort(
            key=lambda x: (
                places.get(x.permission[1], 999),
                x.permission[1],
                order.index(x.permission[0]) if x.permission[0] in order else 9,
                x.permission[0],
            )
        )
    return [(stage, STAGES[stage], found) for stage, found in lines.items() if found]


def missing(permissions: Iterable[Permission]) -> list[Permission]:
    return sorted(p for p in permissions if line_of(p) is None)
