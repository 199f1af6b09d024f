"""States of item lists, what makes an item complete, and what a published item allows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.kernel.decisions import ALLOWED, Decision, refused
from app.kernel.errors import Fault
from app.kernel.states import StateEnum
from app.regulation import implements
from app.regulation.vocabulary import CheckMethod, ItemCategory, MemberLevel

PER_MILLE = 1000
LEAST_LINES = 2


class ListState(StateEnum):
    DRAFT = "draft", "Draft", "none"
    SUBMITTED = "submitted", "Submitted", "info"
    RETURNED = "returned", "Returned", "warn"
    APPROVED = "approved", "Approved", "info"
    PUBLISHED = "published", "Published", "ok"


class ListKind(StateEnum):
    DEPARTMENT = "department", "Department list"
    JOINT = "joint", "Joint list"


EDITABLE = frozenset({ListState.DRAFT.value, ListState.RETURNED.value})

MOST = {
    "code": 40,
    "project": 120,
    "name": 200,
    "target_scope": 300,
    "subject": 200,
    "basis": 4000,
    "domain": 120,
    "source": 300,
}


@dataclass(frozen=True)
class ItemFields:
    """An item as it is written down, before it is a row. `ratio_cap` in per mille; lines are (text, help)."""

    code: str
    project: str = ""
    name: str = ""
    target_scope: str = ""
    category: str = ""
    methods: tuple[str, ...] = ()
    subject: str = ""
    basis: str = ""
    target_kinds: tuple[str, ...] = ()
    specialty: str | None = None
    ratio_cap: int | None = None
    form_lines: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class JointItemFields:
    """A joint item as it is written down; `parts` are the ids of the items that its agencies check."""

    code: str
    domain: str = ""
    name: str = ""
    target_scope: str = ""
    lead_line: str = ""
    levels: tuple[str, ...] = ()
    category: str = ""
    method: str = ""
    parts: tuple[int, ...] = ()
    target_kinds: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    ratio_cap: int | None = None
    basis: str = ""
    source: str = ""


@dataclass(frozen=True)
class Gap:
    """What an item of a list lacks: its code, the field, and the code of the sentence."""

    item: str
    field: str
    code: str


@dataclass(frozen=True)
class PartFacts:
    """One part of a joint item: the line that is said to check it and the line that the item belongs to."""

    item_code: str
    line_code: str | None
    item_line: str | None
    usable: bool = True


_MANDATORY = ("project", "name", "target_scope", "subject", "basis")


@implements("R-8.1")
def item_gaps(item: ItemFields) -> list[Gap]:
    """Project, target, category, method, subject, basis: all that is missing, empty when the item is
    complete.
    """
    gaps = [Gap(item.code, name, "gap_missing") for name in _MANDATORY if not getattr(item, name).strip()]
    if item.category not in set(ItemCategory):
        gaps.append(Gap(item.code, "category", "gap_missing"))
    if not methods_known(item.methods):
        gaps.append(Gap(item.code, "methods", "gap_missing"))
    if item.category == ItemCategory.GENERAL and item.ratio_cap is None:
        gaps.append(Gap(item.code, "ratio_cap", "gap_cap_missing"))
    return gaps


@implements("R-10.1")
def methods_known(methods: Sequence[str]) -> bool:
    """At least one method, and each of them one of the four that article 10 names."""
    return bool(methods) and set(methods) <= {method.value for method in CheckMethod}


@implements("R-2.1", "R-8.2")
def joint_item_gaps(item: JointItemFields, parts: Sequence[PartFacts]) -> list[Gap]:
    """One field, two or more agencies, several items, each with a responsible line, the initiator among
    them.
    """
    gaps = [
        Gap(item.code, name, "gap_missing")
        for name in ("domain", "name", "target_scope", "lead_line", "basis")
        if not getattr(item, name).strip()
    ]
    gaps += [
        Gap(item.code, "parts", "gap_part_without_line")
        for part in parts
        if not part.line_code or part.line_code != part.item_line
    ]
    lines = {part.line_code for part in parts if part.line_code}
    if len(lines) < LEAST_LINES:
        gaps.append(Gap(item.code, "parts", "gap_two_agencies"))
    if item.lead_line and item.lead_line not in lines:
        gaps.append(Gap(item.code, "lead_line", "gap_lead_without_item"))
    if not all(part.usable for part in parts):
        gaps.append(Gap(item.code, "parts", "gap_part_not_published"))
    if not item.levels or not set(item.levels) <= {level.value for level in MemberLevel}:
        gaps.append(Gap(item.code, "levels", "gap_missing"))
    if item.method not in {method.value for method in CheckMethod}:
        gaps.append(Gap(item.code, "method", "gap_missing"))
    if item.category == ItemCategory.GENERAL and item.ratio_cap is None:
        gaps.append(Gap(item.code, "ratio_cap", "gap_cap_missing"))
    return gaps


def shape_faults(item: ItemFields | JointItemFields) -> list[Fault]:
    """What cannot even be stored as a draft."""
    faults = [] if item.code.strip() else [Fault("code", "required")]
    if not item.name.strip():
        faults.append(Fault("name", "required"))
    for name, most in MOST.items():
        value = getattr(item, name, "")
        if len(value) > most:
            faults.append(Fault(name, "too_long", value=value, most=most, found=len(value)))
    if item.category not in {category.value for category in ItemCategory}:
        faults.append(Fault("category", "not_a_choice" if item.category else "required", value=item.category))
    if item.ratio_cap is not None:
        if not 1 <= item.ratio_cap <= PER_MILLE:
            faults.append(Fault("ratio_cap", "item_cap_range", value=item.ratio_cap))
        elif item.category == ItemCategory.KEY:
            faults.append(Fault("ratio_cap", "item_key_has_no_cap", value=item.ratio_cap))
    if isinstance(item, ItemFields):
        if item.methods and not methods_known(item.methods):
            faults.append(Fault("methods", "not_a_choice", value="、".join(item.methods)))
        faults += [
            Fault("form_lines", "too_long", value=text, most=300, found=max(len(text), len(help_text)))
            for text, help_text in item.form_lines
            if max(len(text), len(help_text)) > 300
        ]
    return faults


@implements("R-9.1")
def may_draw(category: str, cap: int | None, number: int, library_size: int, strata: int = 1) -> Decision:
    """Whether `number` of `library_size` may be drawn for an item.

    A key item has no upper ratio. For a general item `cap` (per mille of the library, rounded up) is the
    most;
    where the library is so small that one of each of its `strata` is more than that, one of each may be
    drawn,
    because no class is left out.
    """
    if category == ItemCategory.KEY or cap is None:
        return ALLOWED
    most = max((cap * library_size + PER_MILLE - 1) // PER_MILLE, strata)
    if number <= most:
        return ALLOWED
    return refused(
        "above_cap", rule="R-9.1", number=number, most=most, cap=percent(cap), library=library_size
    )


@implements("N-1")
def is_published(list_state: str, list_year: int, year: int) -> bool:
    """Whether a list is in force in `year`."""
    return list_state == ListState.PUBLISHED and list_year == year


@implements("N-1")
def may_use(item: str, list_state: str, list_year: int, year: int) -> Decision:
    """Only an item of a list that is published for the year enters a plan, a scheme or a form."""
    if is_published(list_state, list_year, year):
        return ALLOWED
    return refused("item_not_published", rule="N-1", item=item, year=year)


def may_edit(state: str) -> Decision:
    return ALLOWED if state in EDITABLE else refused("list_not_draft")


@implements("R-8.1")
def may_submit(state: str, items: int, gaps: Sequence[Gap]) -> Decision:
    """A list with a gap, or without an item, cannot be submitted; the gaps are listed."""
    if state not in EDITABLE:
        return refused("list_not_draft")
    if not items:
        return refused("list_empty", rule="R-8.1")
    if gaps:
        return refused("list_has_gaps", rule="R-8.1", count=len(gaps))
    return ALLOWED


def may_publish(kind: str, state: str) -> Decision:
    """An agency publishes its own list once it is submitted; the joint list is approved first."""
    wanted = ListState.APPROVED if kind == ListKind.JOINT else ListState.SUBMITTED
    return ALLOWED if state == wanted else refused("list_not_ready")


def percent(per_mille: int) -> str:
    """`25` as `2.5`, `100` as `10`."""
    whole, rest = divmod(per_mille, 10)
    return f"{whole}.{rest}" if rest else str(whole)
