"""Roles and what they may, as `50-security` of the design states it. Pure."""

from __future__ import annotations

from datetime import date

from app.kernel.decisions import ALLOWED, Decision, refused
from app.kernel.roles import BUSINESS, ROLE_LABELS, ROLE_NOTES, SEPARATE, RoleName
from app.regulation import implements

__all__ = [
    "BUSINESS",
    "ROLE_LABELS",
    "ROLE_NOTES",
    "RoleName",
    "SEPARATE",
    "may_act",
    "may_approve",
    "may_hold_together",
    "sits_in_meeting",
]


def may_hold_together(roles: frozenset[str]) -> Decision:
    """The three administrators are three people, and none of them does business (三员分立)."""
    separate = roles & SEPARATE
    if len(separate) > 1 or (separate and roles & BUSINESS):
        return refused("roles_apart", roles=sorted(roles))
    return ALLOWED


@implements("R-30.1")
def may_act(
    actor_roles: frozenset[str], actor_agency: int | None, wanted: frozenset[str], agency: int | None
) -> Decision:
    """Least privilege: one of the wanted roles, under a membership of the agency that the act belongs to.

    `agency` None: any agency of the actor's.
    """
    if not actor_roles & wanted:
        return refused("role_missing", wanted=sorted(wanted))
    if agency is not None and actor_agency != agency:
        return refused("other_agency")
    return ALLOWED


@implements("R-5.1")
def sits_in_meeting(joined_on: date, left_on: date | None, day: date) -> bool:
    """Whether a member agency sits in its joint meeting on a day; on the day it leaves it no longer does."""
    return joined_on <= day and (left_on is None or day < left_on)


def may_approve(submitter: str | None, approver: str) -> Decision:
    """Whoever submits does not approve."""
    return refused("same_person") if submitter == approver else ALLOWED
