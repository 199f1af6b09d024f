"""Invitations, moves and what may be entered about a person. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.kernel.decisions import ALLOWED, Decision, refused
from app.kernel.errors import Fault
from app.kernel.states import StateEnum

VALID_FOR = timedelta(days=7)
LONGEST_NAME, LONGEST_TITLE, LONGEST_REASON, LONGEST_MAIL = 60, 60, 200, 120
SHORTEST_REASON = 2
LOG_IN_DAYS = (30, 90)
ENDS_SOON = timedelta(days=14)

_USERNAME = re.compile(r"[a-z0-9][a-z0-9_.\-]{2,39}")
_MAIL = re.compile(r"[^@\s<>\"',;:\\]{1,64}@[a-z0-9](?:[a-z0-9.\-]{0,250}[a-z0-9])?\.[a-z]{2,24}")
_PHONE = re.compile(r"\+?\d{7,15}")
_PHONE_NOISE = re.compile(r"[\s\-()（）]+")


class InvitationState(StateEnum):
    OPEN = "open", "Waits for the person", "info"
    ACCEPTED = "accepted", "Accepted", "ok"
    CANCELLED = "cancelled", "Cancelled", "mute"


class MoveState(StateEnum):
    ASKED = "asked", "Waits for the receiving agency", "warn"
    DONE = "done", "Done", "ok"
    DECLINED = "declined", "Declined", "bad"
    WITHDRAWN = "withdrawn", "Withdrawn", "mute"


class PersonState(StateEnum):
    """What the list says about an account."""

    ACTIVE = "active", "Active", "ok"
    INVITED = "invited", "Invited", "info"
    LOCKED = "locked", "Locked", "warn"
    LEFT = "left", "Has left", "mute"


class LastLogIn(StateEnum):
    """The filter by the last log-in."""

    NEVER = "never", "Never logged in"
    OVER_30 = "over_30", "Not for 30 days"
    OVER_90 = "over_90", "Not for 90 days"


@dataclass(frozen=True)
class Entry:
    """A person to be invited, cleaned. `phone`, `mail` and `username` may be empty."""

    name: str
    title: str
    agency_id: int
    roles: tuple[str, ...]
    phone: str
    mail: str
    username: str
    reason: str


def clean_phone(text: str) -> str:
    """`+86 138-0000-1234` as `13800001234`."""
    plain = _PHONE_NOISE.sub("", unicodedata.normalize("NFKC", text or ""))
    return plain.removeprefix("+86") if plain.startswith("+86") else plain


def clean_mail(text: str) -> str:
    return unicodedata.normalize("NFKC", text or "").strip().casefold()


def clean_name(text: str) -> str:
    """One line without control signs; inner spaces of foreign names stay single."""
    kept = "".join(sign for sign in (text or "") if unicodedata.category(sign)[0] != "C")
    return " ".join(kept.split())


def person_faults(values: Mapping[str, str]) -> list[Fault]:
    """Faults of name, title, phone, mail, account name; `values` are cleaned texts."""
    faults = []
    if not values["name"]:
        faults.append(Fault("name", "required"))
    for field, most in (("name", LONGEST_NAME), ("title", LONGEST_TITLE), ("mail", LONGEST_MAIL)):
        if len(values[field]) > most:
            faults.append(Fault(field, "too_long", value=values[field], most=most, found=len(values[field])))
    if values["phone"] and not _PHONE.fullmatch(values["phone"]):
        faults.append(Fault("phone", "phone_unreadable", value=values["phone"]))
    if values["mail"] and not _MAIL.fullmatch(values["mail"]):
        faults.append(Fault("mail", "mail_unreadable", value=values["mail"]))
    if values["username"] and not _USERNAME.fullmatch(values["username"]):
        faults.append(Fault("username", "username_unreadable", value=values["username"]))
    return faults


def role_faults(wanted: Collection[str], offered: Collection[str]) -> list[Fault]:
    """At least one role, and none that the giver may not give."""
    if not wanted:
        return [Fault("roles", "roles_missing")]
    return [Fault("roles", "role_not_yours", value=name) for name in wanted if name not in offered]


def reason_fault(reason: str) -> list[Fault]:
    if len(reason.strip()) < SHORTEST_REASON:
        return [Fault("reason", "people_reason_missing")]
    if len(reason.strip()) > LONGEST_REASON:
        return [Fault("reason", "too_long", most=LONGEST_REASON, found=len(reason.strip()))]
    return []


def may_administer(actor_id: int | None, person_id: int) -> Decision:
    """Nobody administers the own account."""
    return refused("own_account") if actor_id == person_id else ALLOWED


def may_accept(state: str, expires_at: datetime, now: datetime, is_held: bool) -> Decision:
    """A link works once, for seven days, and only while the place that it leads to is there."""
    if state == InvitationState.ACCEPTED:
        return refused("invitation_used")
    if state == InvitationState.CANCELLED or not is_held:
        return refused("invitation_cancelled")
    if now >= expires_at:
        return refused("invitation_expired")
    return ALLOWED


def may_dissolve(active_people: int) -> Decision:
    """An agency with people in it cannot be closed: they are moved or leave first."""
    return refused("agency_has_people", people=active_people) if active_people else ALLOWED


@dataclass(frozen=True)
class Heir:
    """An agency of a region that is merged, and the agency over there that takes over; None: there is none."""

    agency_id: int
    name: str
    heir_id: int | None
    heir_name: str = ""


def may_merge(gone: tuple[str, str], into: tuple[str, str]) -> Decision:
    """Whether a region may be merged into another: (path, level) of each. Both stand on one level."""
    if gone[0] == into[0]:
        return refused("region_into_itself")
    return ALLOWED if gone[1] == into[1] else refused("regions_of_two_levels")


def heirs_of(
    gone: Iterable[tuple[int, str, str, bool]], into: Iterable[tuple[int, str, str, bool]]
) -> list[Heir]:
    """Each agency (id, name, line of business, is it the office) with the one of its line over there."""
    there = {(line, office): (agency_id, name) for agency_id, name, line, office in into}
    pairs = []
    for agency_id, name, line, office in gone:
        heir = there.get((line, office))
        pairs.append(Heir(agency_id, name, heir[0] if heir else None, heir[1] if heir else ""))
    return pairs


def person_state(
    *, active: bool, left_at: datetime | None, locked_until: datetime | None, invited: bool, now: datetime
) -> PersonState:
    if left_at is not None:
        return PersonState.LEFT
    if invited and not active:
        return PersonState.INVITED
    if not active or (locked_until is not None and locked_until > now):
        return PersonState.LOCKED
    return PersonState.ACTIVE


def split_roles(text: str) -> list[str]:
    """Roles of one cell, however they are parted."""
    return [word for word in (part.strip() for part in re.split(r"[、,，;；/|\n]+", text or "")) if word]


def unique(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
