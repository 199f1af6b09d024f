"""The sentences of single sign-on."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "sso_down": _l("The sign-on service does not answer. Log in with name and password, or try again later."),
    "sso_denied": _l("The sign-on service did not confirm you: it was cancelled there, or refused."),
    "sso_state": _l(
        "This answer of the sign-on service belongs to no log-in of this browser, or was used. Begin again."
    ),
    "sso_old": _l("This sign-on took more than ten minutes. Please begin again."),
    "sso_token": _l("The sign-on service's answer could not be verified. Nobody was logged in."),
    "sso_no_account": _l(
        "You are known to the sign-on service, but no account of this portal fits. Your administrator can say which "
        "account is yours."
    ),
    "sso_several_accounts": _l("Several accounts fit you. Ask your administrator to put that right."),
    "sso_other_subject": _l("The account that fits you belongs to another person at the sign-on service."),
    "sso_account_closed": _l("The account is closed or locked. Ask your administrator."),
    "sso_agency_unknown": _l(
        "The sign-on service names no agency of yours that this portal knows (%(claim)s)."
    ),
    "sso_agency_unclear": _l("The sign-on service names several agencies (%(claim)s); one is needed."),
    "sso_not_a_member": _l("Your account does not belong to the agency that the sign-on service names."),
    "sso_roles_unknown": _l("The sign-on service gives you no role that this portal knows (%(claim)s)."),
    "sso_roles_refused": _l("The roles that the sign-on service gives you are not allowed at your agency."),
    "sso_place_unclear": _l("Your account belongs to several agencies, or none; the roles cannot be given."),
    "sso_somebody_else": _l(
        "The sign-on service confirmed somebody else. You are still logged in as before."
    ),
}
