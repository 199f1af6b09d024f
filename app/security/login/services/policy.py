"""The policy: changed by the security administrator, with a reason, never below the standard."""

from __future__ import annotations

from flask import g, has_app_context

from app.audit.services import record
from app.db import Unit
from app.kernel.errors import Fault, Invalid
from app.security.login.models import SecurityPolicy
from app.security.login.queries import policy_of
from app.security.login.rules import NUMBERS, Policy, policy_changes, policy_faults
from app.security.rules import RoleName, may_act
from app.security.services import note_security

LEAST_REASON = 4


def change_policy(unit: Unit, wanted: Policy, reason: str) -> dict[str, tuple[object, object]]:
    """Write the policy; it holds from the next request on. Returns what changed; nothing changed leaves nothing.

    :raises Invalid: for values out of bounds and for a missing reason
    """
    allowed = frozenset({RoleName.SECURITY_ADMIN.value})
    may_act(unit.actor.roles, unit.actor.agency_id, allowed, None).require()
    row = unit.session.get(SecurityPolicy, 1, with_for_update=True, populate_existing=True)
    before = policy_of(unit.session)
    faults = [Fault(field, code, **facts) for field, code, facts in policy_faults(wanted)]
    if len(reason.strip()) < LEAST_REASON:
        faults.append(Fault("reason", "reason_short", least=LEAST_REASON))
    if wanted.demo != before.demo:
        faults.append(Fault("demo", "policy_demo"))
    if faults:
        raise Invalid(faults=faults)
    changes = policy_changes(before, wanted)
    if not changes:
        return {}
    if row is None:
        row = SecurityPolicy(id=1)
        unit.session.add(row)
    write_policy(row, wanted)
    row.changed_at, row.changed_by, row.reason = unit.clock.now(), unit.actor.user_id, reason.strip()[:200]
    unit.session.flush()
    told = "; ".join(f"{name}: {_plain(old)} → {_plain(new)}" for name, (old, new) in changes.items())
    note_security(unit, "policy_changed", "ok", subject="policy", detail=f"{told}. {reason.strip()}"[:2000])
    record(unit, "policy.changed", "policy:1", {name: _plain(new) for name, (_, new) in changes.items()})
    if has_app_context():
        g.pop("policy", None)
    return changes


def write_policy(row: SecurityPolicy, policy: Policy) -> None:
    """Put the values of a policy into its row."""
    for name in NUMBERS:
        setattr(row, name, getattr(policy, name))
    row.second_factor_roles = sorted(policy.second_factor_roles)
    row.second_factor_offices = policy.second_factor_offices
    row.demo = policy.demo


def _plain(value: object) -> str:
    return ", ".join(sorted(value)) if isinstance(value, frozenset) else str(value)
