"""What an entry must hold (R-19.1), who takes part (R-2.1), and where entries of agencies overlap (R-3.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.kernel.decisions import ALLOWED, Decision, refused
from app.kernel.errors import Fault
from app.plans.rules.selection import PER_MILLE, Expected, Selection
from app.regulation import implements
from app.regulation.vocabulary import CheckMethod

LEAST_AGENCIES = 2
MANY_AGENCIES = 4
INDUSTRY = re.compile(r"\d{2,4}")


@dataclass(frozen=True)
class EntryFields:
    """A plan entry as it is written down. `participants`: agency -> the items it checks, the initiator
    included.
    """

    name: str
    initiator_id: int
    participants: Mapping[int, tuple[int, ...]]
    rule: Mapping[str, Any]
    selection: Mapping[str, Any]
    month_from: int
    month_to: int
    method: str = CheckMethod.ON_SITE.value
    joint_item_id: int | None = None
    note: str = ""


@dataclass(frozen=True)
class ItemFacts:
    """One item of an entry: who is to check it, and which line it belongs to."""

    name: str
    agency_line: str
    item_line: str
    in_joint_item: bool


@implements("R-19.1")
def entry_faults(entry: EntryFields) -> list[Fault]:
    """Name, items, scope, initiator, participants and time; ratio and number are checked by
    `read_selection`.
    """
    faults = []
    if not entry.name.strip():
        faults.append(Fault("name", "required"))
    elif len(entry.name) > 200:
        faults.append(Fault("name", "too_long", value=entry.name, most=200, found=len(entry.name)))
    if entry.method not in {method.value for method in CheckMethod}:
        faults.append(Fault("method", "not_a_choice", value=entry.method))
    if not entry.rule.get("kinds"):
        faults.append(Fault("kinds", "required"))
    if not entry.rule.get("regions"):
        faults.append(Fault("regions", "required"))
    for code in entry.rule.get("industries", ()):
        if not INDUSTRY.fullmatch(code):
            faults.append(Fault("industries", "industry_shape", value=code))
    if not entry.initiator_id:
        faults.append(Fault("initiator", "required"))
    if not any(entry.participants.values()):
        faults.append(Fault("items", "required"))
    if not 1 <= entry.month_from <= 12 or not 1 <= entry.month_to <= 12:
        faults.append(Fault("month_from", "required"))
    elif entry.month_from > entry.month_to:
        faults.append(Fault("month_to", "months_in_order"))
    return faults


@implements("R-2.1")
def participants_allowed(
    initiator_id: int,
    participants: Mapping[int, Sequence[ItemFacts]],
    names: Mapping[int, str],
    is_joint: bool,
) -> Decision:
    """A joint entry has two or more agencies; each has an item of its own, and each item a responsible
    agency.

    That a participant brings an item of its own keeps agencies from being collected for show (article 18).
    """
    for agency_id, items in participants.items():
        if not items:
            return refused("participant_without_item", rule="R-18.4", agency=names.get(agency_id, ""))
        for item in items:
            if item.agency_line != item.item_line:
                return refused(
                    "item_of_other_line", rule="R-2.1", item=item.name, agency=names.get(agency_id, "")
                )
            if is_joint and not item.in_joint_item:
                return refused("item_not_in_joint_item", rule="R-2.1", item=item.name)
    if initiator_id not in participants:
        return refused("initiator_without_item", rule="R-2.1")
    if is_joint and len(participants) < LEAST_AGENCIES:
        return refused("two_agencies_needed", rule="R-2.1")
    return ALLOWED


@implements("R-19.1")
def takes_from_library(selection: Selection, drawn: Expected, rows: int, eligible: int) -> Decision:
    """Ratio and number against the size of the library."""
    if not eligible:
        return refused("library_empty", rule="R-19.1")
    if selection.kind == "total" and selection.number > eligible:
        return refused("more_than_library", rule="R-19.1", number=selection.number, library=eligible)
    return ALLOWED if drawn.total else refused("draws_nothing", rule="R-19.1", library=rows)


def warnings(agencies: int, selection: Selection, drawn: Expected | None, eligible: int) -> list[str]:
    """Codes of what the page remarks on without refusing: many agencies, everything checked (R-18.4)."""
    found = []
    if agencies > MANY_AGENCIES:
        found.append("many_agencies")
    whole = bool(selection.ratios) and all(r.per_mille >= PER_MILLE for r in selection.ratios.values())
    if whole or (drawn is not None and eligible and drawn.total >= eligible):
        found.append("full_coverage")
    return found


@dataclass(frozen=True)
class OverlapFacts:
    """The scope and months of an entry; `regions` are paths of the tree, an empty set of kinds means all."""

    kinds: frozenset[str]
    industries: frozenset[str]
    regions: frozenset[str]
    months: tuple[int, int]
    initiator_id: int


@implements("R-3.1")
def overlap(mine: OverlapFacts, other: OverlapFacts) -> tuple[int, int] | None:
    """The months in which both entries could meet the same targets, None when they cannot.

    Only entries of another initiator: what one agency plans twice it sees in its own plan.
    """
    if mine.initiator_id == other.initiator_id:
        return None
    months = months_in_common(mine.months, other.months)
    if months is None or (mine.kinds and other.kinds and not mine.kinds & other.kinds):
        return None
    if not _below_each_other(mine.industries, other.industries, ""):
        return None
    return months if _below_each_other(mine.regions, other.regions, "/") else None


def months_in_common(mine: tuple[int, int], other: tuple[int, int]) -> tuple[int, int] | None:
    first, last = max(mine[0], other[0]), min(mine[1], other[1])
    return (first, last) if first <= last else None


def _below_each_other(mine: Iterable[str], other: Iterable[str], separator: str) -> bool:
    """Whether some code of the one is, contains, or lies in some code of the other; none at all means all."""
    ours, theirs = list(mine), list(other)
    if not ours or not theirs:
        return True
    return any(_within(a, b, separator) or _within(b, a, separator) for a in ours for b in theirs)


def _within(code: str, upper: str, separator: str) -> bool:
    return code == upper or code.startswith(upper + separator)
