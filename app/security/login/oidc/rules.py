"""What the claims say, by the mapping. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.kernel.claim_mapping import ClaimMapping
from app.kernel.decisions import Allowed, Decision, refused

ATTEMPT_LASTS = timedelta(minutes=10)
LONGEST_SUBJECT = 255
"""OpenID Connect Core 1.0, 2: a subject has at most 255 ASCII characters."""


@dataclass(frozen=True)
class Lookup:
    """By which field the account is looked up, and for what."""

    field: str
    value: str


def lookups(mapping: ClaimMapping, claims: Mapping[str, Any]) -> list[Lookup]:
    """The mapped claims that are there, and verified where the mapping asks for it, in the mapping's order."""
    found = []
    for line in mapping.account:
        value = claims.get(line.claim)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or not value.strip():
            continue
        if line.verified_by is not None and claims.get(line.verified_by) is not True:
            continue
        found.append(Lookup(line.field, value.strip()))
    return found


def agency_of(mapping: ClaimMapping, claims: Mapping[str, Any]) -> Decision:
    """The code of the agency to act at, in `code`; None when the mapping names no claim for it."""
    if mapping.agency is None:
        return Allowed({"code": None})
    said = _texts(claims.get(mapping.agency.claim))
    codes = list(dict.fromkeys(mapping.agency.values[s] for s in said if s in mapping.agency.values))
    if not codes:
        return refused("sso_agency_unknown", claim=mapping.agency.claim)
    if len(codes) > 1:
        return refused("sso_agency_unclear", claim=mapping.agency.claim)
    return Allowed({"code": codes[0]})


def roles_of(mapping: ClaimMapping, claims: Mapping[str, Any]) -> Decision:
    """The roles that the claims give, in `roles`; None when the mapping names no claim for them."""
    if mapping.roles is None:
        return Allowed({"roles": None})
    said = _texts(claims.get(mapping.roles.claim))
    roles = frozenset(mapping.roles.values[s] for s in said if s in mapping.roles.values)
    if not roles:
        return refused("sso_roles_unknown", claim=mapping.roles.claim)
    return Allowed({"roles": roles})


def shows_second_factor(mapping: ClaimMapping, claims: Mapping[str, Any]) -> bool:
    """Whether the provider says that a second factor was shown, in the words that the mapping lists."""
    amr = claims.get("amr")
    methods = frozenset(m for m in amr if isinstance(m, str)) if isinstance(amr, list) else frozenset()
    acr = claims.get("acr")
    return bool(methods & mapping.amr) or (isinstance(acr, str) and acr in mapping.acr)


def _texts(value: Any) -> list[str]:
    """A claim as a list of texts: one text, a number, or a list of texts."""
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, (str, int)):
        return [str(value)]
    return [v for v in value if isinstance(v, str)][:200] if isinstance(value, list) else []
