"""Verbs: give and take roles, compose roles, set the installation up."""

from app.security.roles.services.composing import (
    archive_role,
    change_role,
    compose_role,
    holders_of,
    prune_after_release,
)
from app.security.roles.services.giving import grant_role, require_may_leave, require_may_manage, revoke_role

__all__ = [
    "archive_role",
    "change_role",
    "compose_role",
    "grant_role",
    "holders_of",
    "prune_after_release",
    "require_may_leave",
    "require_may_manage",
    "revoke_role",
]
