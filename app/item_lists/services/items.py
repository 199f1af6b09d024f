"""Items of a list that is a draft, or was returned."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.audit.services import record
from app.db import Unit
from app.directories.targets.models import Specialty
from app.item_lists.models import FormLine, Item, ItemList, JointItem, JointItemPart
from app.item_lists.queries import fields_of, get_item, joint_fields_of, joint_item
from app.item_lists.rules import ItemFields, JointItemFields, ListKind, may_edit, may_use, shape_faults
from app.item_lists.services.lists import check_editor, locked_list
from app.kernel.errors import Fault, Invalid, Refused, Stale
from app.security.models import LineOfBusiness


def _draft(unit: Unit, list_id: int, kind: ListKind) -> ItemList:
    found = locked_list(unit, list_id)
    check_editor(unit, found.kind, found.agency_id)
    may_edit(found.state).require()
    if found.kind != kind:
        raise Refused("list_kind_of_item")
    return found


def _check_shape(
    unit: Unit, fields: ItemFields | JointItemFields, list_id: int, model: type[Any], own_id: int = 0
) -> None:
    faults = shape_faults(fields)
    taken = select(model.id).where(model.list_id == list_id, model.code == fields.code, model.id != own_id)
    if unit.session.scalars(taken.limit(1)).first() is not None:
        faults.append(Fault("code", "duplicate", value=fields.code))
    if isinstance(fields, ItemFields) and fields.specialty:
        known = select(Specialty.code).where(Specialty.name == fields.specialty)
        if unit.session.scalars(known).first() is None:
            faults.append(Fault("specialty", "not_a_choice", value=fields.specialty))
    if isinstance(fields, JointItemFields) and unit.session.get(LineOfBusiness, fields.lead_line) is None:
        faults.append(
            Fault("lead_line", "not_a_choice" if fields.lead_line else "required", value=fields.lead_line)
        )
    if faults:
        raise Invalid("invalid", faults)


def differences(now: Any, sent: Any) -> list[dict[str, str]]:
    """The fields in which two values of one shape differ: field, theirs, yours."""
    return [
        {"field": name, "theirs": str(value), "yours": str(getattr(sent, name))}
        for name, value in vars(now).items()
        if value != getattr(sent, name)
    ]


def write_item(item: Item, fields: ItemFields) -> None:
    for name in ("code", "project", "name", "target_scope", "category", "subject", "basis", "ratio_cap"):
        setattr(item, name, getattr(fields, name))
    item.methods, item.target_kinds = list(fields.methods), list(fields.target_kinds)
    item.specialty = fields.specialty or None


def write_lines(item: Item, fields: ItemFields) -> None:
    item.form_lines = [
        FormLine(no=number, text=text, help=help_text)
        for number, (text, help_text) in enumerate(fields.form_lines, 1)
    ]


def add_item(unit: Unit, list_id: int, fields: ItemFields) -> Item:
    """:raises Invalid: with every field that cannot be stored; what is merely missing is a gap of the list"""
    found = _draft(unit, list_id, ListKind.DEPARTMENT)
    _check_shape(unit, fields, found.id, Item)
    item = Item(item_list=found, list_id=found.id, line_code=found.agency.line_code)
    write_item(item, fields)
    write_lines(item, fields)
    unit.session.add(item)
    unit.session.flush()
    record(unit, "item.added", f"item:{item.id}", {"list": found.id, "code": item.code}, found.agency_id)
    return item


def change_item(unit: Unit, item_id: int, fields: ItemFields, version: int) -> Item:
    """:raises Stale: with the differences, when somebody changed it since `version`"""
    item = get_item(unit.session, item_id)
    found = _draft(unit, item.list_id, ListKind.DEPARTMENT)
    if item.version != version:
        raise Stale("stale", changes=differences(fields_of(item), fields))
    _check_shape(unit, fields, found.id, Item, item.id)
    changed = differences(fields_of(item), fields)
    if not changed:
        return item
    write_item(item, fields)
    if any(change["field"] == "form_lines" for change in changed):
        item.form_lines = []
        unit.session.flush()
        write_lines(item, fields)
    unit.session.flush()
    record(
        unit,
        "item.changed",
        f"item:{item.id}",
        {"list": found.id, "fields": [c["field"] for c in changed]},
        found.agency_id,
    )
    return item


def remove_item(unit: Unit, item_id: int) -> int:
    """The id of the list that it stood in. Refused while a joint item of a draft rests on it."""
    item = get_item(unit.session, item_id)
    found = _draft(unit, item.list_id, ListKind.DEPARTMENT)
    used = select(JointItemPart.joint_item_id).where(JointItemPart.item_id == item.id).limit(1)
    if unit.session.scalars(used).first() is not None:
        raise Refused("item_in_use", item=item.name)
    unit.session.delete(item)
    record(unit, "item.removed", f"item:{item_id}", {"list": found.id, "code": item.code}, found.agency_id)
    return found.id


def _write_joint(unit: Unit, row: JointItem, fields: JointItemFields, year: int) -> None:
    plain = (
        "code",
        "domain",
        "name",
        "target_scope",
        "lead_line",
        "category",
        "method",
        "ratio_cap",
        "basis",
        "source",
    )
    for name in plain:
        setattr(row, name, getattr(fields, name))
    row.levels, row.target_kinds = list(fields.levels), list(fields.target_kinds)
    row.industries = list(fields.industries)
    kept = {part.item_id: part for part in row.parts}
    row.parts = [
        kept.get(item.id) or JointItemPart(item=item, item_id=item.id, line_code=item.line_code)
        for item in _parts(unit, fields, year)
    ]


def _parts(unit: Unit, fields: JointItemFields, year: int) -> list[Item]:
    """The items that agencies bring, each from a published list of the year (R-8.2, N-1)."""
    items = list(unit.session.scalars(select(Item).where(Item.id.in_(fields.parts)).order_by(Item.code)))
    if len(items) != len(set(fields.parts)):
        raise Invalid("invalid", [Fault("parts", "not_in_scope")])
    for item in items:
        may_use(item.name, item.item_list.state, item.item_list.year, year).require()
    return items


def add_joint_item(unit: Unit, list_id: int, fields: JointItemFields) -> JointItem:
    """:raises Invalid: with every field that cannot be stored. :raises Refused: N-1"""
    found = _draft(unit, list_id, ListKind.JOINT)
    _check_shape(unit, fields, found.id, JointItem)
    row = JointItem(item_list=found, list_id=found.id)
    with unit.session.no_autoflush:
        _write_joint(unit, row, fields, found.year)
    unit.session.add(row)
    unit.session.flush()
    record(
        unit,
        "joint_item.added",
        f"joint_item:{row.id}",
        {"list": found.id, "code": row.code},
        found.agency_id,
    )
    return row


def change_joint_item(unit: Unit, joint_item_id: int, fields: JointItemFields, version: int) -> JointItem:
    """:raises Stale: with the differences, when somebody changed it since `version`"""
    row = joint_item(unit.session, joint_item_id)
    found = _draft(unit, row.list_id, ListKind.JOINT)
    changed = differences(joint_fields_of(row), fields)
    if row.version != version:
        raise Stale("stale", changes=changed)
    _check_shape(unit, fields, found.id, JointItem, row.id)
    with unit.session.no_autoflush:
        _write_joint(unit, row, fields, found.year)
    unit.session.flush()
    record(
        unit,
        "joint_item.changed",
        f"joint_item:{row.id}",
        {"list": found.id, "fields": [c["field"] for c in changed]},
        found.agency_id,
    )
    return row


def remove_joint_item(unit: Unit, joint_item_id: int) -> int:
    """The id of the list that it stood in."""
    row = joint_item(unit.session, joint_item_id)
    found = _draft(unit, row.list_id, ListKind.JOINT)
    unit.session.delete(row)
    record(
        unit,
        "joint_item.removed",
        f"joint_item:{joint_item_id}",
        {"list": found.id, "code": row.code},
        found.agency_id,
    )
    return found.id
