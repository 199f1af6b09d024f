"""Who may give which role to whom: delegated administration. Pure.

| who gives | where | roles |
| --- | --- | --- |
| `office_admin` of an office | the own office | reviewer, clerk, auditor |
| | agencies of the own region | agency_admin, clerk, reviewer, inspector, auditor |
| | offices below | office_admin, reviewer, clerk, auditor |
| `agency_admin` of an agency | the own agency | clerk, reviewer, inspector |
| `security_admin` of the regional office | the regional office | office_admin, reviewer, clerk, auditor, |
| | | system_admin, security_admin, audit_admin |

- Nobody gives a role of the own rank: an office's administrator comes from an office above, an agency's from
  its region's office, the regional office's from the security administrator, who also appoints successors of
  the three administrators. Everybody else gives nothing.
- An auditor reads a whole region, so an agency's administrator does not make one.
- Agencies of a lower region belong to the office of that region: an upper office reaches its offices only.
- A custom role counts as all the standard roles that it is composed of, and is given by whoever may give each.
- Nobody changes the own roles. A person's account (password, lock, leave) is administered by whoever may give
  every role which that person holds, anywhere: else a small right over an account would open a large one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.kernel.decisions import ALLOWED, Decision, refused
from app.regulation import implements
from app.security.rules import SEPARATE, RoleName, may_hold_together

Permission = tuple[str, str]
"""A permission and the name of the view that it opens, `("can_list", "TargetView")`."""

_OFFICE = frozenset({RoleName.REVIEWER, RoleName.CLERK, RoleName.AUDITOR})
_AGENCY = frozenset({RoleName.CLERK, RoleName.REVIEWER, RoleName.INSPECTOR})

FITS_OFFICE = _OFFICE | {RoleName.OFFICE_ADMIN}
FITS_AGENCY = _AGENCY | {RoleName.AGENCY_ADMIN, RoleName.AUDITOR}
FITS_REGIONAL_OFFICE = FITS_OFFICE | SEPARATE
COMPOSABLE = frozenset(RoleName) - SEPARATE - {RoleName.OFFICE_ADMIN}
"""Of which standard roles an office may compose its own: none that reaches as far as the office itself."""


@dataclass(frozen=True)
class Place:
    """Where somebody acts or holds a role. `region_path` joins the codes from the root."""

    agency_id: int
    region_path: str
    is_office: bool

    @property
    def is_top(self) -> bool:
        """The regional office, over which there is none."""
        return self.is_office and "/" not in self.region_path

    def covers(self, other: Place) -> bool:
        """Whether the other stands in the region of this place or below."""
        return other.region_path == self.region_path or other.region_path.startswith(self.region_path + "/")


@dataclass(frozen=True)
class RoleFacts:
    """A role as data. `bases` are the standard roles that it counts as; a standard role has itself.

    `home` is the office that composed a custom role, None for a standard one.
    """

    name: str
    label: Any
    bases: frozenset[str]
    permissions: frozenset[Permission] = frozenset()
    home: Place | None = None
    archived: bool = False
    custom_id: int | None = field(default=None, compare=False)
    note: Any = field(default="", compare=False)
    home_name: str = field(default="", compare=False)

    @property
    def is_custom(self) -> bool:
        return self.home is not None


def standard(role: str, permissions: frozenset[Permission] = frozenset()) -> RoleFacts:
    name = RoleName(role)
    return RoleFacts(
        name=name.value, label=name.label, bases=frozenset({name.value}), permissions=permissions
    )


def fitting(place: Place) -> frozenset[str]:
    """Standard roles that mean something at a place."""
    if place.is_top:
        return frozenset(FITS_REGIONAL_OFFICE)
    return frozenset(FITS_OFFICE if place.is_office else FITS_AGENCY)


def may_give(actor_roles: frozenset[str], actor: Place, receiver: Place) -> frozenset[str]:
    """Standard roles that somebody with these roles at `actor` may give at `receiver`: the table above."""
    given: frozenset[str] = frozenset()
    own = actor.agency_id == receiver.agency_id
    if RoleName.OFFICE_ADMIN in actor_roles and actor.is_office:
        if own:
            given |= _OFFICE
        elif receiver.is_office and actor.covers(receiver) and receiver.region_path != actor.region_path:
            given |= FITS_OFFICE
        elif not receiver.is_office and receiver.region_path == actor.region_path:
            given |= FITS_AGENCY
    if RoleName.AGENCY_ADMIN in actor_roles and own and not actor.is_office:
        given |= _AGENCY
    if RoleName.SECURITY_ADMIN in actor_roles and own and actor.is_top:
        given |= FITS_REGIONAL_OFFICE
    return given & fitting(receiver)


@implements("R-5.1", "R-30.1")
def administers(actor_roles: frozenset[str], actor: Place, receiver: Place) -> Decision:
    """Whether the receiver's unit lies in the area in which the actor gives and takes roles."""
    if not may_give(actor_roles, actor, receiver):
        return refused("not_administered")
    return ALLOWED


