"""The rule by which a library, or a plan entry, selects targets. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from app.directories.targets.rules import TargetStatus
from app.directories.targets.since import checked_before, is_since
from app.kernel.decisions import ALLOWED, Decision, refused
from app.kernel.errors import Fault, Invalid
from app.kernel.states import StateEnum
from app.regulation import implements
from app.regulation.vocabulary import RiskClass

_INDUSTRY = re.compile(r"[A-T]|\d{2,4}", re.ASCII)
_REGION = re.compile(r"[0-9A-Z-]{2,20}", re.ASCII)
_KIND = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_ID = re.compile(r"[1-9]\d{0,17}", re.ASCII)
_CLASSES = tuple(c.value for c in RiskClass)
_STATUS = tuple(s.value for s in TargetStatus)
MOST_VALUES = 500
MOST_PICKS = 20_000
"""Additions and exclusions of one library; whoever needs more changes the rule."""
LONGEST_TAG = 40
BY_HAND = "yes"


class LibrarySubject(StateEnum):
    """Whom a library names: targets, or (joint libraries only, article 17) inspectors."""

    TARGETS = "targets", "Library of targets"
    INSPECTORS = "inspectors", "Joint library of inspectors"


class LibraryKind(StateEnum):
    """The five kinds of libraries (articles 11 to 13)."""

    BASE = "base", "Base directory"
    INDUSTRY = "industry", "Industry library"
    AREA = "area", "Area library"
    CATEGORY = "category", "Category library"
    JOINT = "joint", "Joint library"


@implements("R-12.1")
@dataclass(frozen=True)
class SelectionRule:
    """Which targets belong: every part that is given must fit, within a part one value is enough.

    - `kinds`: codes of target kinds; `industries`: GB/T 4754 sections (`I`) or beginnings of codes (`61`)
    - `regions`: region codes, each covers everything below; `classes`: risk classes; `tags`: specialties
    - `status`: of targets, `active` unless said otherwise
    - `permits`: kinds of permits of which one is valid today; `premises`: kinds of premises
    - `not_checked_since`: one day (ISO 8601), or so long before the day of use (`targets.since`): the last check
      lies before it, or there was none
    - `libraries`: ids of libraries, their picks included; a plan draws from them, a library does not
    - `by_hand`: `yes`: nobody belongs by the rule, only who is added

    The JSON of parts that are not used never changes: digests of draws are made over it.
    """

    kinds: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    status: tuple[str, ...] = (TargetStatus.ACTIVE.value,)
    permits: tuple[str, ...] = ()
    premises: tuple[str, ...] = ()
    not_checked_since: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    by_hand: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, data: Any) -> SelectionRule:
        """Read the stored or posted form.

        :raises Invalid: with a fault per unknown part and per value that does not fit
        """
        if not isinstance(data, Mapping):
            raise Invalid(faults=[Fault("rule", "rule_not_an_object", value=str(data)[:80])])
        known = {part.name for part in fields(cls)}
        faults = [Fault("rule", "rule_unknown_part", value=str(name)) for name in data if name not in known]
        parts: dict[str, tuple[str, ...]] = {}
        for name in known & set(data):
            values = data[name]
            if isinstance(values, str) or not isinstance(values, Iterable):
                faults.append(Fault(name, "rule_not_a_list", value=str(values)[:80]))
                continue
            parts[name] = tuple(dict.fromkeys(str(value).strip() for value in values))
        rule = cls(**{name: values for name, values in parts.items() if values or name != "status"})
        faults += rule.faults()
        if faults:
            raise Invalid(faults=faults)
        return rule

    def faults(self) -> list[Fault]:
        """Values outside the closed vocabularies, and parts that are too long."""
        checks = {
            "kinds": lambda v: bool(_KIND.fullmatch(v)),
            "industries": lambda v: bool(_INDUSTRY.fullmatch(v)),
            "regions": lambda v: bool(_REGION.fullmatch(v)),
            "classes": lambda v: v in _CLASSES,
            "tags": lambda v: 0 < len(v) <= LONGEST_TAG,
            "status": lambda v: v in _STATUS,
            "permits": lambda v: bool(_KIND.fullmatch(v)),
            "premises": lambda v: bool(_KIND.fullmatch(v)),
            "not_checked_since": is_since,
            "libraries": lambda v: bool(_ID.fullmatch(v)),
            "by_hand": lambda v: v == BY_HAND,
        }
        found = []
        for name, fits in checks.items():
            values = getattr(self, name)
            found += [
                Fault(name, "rule_value_unknown", value=value[:80]) for value in values if not fits(value)
            ]
            if len(values) > MOST_VALUES:
                found.append(Fault(name, "rule_too_many", value=str(len(values)), most=MOST_VALUES))
        if len(self.not_checked_since) > 1:
            found.append(
                Fault("not_checked_since", "rule_too_many", value=str(len(self.not_checked_since)), most=1)
            )
        return found

    def to_json(self) -> dict[str, list[str]]:
        """The stored form: parts without values are left out, values are sorted."""
        return {part.name: sorted(values) for part in fields(self) if (values := getattr(self, part.name))}

    @property
    def is_everything(self) -> bool:
        """Whether nothing but the status narrows it."""
        return not any(getattr(self, part.name) for part in fields(self) if part.name != "status")

    def checked_before(self, day: date) -> date | None:
        """The day of `not_checked_since`, seen from `day`; None: never checked, or nothing is said of it."""
        return checked_before(self.not_checked_since[0], day) if self.not_checked_since else None


@implements("R-17.1")
@dataclass(frozen=True)
class InspectorRule:
    """Which inspectors of the agencies that keep a joint library belong: one of these specialties, or all."""

    specialties: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, data: Any) -> InspectorRule:
        """:raises Invalid: for anything but `{"specialties": [...]}`"""
        if not isinstance(data, Mapping) or set(data) - {"specialties"}:
            raise Invalid(faults=[Fault("rule", "rule_not_an_object", value=str(data)[:80])])
        values = data.get("specialties", [])
        if isinstance(values, str) or not isinstance(values, Iterable):
            raise Invalid(faults=[Fault("specialties", "rule_not_a_list", value=str(values)[:80])])
        return cls(tuple(dict.fromkeys(str(value).strip() for value in values if str(value).strip())))

    def to_json(self) -> dict[str, list[str]]:
        return {"specialties": sorted(self.specialties)} if self.specialties else {}


@implements("R-13.1", "R-17.1")
def may_keep(agency: int | None, owner: int, members: Collection[int]) -> Decision:
    """A library is kept by its agency, a joint one by the initiator and all participants of its joint item."""
    return ALLOWED if agency is not None and agency in {owner, *members} else refused("other_agency")


@implements("R-13.1", "R-17.1")
def may_found(agency: int | None, parties: Collection[int]) -> Decision:
    """A joint library is founded by an agency that takes part in its joint item."""
    return ALLOWED if agency in parties else refused("library_not_party", rule="R-13.1")


def may_archive(archived: bool, uses: Sequence[str]) -> Decision:
    """A library that a plan or a task draws from stays."""
    if archived:
        return refused("library_archived")
    if uses:
        return refused("library_in_use", value="、".join(dict.fromkeys(uses)))
    return ALLOWED


def may_pick(there: int, more: int) -> Decision:
    if there + more > MOST_PICKS:
        return refused("library_too_many_picks", most=MOST_PICKS, found=there + more)
    return ALLOWED
