"""Which protected field shows itself to whom, and how: one table. Pure.

`MASKED` is for whoever needs the field for the work: the mask, and on request the value for ten minutes, with a
reason that the log keeps (R-30.1). `CLEAR` needs no request. Whoever is not named gets nothing: no value, no mask,
no filter and no sorting by it. The public stands nowhere here.

- phone and home address of a target, phone of an inspector or expert: those who arrange and make the visits
- identity number: those who keep the directories
- phone of an account: those who administer accounts
- risk class (R-7.2, shared with all agencies as an internal reference): those who plan, draw, approve and supervise;
  not the inspector, who finds what is there without knowing what was expected
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum

from app.kernel.decisions import ALLOWED, Decision, refused
from app.regulation import implements
from app.security.rules import RoleName

SHOWN_FOR = timedelta(minutes=10)
SHORTEST_REASON = 5
LONGEST_REASON = 200

_OFFICE, _AGENCY, _CLERK = RoleName.OFFICE_ADMIN, RoleName.AGENCY_ADMIN, RoleName.CLERK
_REVIEWER, _INSPECTOR, _AUDITOR = RoleName.REVIEWER, RoleName.INSPECTOR, RoleName.AUDITOR


class Kind(StrEnum):
    PHONE = "phone"
    HOME_ADDRESS = "home_address"
    IDENTITY_NUMBER = "identity_number"
    ACCOUNT_PHONE = "account_phone"
    RISK_CLASS = "risk_class"


class Sight(StrEnum):
    CLEAR = "clear"
    MASKED = "masked"
    ABSENT = "absent"


TABLE: dict[Kind, tuple[Sight, frozenset[RoleName]]] = {
    Kind.PHONE: (Sight.MASKED, frozenset({_OFFICE, _AGENCY, _CLERK, _INSPECTOR})),
    Kind.HOME_ADDRESS: (Sight.MASKED, frozenset({_OFFICE, _AGENCY, _CLERK, _INSPECTOR})),
    Kind.IDENTITY_NUMBER: (Sight.MASKED, frozenset({_OFFICE, _AGENCY})),
    Kind.ACCOUNT_PHONE: (Sight.MASKED, frozenset({_OFFICE, _AGENCY, RoleName.SECURITY_ADMIN})),
    Kind.RISK_CLASS: (Sight.CLEAR, frozenset({_OFFICE, _AGENCY, _CLERK, _REVIEWER, _AUDITOR})),
}
ASKERS = frozenset(role for sight, roles in TABLE.values() if sight is Sight.MASKED for role in roles)


@implements("R-30.1")
def sight(kind: Kind, roles: Iterable[str]) -> Sight:
    """How a field shows itself to somebody with these roles."""
    best, holders = TABLE[kind]
    return best if holders & frozenset(roles) else Sight.ABSENT


def sees(kind: Kind, roles: Iterable[str]) -> bool:
    """Whether there is anything of the field for these roles, be it the mask."""
    return sight(kind, roles) is not Sight.ABSENT


@implements("R-30.1")
def may_ask(kinds: Iterable[Kind], roles: Iterable[str], reason: str) -> Decision:
    """Who sees a mask may see the value, with a reason."""
    held = frozenset(roles)
    if any(sight(kind, held) is not Sight.MASKED for kind in kinds):
        return refused("personal_data_not_needed", rule="R-30.1")
    if len(reason.strip()) < SHORTEST_REASON:
        return refused("reveal_without_reason", rule="R-30.1", least=SHORTEST_REASON)
    return ALLOWED
