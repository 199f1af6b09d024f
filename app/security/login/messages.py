"""The sentences of log-in."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "password_short": _l("A password has at least %(least)s characters."),
    "password_long": _l("A password has at most %(most)s characters."),
    "password_classes": _l(
        "A password has characters of at least %(classes)s kinds: lower case, upper case, digits, signs."
    ),
    "password_common": _l(
        "This password is in the list of those that are tried first. Please take another one."
    ),
    "password_about": _l("A password does not contain your name, your phone number or your mail address."),
    "password_unreadable": _l("This password has characters that cannot be stored."),
    "password_used": _l("You had this password before. The last %(history)s are not taken again."),
    "passwords_differ": _l("The two entries of the new password differ."),
    "password_wrong": _l("The present password is wrong."),
    "account_locked": _l("The account is locked."),
    "account_closed": _l("The account is closed."),
    "first_password_expired": _l(
        "This first password is no longer valid. Please ask your administrator for a new one."
    ),
    "reason_short": _l("Please give a reason of at least %(least)s characters."),
    "policy_out_of_bounds": _l(
        "From %(least)s to %(most)s: anything else is weaker than the standard or not usable."
    ),
    "policy_factor_roles": _l("Administrators and auditors always have a second factor."),
    "policy_factor_offices": _l("The people of the offices always have a second factor."),
    "policy_demo": _l("Whether this is the demonstration is not for anybody to choose."),
    "no_such_account": _l("There is no account “%(name)s”."),
}

OVER = {
    "idle": _l("You were logged out because nothing happened for a while. Please log in again."),
    "expired": _l("Your session reached its longest duration. Please log in again."),
    "clock": _l(
        "The server's clock was set back, so that the age of your session is unknown. Please log in again."
    ),
    "too_many": _l(
        "This session ended because you logged in elsewhere: only so many sessions are open at a time."
    ),
    "ended_by_hand": _l("This session was ended from the list of your sessions."),
    "password_changed": _l(
        "The password was changed, which ended this session. Please log in with the new one."
    ),
    "roles_changed": _l("Your roles were changed. Please log in again, so that they hold."),
    "moved": _l("You were moved to another agency. Please log in again to work there."),
    "left": _l("This account is closed. If you think that this is a mistake, ask your administrator."),
    "locked": _l("An administrator locked this account."),
    "unknown": _l("This session is not valid. Please log in again."),
    "ended": _l("This session has ended. Please log in again."),
}
"""Why a session is over, by the word in `login_session.ended_why`."""

WAYS: dict[str, Any] = {
    "password": _l("password"),
    "totp": _l("one-time code"),
    "webauthn": _l("security key"),
    "recovery": _l("recovery code"),
    "sso_mfa": _l("second factor at the sign-on service"),
    "sso": _l("single sign-on"),
}
"""What was shown at a log-in."""

REFUSED: dict[str, Any] = {
    "wrong_password": _l("wrong password"),
    "wrong_code": _l("wrong code"),
    "account_locked": _l("the account was locked"),
    "account_closed": _l("the account was closed"),
    "first_password_expired": _l("the first password was too old"),
}
"""Why a log-in was refused, by the word in the security log."""