@implements("R-30.1")
def may_grant(
    actor_roles: frozenset[str],
    actor: Place,
    role: RoleFacts,
    receiver: Place,
    receiver_roles: frozenset[str] = frozenset(),
) -> Decision:
    """Least privilege when a role is given: within the area, within the own rights, where the role fits.

    :param receiver_roles: standard roles that the person holds already, under all memberships
    """
    allowed = may_change(actor_roles, actor, role, receiver)
    if not allowed:
        return allowed
    if role.archived:
        return refused("role_archived", role=role.label)
    if not role.bases <= fitting(receiver):
        return refused("role_does_not_fit", role=role.label)
    return may_hold_together(receiver_roles | role.bases)


def may_change(actor_roles: frozenset[str], actor: Place, role: RoleFacts, receiver: Place) -> Decision:
    """Whether the role may be taken or given at all between these two."""
    area = administers(actor_roles, actor, receiver)
    if not area:
        return area
    if role.home is not None and not role.home.covers(receiver):
        return refused("role_of_other_area", role=role.label)
    if not role.bases or not role.bases <= may_give(actor_roles, actor, receiver):
        return refused("beyond_own_rights", role=role.label)
    return ALLOWED


def may_last(own_until: Iterable[date | None], until: date | None) -> Decision:
    """A right that one holds for a time is passed on for no longer. `own_until`: how long the actor holds
    the roles that are given, None without an end; empty where the actor holds none of them.
    """
    ends = list(own_until)
    if not ends or None in ends:
        return ALLOWED
    longest = max(end for end in ends if end is not None)
    if until is None or until > longest:
        return refused("longer_than_own", until=longest.isoformat())
    return ALLOWED


def not_oneself(actor_user: int | None, receiver_user: int) -> Decision:
    return refused("own_roles") if actor_user == receiver_user else ALLOWED


@implements("R-30.1")
def may_manage(
    actor_roles: frozenset[str], actor: Place, held: Iterable[tuple[Place | None, frozenset[str]]]
) -> Decision:
    """Whether the actor may act on a whole account: every membership lies in the area, every role within the
    own rights.

    :param held: place (None: a membership without a unit) and standard roles of each active membership
    """
    for place, roles in held:
        if place is None or not roles <= may_give(actor_roles, actor, place):
            return refused("account_beyond_own_rights")
        area = administers(actor_roles, actor, place)
        if not area:
            return area
    return ALLOWED


def may_compose(
    bases: frozenset[str], permissions: frozenset[Permission], of_bases: frozenset[Permission]
) -> Decision:
    """A custom role restricts standard ones: its permissions are among theirs, and none of them is an
    administrator over the office or over the system.
    """
    if not bases or not bases <= COMPOSABLE:
        return refused("bases_not_composable")
    if not permissions:
        return refused("no_permission_chosen")
    if not permissions <= of_bases:
        return refused("permission_beyond_bases")
    return ALLOWED
