"""What an event is about, as a person knows it: `task:12` is a number, a name and a page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from flask import current_app, url_for
from sqlalchemy import Select, Text, cast, literal, select, union_all
from sqlalchemy.orm import Session

from app.archive.models import Dossier
from app.designer.models import ListType
from app.directories.inspectors.models import Inspector
from app.directories.libraries.models import Library
from app.directories.outside.models import OutsideMark
from app.directories.targets.models import Target
from app.draws.models import Draw, DrawnTarget
from app.inspections.models import CheckForm, FollowUp, Visit
from app.item_lists.models import Item, ItemList, JointItem
from app.matching.models import Assignment
from app.plans.models import Plan, PlanEntry
from app.publicity.models import Publication
from app.security.models import Account
from app.tasks.models import Task


class Subject(NamedTuple):
    """`url` is empty where there is no page or the person may not open it."""

    text: str
    url: str


class _Kind(NamedTuple):
    """Rows of (key, names...), the page of one (endpoint, argument) and the right that opens it."""

    rows: Select[Any]
    key: Any
    page: tuple[str, str] | None = None
    right: tuple[str, str] = ("", "")


def _draws(endpoint: str, view: str) -> _Kind:
    rows = select(Draw.draw_no, Draw.draw_no, Task.name).join(Draw.task)
    return _Kind(rows, Draw.draw_no, (endpoint, "draw_no"), ("can_read", view))


def _rows(model: Any, *names: Any, endpoint: str, argument: str, verb: str, view: str = "") -> _Kind:
    right = (verb, view or endpoint.partition(".")[0])
    return _Kind(select(model.id, *names), model.id, (endpoint, argument), right)


_ASSIGNED = (
    select(Assignment.id, Target.name)
    .join(DrawnTarget, Assignment.drawn_target_id == DrawnTarget.id)
    .join(Target, DrawnTarget.target_id == Target.id)
)
_FORMS = select(CheckForm.id, CheckForm.no, Target.name).join(CheckForm.visit).join(Visit.target)
_VISITS = select(Visit.id, Visit.no, Target.name).join(Visit.target)
_CASES = select(FollowUp.id, FollowUp.no, Target.name).join(Target, FollowUp.target_id == Target.id)
_KINDS: dict[str, _Kind] = {
    "task": _rows(
        Task, Task.no, Task.name, endpoint="TaskPages.show", argument="pk", verb="can_read", view="Tasks"
    ),
    "draw": _draws("DrawPages.wall", "Draws"),
    "bundle": _draws("DrawPages.wall", "Draws"),
    "matching": _draws("MatchingPages.board", "Matching"),
    "assignment": _Kind(_ASSIGNED, Assignment.id),
    "visit": _Kind(_VISITS, Visit.id, ("VisitView.show", "visit_id"), ("can_read", "VisitView")),
    "form": _Kind(_FORMS, CheckForm.id),
    "follow_up": _Kind(
        _CASES, FollowUp.id, ("FollowUpView.show", "follow_up_id"), ("can_read", "FollowUpView")
    ),
    "publication": _rows(
        Publication,
        Publication.subject_key,
        endpoint="PublicationView.show",
        argument="pk",
        verb="can_show",
    ),
    "dossier": _rows(Dossier, Dossier.no, endpoint="DossierView.show", argument="pk", verb="can_show"),
    "plan": _rows(Plan, Plan.no, Plan.name, endpoint="PlanView.show", argument="plan_id", verb="can_read"),
    "plan_entry": _rows(
        PlanEntry, PlanEntry.name, endpoint="PlanEntryView.show", argument="entry_id", verb="can_read"
    ),
    "item_list": _rows(
        ItemList, ItemList.name, endpoint="ItemListView.show", argument="list_id", verb="can_read"
    ),
    "item": _rows(Item, Item.name, endpoint="ItemView.item", argument="item_id", verb="can_read"),
    "joint_item": _rows(
        JointItem, JointItem.name, endpoint="ItemView.joint", argument="item_id", verb="can_read"
    ),
    "target": _rows(Target, Target.name, endpoint="TargetView.show", argument="target_id", verb="can_show"),
    "inspector": _rows(
        Inspector, Inspector.name, endpoint="InspectorView.show", argument="inspector_id", verb="can_show"
    ),
    "library": _rows(
        Library, Library.name, endpoint="LibraryView.show", argument="library_id", verb="can_show"
    ),
    "outside": _rows(
        OutsideMark, OutsideMark.matter, endpoint="OutsideView.show", argument="mark_id", verb="can_show"
    ),
    "list": _Kind(select(ListType.slug, ListType.name), ListType.slug),
}


def subjects_of(session: Session, subjects: Iterable[str], actors: Iterable[str] = ()) -> dict[str, Subject]:
    """`task:12` -> its number and name, `u12` of `actors` -> the person's name; one query for all kinds, only
    what the session's scope lets see.

    What has no name of its own, or is out of reach, is not in the answer.
    """
    keys: dict[str, set[str]] = defaultdict(set)
    for subject in subjects:
        kind, _, key = subject.partition(":")
        if kind in _KINDS and key:
            keys[kind].add(key)
    parts = [part for kind, wanted in sorted(keys.items()) if (part := _part(kind, wanted)) is not None]
    people = {code[1:] for code in actors if code[:1] == "u" and _is_key(code[1:])}
    if people:
        parts.append(_people(people))
    if not parts:
        return {}
    # A subquery: the choke point narrows every select in it.
    rows = union_all(*parts).subquery()
    found: dict[str, Subject] = {}
    for kind, key, first, second in session.execute(select(rows)):
        if kind == "u":
            found[f"u{key}"] = Subject(first or second, "")
            continue
        text = " ".join(name for name in (first, second) if name)
        found[f"{kind}:{key}"] = Subject(text, _page(_KINDS[kind], key))
    return found


def _part(kind: str, wanted: set[str]) -> Select[Any] | None:
    """Kind, key and names of the wanted rows of one kind, as four texts."""
    shape = _KINDS[kind]
    numeric = shape.key.type.python_type is int
    values: list[Any] = [int(key) for key in wanted if _is_key(key)] if numeric else list(wanted)
    if not values:
        return None
    _key, *names = shape.rows.selected_columns
    texts = [cast(name, Text) for name in names[:2]] + [literal("")] * (2 - len(names[:2]))
    columns = [literal(kind).label("kind"), cast(shape.key, Text).label("key")]
    columns += [texts[0].label("first"), texts[1].label("second")]
    return shape.rows.with_only_columns(*columns, maintain_column_froms=True).where(shape.key.in_(values))


def _people(keys: set[str]) -> Select[Any]:
    """Names of accounts in the shape of `_part`."""
    return select(
        literal("u").label("kind"),
        cast(Account.id, Text).label("key"),
        cast(Account.display_name, Text).label("first"),
        cast(Account.username, Text).label("second"),
    ).where(Account.id.in_([int(key) for key in keys]))


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _page(shape: _Kind, key: Any) -> str:
    if shape.page is None or not current_app.appbuilder.sm.has_access(*shape.right):
        return ""
    endpoint, argument = shape.page
    return url_for(endpoint, **{argument: key})


def page_of(kind: str, key: str) -> str:
    """The page of a subject, empty where there is none or the person may not open it."""
    shape = _KINDS.get(kind)
    return _page(shape, key) if shape is not None else ""
