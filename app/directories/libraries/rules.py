"""The rule by which a library, or a plan entry, selects targets. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from app.directories.targets.rules import TargetStatus
from app.kernel.errors import Fault, Invalid
from app.kernel.states import StateEnum
from app.regulation import implements
from app.regulation.vocabulary import RiskClass

_INDUSTRY = re.compile(r"[A-T]|\d{2,4}", re.ASCII)
_REGION = re.compile(r"[0-9A-Z-]{2,20}", re.ASCII)
_KIND = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_CLASSES = tuple(c.value for c in RiskClass)
_STATUS = tuple(s.value for s in TargetStatus)
MOST_VALUES = 500
LONGEST_TAG = 40


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
    """

    kinds: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    status: tuple[str, ...] = (TargetStatus.ACTIVE.value,)

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
        }
        found = []
        for name, fits in checks.items():
            values = getattr(self, name)
            found += [
                Fault(name, "rule_value_unknown", value=value[:80]) for value in values if not fits(value)
            ]
            if len(values) > MOST_VALUES:
                found.append(Fault(name, "rule_too_many", value=str(len(values)), most=MOST_VALUES))
        return found

    def to_json(self) -> dict[str, list[str]]:
        """The stored form: parts without values are left out, values are sorted."""
        return {part.name: sorted(values) for part in fields(self) if (values := getattr(self, part.name))}

    @property
    def is_everything(self) -> bool:
        """Whether nothing but the status narrows it."""
        return not any((self.kinds, self.industries, self.regions, self.classes, self.tags))
