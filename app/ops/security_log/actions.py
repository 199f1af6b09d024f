"""What each action code of the security log says. A code without a sentence fails the tests."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

ACTIONS: dict[str, Any] = {
    "log_in": _l("Logged in"),
    "log_out": _l("Logged out"),
    "authenticated_again": _l("Showed again who they are"),
    "session_refused": _l("Cookie or token refused"),
    "session_ended": _l("Session ended"),
    "account_locked": _l("Account locked after failed log-ins"),
    "account_locked_by_hand": _l("Account locked by an administrator"),
    "account_unlocked": _l("Account unlocked"),
    "account_invited": _l("Account created, person invited"),
    "account_moved": _l("Moved to another agency"),
    "account_left": _l("Account closed: the person has left"),
    "password_changed": _l("Password changed"),
    "factor_added": _l("Second factor set up"),
    "factor_removed": _l("Second factor removed"),
    "second_factor": _l("Second factor checked"),
    "sso_refused": _l("Single sign-on refused"),
    "factors_reset": _l("Second factors taken away by an administrator"),
    "recovery_codes_renewed": _l("Recovery codes renewed"),
    "recovery_code_used": _l("Recovery code used"),
    "key_count_went_back": _l("Security key may have been copied"),
    "sso_linked": _l("Single sign-on linked"),
    "sso_unlinked": _l("Single sign-on link removed"),
    "invitation_accepted": _l("Invitation accepted"),
    "invitation_cancelled": _l("Invitation cancelled"),
    "slip_printed": _l("First password printed"),
    "account_returned": _l("Account opened again: the person is back"),
    "account_move_asked": _l("Move to another agency asked for"),
    "account_move_declined": _l("Move to another agency declined"),
    "account_move_withdrawn": _l("Move to another agency withdrawn"),
    "membership_added": _l("Membership added"),
    "membership_ended": _l("Membership ended"),
    "region_merged": _l("Region merged"),
    "agency_closed": _l("Agency dissolved"),
    "role_granted": _l("Role granted"),
    "role_revoked": _l("Role taken away"),
    "role_composed": _l("Custom role composed"),
    "policy_changed": _l("Security policy changed"),
    "set_up": _l("Installation set up: three administrators"),
    "personal_data_shown": _l("Personal data shown"),
    "personal_data_exported": _l("Personal data exported"),
    "exported": _l("Exported"),
    "key_rotated": _l("Data key rotated"),
    "link_refused": _l("Link refused"),
    "refused": _l("Access refused"),
    "mass_reading": _l("Many records read in a short time"),
    "alert_acknowledged": _l("Alert acknowledged"),
}
OUTCOMES = {"ok": _l("Succeeded"), "refused": _l("Refused")}


def action_name(code: str) -> str:
    """The sentence of a code; its words for one that an older version wrote."""
    found = ACTIONS.get(code)
    return str(found) if found is not None else code.replace("_", " ")


def outcome_name(code: str) -> str:
    found = OUTCOMES.get(code)
    return str(found) if found is not None else _("Other")
