"""A person is told what happens to the own account, so that a stranger's doing is noticed by its owner."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.db import Unit
from app.kernel.clock import SHANGHAI
from app.notifications.services import notify, register_template
from app.security.models import Account
from app.security.places import SecurityNote
from app.security.scoping import unscoped

TOLD = {
    "account_locked": _l("Your account was locked after several failed attempts to log in"),
    "password_changed": _l("The password of your account was changed"),
    "factor_added": _l("A second factor was added to your account"),
    "factor_removed": _l("A second factor was removed from your account"),
    "factors_reset": _l("The second factors of your account were removed by an administrator"),
}
"""Lines of the security log that their person hears of. A first password that an administrator prints is told by
the slip itself.
"""

register_template(
    "account.told",
    subject=_l("%(what)s"),
    body=_l(
        "%(what)s on %(at)s, from %(address)s. If that was not you, change your password and tell the security"
        " administrator at once."
    ),
)


def tell_owner(unit: Unit, note: SecurityNote) -> None:
    """Called in the transaction of the line: a message and a mail, once per line."""
    if note.action not in TOLD or note.outcome != "ok" or note.person_id is None:
        return
    with unscoped(unit.session, "the owner of an account is told"):
        account = unit.session.get(Account, note.person_id)
    if account is None or not account.active:
        return
    context = {
        "what": TOLD[note.action],
        "at": note.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"),
        "address": unit.session.info.get("address") or "—",
    }
    notify(unit, [account], "account.told", f"security:{note.id}", context, "/me/history")
