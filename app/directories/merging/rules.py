"""Rules of mergers. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.directories.targets.rules import RANKS, Source
from app.kernel.decisions import ALLOWED, Decision, refused
from app.kernel.states import StateEnum
from app.regulation import implements

CHOICES = (
    "name",
    "kind",
    "industry_code",
    "region_id",
    "address",
    "legal_representative",
    "contact",
    "phone",
    "home_address",
    "status",
    "registered_on",
    "tags",
)
"""Fields of which a person chooses whose value stays."""
SEALED = ("phone", "home_address")
NOT_CLASSIFIED = "N"


class TwinReason(StateEnum):
    """Why two targets may be one enterprise."""

    SAME_NAME = "same_name", "Same name in the same region", "warn"
    CODE_INSIDE = "code_inside", "The organisation code lies within the credit code", "bad"
    SAME_PHONE = "same_phone", "Same telephone number", "info"


@dataclass(frozen=True)
class Decided:
    """What the rules decide, whatever is chosen: columns of the kept target that change."""

    columns: Mapping[str, Any] = field(default_factory=dict)
    code_stays: bool = True


def may_merge_two(kept_id: int, gone_id: int) -> Decision:
    return refused("merge_with_itself") if kept_id == gone_id else ALLOWED


@implements("R-11.5")
def decide(kept: Mapping[str, Any], gone: Mapping[str, Any]) -> Decided:
    """The code of the higher rank stays, the base before an agency, a class before none, the later check.

    Both: code, code_kind, source, agency_id, risk_class, risk_score, last_checked_on.
    """
    found: dict[str, Any] = {}
    higher = RANKS[gone["code_kind"]] < RANKS[kept["code_kind"]]
    if higher:
        found |= {name: gone[name] for name in ("code", "code_kind")}
    if kept["source"] == Source.AGENCY and gone["source"] == Source.BASE:
        found |= {"source": Source.BASE.value, "agency_id": None}
    if kept["risk_class"] == NOT_CLASSIFIED != gone["risk_class"]:
        found |= {name: gone[name] for name in ("risk_class", "risk_score")}
    days = [day for day in (kept["last_checked_on"], gone["last_checked_on"]) if day is not None]
    if days and max(days) != kept["last_checked_on"]:
        found["last_checked_on"] = max(days)
    return Decided(found, not higher)


def taken_fields(take: Collection[str]) -> list[str]:
    """The fields that are taken from the gone target, in order; what is no field of choice is none."""
    return [name for name in CHOICES if name in take]


def twin_reasons(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[TwinReason]:
    """Both: code, name, region_id, organisation_code, phone_digest."""
    found = []
    organisation = one["organisation_code"]
    if organisation and organisation == other["organisation_code"]:
        found.append(TwinReason.CODE_INSIDE)
    if one["name"] == other["name"] and one["region_id"] == other["region_id"]:
        found.append(TwinReason.SAME_NAME)
    if one["phone_digest"] and one["phone_digest"] == other["phone_digest"]:
        found.append(TwinReason.SAME_PHONE)
    return found
