"""The life of a list: created, submitted, returned, approved (the joint one), published."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.services import record
from app.db import Unit
from app.item_lists import after_publication
from app.item_lists.models import ItemList
from app.item_lists.queries import gaps_of, item_counts, own_list
from app.item_lists.rules import EDITABLE, ListKind, ListState, may_publish, may_submit
from app.kernel.clock import today
from app.kernel.errors import Fault, Invalid, NotFound, Refused
from app.security.approval import approving_agency
from app.security.models import Agency
from app.security.queries import office_of
from app.security.rules import RoleName, may_act, may_approve

EDITORS = {ListKind.DEPARTMENT.value: RoleName.AGENCY_ADMIN, ListKind.JOINT.value: RoleName.OFFICE_ADMIN}
FIRST_YEAR, LAST_YEAR = 2000, 2200


def locked_list(unit: Unit, list_id: int) -> ItemList:
    """The list, locked for this transaction. :raises NotFound:"""
    query = select(ItemList).where(ItemList.id == list_id).with_for_update(of=ItemList)
    found = unit.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound("not_in_scope", kind="item_list")
    return found


def check_editor(unit: Unit, kind: str, agency_id: int) -> None:
    """The agency's administrator keeps its list, the office's administrator the joint list."""
    may_act(unit.actor.roles, unit.actor.agency_id, frozenset({EDITORS[kind]}), agency_id).require()


def create_list(unit: Unit, *, kind: str, year: int, name: str) -> ItemList:
    """A new empty list of the actor's agency, one of each kind and year.

    :raises Invalid: a field that cannot be stored, or a list that exists already
    """
    faults = []
    if kind not in EDITORS:
        faults.append(Fault("kind", "not_a_choice", value=kind))
    if not FIRST_YEAR <= year <= LAST_YEAR:
        faults.append(Fault("year", "not_a_choice", value=year))
    if not name.strip():
        faults.append(Fault("name", "required"))
    elif len(name) > 120:
        faults.append(Fault("name", "too_long", value=name, most=120, found=len(name)))
    if faults:
        raise Invalid("invalid", faults)
    agency = unit.session.get(Agency, unit.actor.agency_id) if unit.actor.agency_id else None
    if agency is None or agency.is_office != (kind == ListKind.JOINT):
        raise Refused("list_kind_of_agency")
    check_editor(unit, kind, agency.id)
    if own_list(unit.session, agency.id, kind, year) is not None:
        raise Invalid("invalid", [Fault("year", "list_exists", value=year)])
    made = ItemList(kind=kind, year=year, name=name.strip(), agency=agency, agency_id=agency.id)
    unit.session.add(made)
    unit.session.flush()
    record(unit, "item_list.created", f"item_list:{made.id}", {"kind": kind, "year": year}, agency.id)
    return made


def submit_list(unit: Unit, list_id: int) -> ItemList:
    """:raises Refused: with the number of gaps; the page lists them (R-8.1, R-2.1)"""
    found = locked_list(unit, list_id)
    check_editor(unit, found.kind, found.agency_id)
    if found.state == ListState.SUBMITTED and found.submitted_by == unit.actor.code:
        return found
    number = item_counts(unit.session, [found.id]).get(found.id, 0)
    may_submit(found.state, number, gaps_of(unit.session, found)).require()
    found.state, found.submitted_by, found.approved_by = ListState.SUBMITTED.value, unit.actor.code, None
    record(unit, "item_list.submitted", f"item_list:{found.id}", {"items": number}, found.agency_id)
    return found


def return_list(unit: Unit, list_id: int, remarks: str) -> ItemList:
    """Back to its editor with remarks: an agency's list by the office, the joint list by whoever approves
    it.
    """
    found = locked_list(unit, list_id)
    _check_judge(unit, found)
    if not remarks.strip():
        raise Invalid("invalid", [Fault("remarks", "required")])
    if found.state == ListState.RETURNED and found.remarks == remarks.strip():
        return found
    if found.state != ListState.SUBMITTED:
        raise Refused("list_not_submitted")
    found.state, found.remarks = ListState.RETURNED.value, remarks.strip()
    record(unit, "item_list.returned", f"item_list:{found.id}", {"remarks": found.remarks}, found.agency_id)
    return found


def approve_list(unit: Unit, list_id: int) -> ItemList:
    """The joint list, by another person than the one who submitted it."""
    found = locked_list(unit, list_id)
    _check_judge(unit, found)
    if found.state == ListState.APPROVED and found.approved_by == unit.actor.code:
        return found
    if found.kind != ListKind.JOINT or found.state != ListState.SUBMITTED:
        raise Refused("list_not_submitted")
    may_approve(found.submitted_by, unit.actor.code).require()
    found.state, found.approved_by = ListState.APPROVED.value, unit.actor.code
    record(unit, "item_list.approved", f"item_list:{found.id}", {}, found.agency_id)
    return found


def publish_list(unit: Unit, list_id: int) -> ItemList:
    """From now on its items may be used in the plans of its year (N-1)."""
    found = locked_list(unit, list_id)
    check_editor(unit, found.kind, found.agency_id)
    if found.state == ListState.PUBLISHED:
        return found
    may_publish(found.kind, found.state).require()
    found.state, found.published_at, found.remarks = ListState.PUBLISHED.value, unit.clock.now(), ""
    record(unit, "item_list.published", f"item_list:{found.id}", {"year": found.year}, found.agency_id)
    unit.session.flush()
    for announce in after_publication:
        announce(unit, found)
    return found


def judge_of(session: Session, item_list: ItemList, day: date) -> Agency | None:
    """The agency whose people return a list, and approve it when it is the joint one."""
    if item_list.kind == ListKind.JOINT:
        return approving_agency(session, item_list.agency, day)
    return office_of(session, item_list.agency.region_id)


def _check_judge(unit: Unit, item_list: ItemList) -> None:
    judge = judge_of(unit.session, item_list, today(unit.clock))
    roles = (
        {RoleName.REVIEWER}
        if item_list.kind == ListKind.JOINT
        else {RoleName.OFFICE_ADMIN, RoleName.REVIEWER}
    )
    may_act(unit.actor.roles, unit.actor.agency_id, frozenset(roles), judge.id if judge else -1).require()


def is_editable(item_list: ItemList) -> bool:
    return item_list.state in EDITABLE
