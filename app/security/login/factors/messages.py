"""The sentences of second factors."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "code_shape": _l("A code has six digits; a recovery code has three groups of four letters and digits."),
    "totp_shape": _l("A code has six digits."),
    "code_wrong": _l("This code is not right."),
    "code_used": _l(
        "This code was used already. Please wait for the next one; the app shows one every 30 seconds."
    ),
    "code_clock_differs": _l(
        "This code belongs to another time: your phone's clock differs by about %(minutes)s min. The server's time is "
        "%(time)s (Beijing). Set the phone's clock to automatic, then take the next code."
    ),
    "recovery_used": _l("This recovery code was used already. Take another one."),
    "recovery_without_factor": _l("Recovery codes stand in for a second factor. Set one up first."),
    "totp_nothing_offered": _l("This secret is no longer valid. Begin again, and scan the new one."),
    "challenge_gone": _l(
        "This question to the security key was answered already, or is unknown. Please try again."
    ),
    "challenge_old": _l("The security key took more than five minutes. Please try again."),
    "key_wrong": _l("This security key does not belong to your account, or did not confirm it."),
    "key_copied": _l(
        "The security key “%(name)s” counts backwards: there may be a copy of it. It opens nothing; use another way, "
        "remove this key, and tell the security administrator."
    ),
    "key_none": _l("There is no security key on this account."),
    "key_known": _l("This security key is in use already."),
    "key_not_added": _l(
        "The security key's answer could not be checked. Nothing was added; please try again."
    ),
    "key_name": _l("Please give the key a name of 1 to 60 characters."),
    "key_too_many": _l("At most %(most)s security keys. Remove one that you no longer use."),
    "key_not_here": _l("Security keys work only over https and at the portal's own name."),
    "factor_last": _l("Your role asks for a second factor. Set up another one before you remove this one."),
    "reset_reason": _l("Please give a reason of %(least)s to %(most)s characters."),
    "reset_oneself": _l("Another security administrator resets your factors."),
    "reset_nothing": _l("This account has no second factor. There is nothing to reset."),
}
