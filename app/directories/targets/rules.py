"""Rules of the directory of targets. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from app.kernel.decisions import ALLOWED, Decision, refused
from app.kernel.errors import Fault
from app.kernel.identifiers import Identifier, IdentifierKind, identify
from app.kernel.states import StateEnum
from app.regulation import implements

# How the table names the kinds of codes.
CODE_KINDS = {
    IdentifierKind.USCC: "uscc",
    IdentifierKind.ORGANISATION: "org",
    IdentifierKind.INTERNAL: "internal",
}
RANKS = {CODE_KINDS[kind]: kind.rank for kind in IdentifierKind}

MANDATORY = ("code", "name", "address", "legal_representative", "contact")

LONGEST = {
    "name": 200,
    "address": 300,
    "legal_representative": 80,
    "contact": 80,
    "phone": 30,
    "home_address": 300,
}


class TargetStatus(StateEnum):
    ACTIVE = "active", "In business", "ok"
    SUSPENDED = "suspended", "Suspended", "warn"
    CLOSED = "closed", "Deregistered", "mute"


class CodeKind(StateEnum):
    USCC = "uscc", "Unified social credit code"
    ORG = "org", "Organisation code"
    INTERNAL = "internal", "Internal code"


class Source(StateEnum):
    BASE = "base", "Base directory"
    AGENCY = "agency", "Added by an agency"


@implements("R-11.4")
def missing_fields(values: Mapping[str, str | None]) -> list[Fault]:
    """One fault with its reason per mandatory field that is empty.

    The contact is a person or a number: either of `contact` and `phone` will do.
    """
    missing = [name for name in MANDATORY if not (values.get(name) or "").strip()]
    if missing and (values.get("phone") or "").strip():
        missing = [name for name in missing if name != "contact"]
    return [Fault(name, f"target_{name}_missing", value="") for name in missing]


def too_long_fields(values: Mapping[str, str | None]) -> list[Fault]:
    return [
        Fault(name, "too_long", value=value, most=most, found=len(value))
        for name, most in LONGEST.items()
        if (value := values.get(name) or "") and len(value) > most
    ]


@implements("R-11.5")
def check_code(text: str) -> Identifier:
    """Which kind of code this is, its check digits verified; falsy with the fault that names the position."""
    return identify(text)


@implements("R-11.5")
def may_upgrade(old: Identifier, new: Identifier) -> Decision:
    """A code gives way only to one of a higher rank, an organisation code only to one that contains it."""
    if not new or old.kind is None or new.kind is None:
        return refused("code_not_valid", rule="R-11.5", value=new.code)
    if not new.kind.outranks(old.kind):
        return refused("code_not_higher", rule="R-11.5", old=old.code, new=new.code)
    if old.kind is IdentifierKind.ORGANISATION and new.organisation_code != old.code:
        return refused("code_of_another", rule="R-11.5", old=old.code, new=new.code)
    return ALLOWED


@implements("R-4.1")
def kind_of_code(identifier: Identifier, kinds: Mapping[str, str]) -> str | None:
    """The kind of target that a unified social credit code tells, None where it does not.

    :param kinds: first two characters of the code -> target kind
    """
    if not identifier or identifier.kind is not IdentifierKind.USCC:
        return None
    return kinds.get(identifier.code[:2])


def region_of_code(identifier: Identifier) -> str | None:
    """The GB/T 2260 region in which a code was issued, None where the code does not hold one."""
    if not identifier:
        return None
    if identifier.kind is IdentifierKind.USCC:
        return identifier.code[2:8]
    return identifier.code[1:7] if identifier.kind is IdentifierKind.INTERNAL else None


def may_close(status: str) -> Decision:
    return refused("target_closed_already") if status == TargetStatus.CLOSED else ALLOWED
