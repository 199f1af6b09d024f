"""The agency's entry in `plan.matching`, as written and as read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.matching.engine.errors import PlanFault

_FIELDS = frozenset({"roster", "recusals", "tags", "need", "leaders", "relax"})
_HEX = re.compile(r"[0-9a-f]{64}")
_RELAXATIONS = {"region": {"kind"}, "cap": {"kind", "add"}, "postpone": {"kind"}}


@dataclass(frozen=True, slots=True)
class Needs:
    """What every target needs from one agency: `need` people, of whom at least `leaders` able to lead.

    `tags`: the specialties for which the agency answers in this task; others do not concern its people.
    """

    tags: tuple[str, ...] = ()
    need: int = 2
    leaders: int = 1

    def __post_init__(self) -> None:
        whole = _whole(self.need) and _whole(self.leaders)
        if not whole or self.need < 1 or not 0 <= self.leaders <= self.need:
            raise PlanFault("NEED", need=self.need, leaders=self.leaders)


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A relaxation the plan allows: `region`, `cap` (with `add` visits more) or `postpone`."""

    kind: str
    add: int | None = None

    def document(self) -> dict[str, Any]:
        return {"kind": self.kind} if self.add is None else {"kind": self.kind, "add": self.add}


@dataclass(frozen=True, slots=True)
class AgencyPlan:
    """`roster` and `recusals` are digests in hex; `relax` is used in its order, and nothing else is."""

    roster: str
    recusals: str
    needs: Needs
    relax: tuple[Relaxation, ...] = ()

    def document(self) -> dict[str, Any]:
        """The entry for `plan.json`."""
        return {
            "roster": self.roster,
            "recusals": self.recusals,
            "tags": list(self.needs.tags),
            "need": self.needs.need,
            "leaders": self.needs.leaders,
            "relax": [step.document() for step in self.relax],
        }

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> AgencyPlan:
        """Raises PlanFault on any field missing, unknown or out of range, and on an unknown relaxation."""
        if set(document) != _FIELDS:
            raise PlanFault("FIELDS", different=sorted(set(document) ^ _FIELDS))
        for name in ("roster", "recusals"):
            if not isinstance(document[name], str) or not _HEX.fullmatch(document[name]):
                raise PlanFault("DIGEST", field=name)
        tags = document["tags"]
        if not isinstance(tags, list) or not all(isinstance(word, str) and word for word in tags):
            raise PlanFault("TAGS")
        needs = Needs(tuple(tags), document["need"], document["leaders"])
        if not isinstance(document["relax"], list):
            raise PlanFault("RELAX")
        relax = tuple(_relaxation(step) for step in document["relax"])
        return cls(document["roster"], document["recusals"], needs, relax)


def _relaxation(step: Any) -> Relaxation:
    kind = step.get("kind") if isinstance(step, Mapping) else None
    if not isinstance(kind, str) or kind not in _RELAXATIONS or set(step) != _RELAXATIONS[kind]:
        raise PlanFault("RELAX", step=step)
    if kind != "cap":
        return Relaxation(kind)
    if not _whole(step["add"]) or step["add"] < 1:
        raise PlanFault("RELAX", step=step)
    return Relaxation(kind, step["add"])


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
