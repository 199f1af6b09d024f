"""How the provider's claims become an account, a membership and roles: a JSON file of the operator, checked at start.

{"scopes": ["openid", "profile"],
 "account": [{"claim": "employee_number", "field": "username"},
             {"claim": "phone_number", "field": "phone", "verified_by": "phone_number_verified"}],
 "agency": {"claim": "department", "values": {"0101": "POLICE-640100"}},
 "roles": {"claim": "groups", "values": {"inspectors": "inspector"}, "take_away": false},
 "second_factor": {"amr": ["otp", "hwk"], "acr": []}}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jsonschema import Draft202012Validator

from app.kernel.roles import BUSINESS

FIELDS = ("username", "phone", "email")
_NAME = {"type": "string", "minLength": 1, "maxLength": 200}
_NAMES = {"type": "array", "items": _NAME, "uniqueItems": True, "maxItems": 50}

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["account"],
    "properties": {
        "scopes": {**_NAMES, "contains": {"const": "openid"}},
        "account": {
            "type": "array",
            "minItems": 1,
            "maxItems": 10,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["claim", "field"],
                "properties": {
                    "claim": _NAME,
                    "field": {"enum": list(FIELDS)},
                    "verified_by": {"anyOf": [_NAME, {"type": "null"}]},
                },
                "if": {"properties": {"field": {"enum": ["phone", "email"]}}},
                "then": {"required": ["verified_by"]},
            },
        },
        "agency": {
            "type": "object",
            "additionalProperties": False,
            "required": ["claim", "values"],
            "properties": {
                "claim": _NAME,
                "values": {"type": "object", "minProperties": 1, "additionalProperties": _NAME},
            },
        },
        "roles": {
            "type": "object",
            "additionalProperties": False,
            "required": ["claim", "values"],
            "properties": {
                "claim": _NAME,
                "values": {
                    "type": "object",
                    "minProperties": 1,
                    "additionalProperties": {"enum": sorted(role.value for role in BUSINESS)},
                },
                "take_away": {"type": "boolean"},
            },
        },
        "second_factor": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"amr": _NAMES, "acr": _NAMES},
        },
    },
}


class MappingFault(ValueError):
    """The file cannot be used; its text is a sentence for the operator."""


@dataclass(frozen=True)
class AccountClaim:
    """`claim` holds the account's `field`; counted only while the claim `verified_by` is true, None: always."""

    claim: str
    field: str
    verified_by: str | None = None


@dataclass(frozen=True)
class ValueClaim:
    claim: str
    values: Mapping[str, str]
    take_away: bool = False


@dataclass(frozen=True)
class ClaimMapping:
    account: tuple[AccountClaim, ...]
    scopes: tuple[str, ...] = ("openid", "profile")
    agency: ValueClaim | None = None
    roles: ValueClaim | None = None
    amr: frozenset[str] = field(default_factory=frozenset)
    acr: frozenset[str] = field(default_factory=frozenset)


def read_mapping(text: str) -> ClaimMapping:
    """The mapping in a JSON text.

    :raises MappingFault: naming the place and what is wrong with it, the first fault by its place
    """
    try:
        found = json.loads(text)
    except ValueError as fault:
        raise MappingFault(f"it is not JSON ({fault})") from fault
    faults = sorted(
        Draft202012Validator(SCHEMA).iter_errors(found), key=lambda e: [str(p) for p in e.absolute_path]
    )
    if faults:
        raise MappingFault(_sentence(faults[0]))
    second = found.get("second_factor", {})
    return ClaimMapping(
        account=tuple(AccountClaim(**line) for line in found["account"]),
        scopes=tuple(found.get("scopes", ClaimMapping.scopes)),
        agency=ValueClaim(**found["agency"]) if "agency" in found else None,
        roles=ValueClaim(**found["roles"]) if "roles" in found else None,
        amr=frozenset(second.get("amr", ())),
        acr=frozenset(second.get("acr", ())),
    )


def _sentence(fault: Any) -> str:
    path = [str(part) for part in fault.absolute_path]
    where = f"“{'.'.join(path)}”" if path else "the file"
    if fault.validator == "enum" and path[:1] == ["roles"]:
        return f"{where} is {fault.instance!r}; a claim may give {', '.join(fault.validator_value)} and nothing else"
    if fault.validator == "enum":
        return f"{where} is {fault.instance!r}; it must be one of {', '.join(fault.validator_value)}"
    if fault.validator == "required":
        missing = [name for name in fault.validator_value if name not in fault.instance]
        return f"{where} lacks {', '.join(missing)}"
    if fault.validator == "contains":
        return f"{where} lacks openid"
    return f"{where}: {fault.message}"
