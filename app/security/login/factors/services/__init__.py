"""Verbs of second factors: enrol, show, remove, reset. Refusals while showing one are values, so that what the
attempt used up stays used up.
"""

from app.security.login.factors.services.codes import confirm_totp, offer_totp, pass_with_code
from app.security.login.factors.services.keys import (
    add_key,
    offer_key,
    offer_pass,
    pass_with_key,
    take_challenge,
)
from app.security.login.factors.services.recovery import renew_recovery_codes
from app.security.login.factors.services.removing import (
    remove_key,
    remove_totp,
    reset_factors,
    tell_of_reset,
)
from app.security.login.factors.services.showing import CLOSED, FEW_CODES, Shown, show_factor

__all__ = [
    "CLOSED",
    "FEW_CODES",
    "Shown",
    "add_key",
    "confirm_totp",
    "offer_key",
    "offer_pass",
    "offer_totp",
    "pass_with_code",
    "pass_with_key",
    "remove_key",
    "remove_totp",
    "renew_recovery_codes",
    "reset_factors",
    "show_factor",
    "take_challenge",
    "tell_of_reset",
]
