"""Tell that a certificate ends: 60 and 15 days ahead and when it has ended, once each."""

from __future__ import annotations

from datetime import date
from functools import partial

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.audit.services import record
from app.db import Unit
from app.directories.ending.rules import ENDED
from app.directories.ending.telling import tell_all
from app.directories.inspectors.ending import Ending, endings
from app.directories.inspectors.services.keeping import KEEPERS
from app.notifications.services import notify, register_template
from app.security.models import Account

register_template(
    "inspector.certificate_ends",
    subject=_l("A certificate ends on %(until)s: %(name)s"),
    body=_l(
        "The certificate %(number)s of %(name)s ends on %(until)s. Renew it and enter the new days: a draw whose "
        "period goes beyond that day leaves the inspector out (R-15.1)."
    ),
)
register_template(
    "inspector.certificate_ended",
    subject=_l("A certificate has ended: %(name)s"),
    body=_l(
        "The certificate %(number)s of %(name)s ended on %(until)s. Until the new days are entered no draw counts on "
        "the inspector (R-15.1)."
    ),
)


def tell_of_ends(unit: Unit, day: date) -> int:
    """Tell the agency's administrators and the person. Gives the number of messages; the same again tells nobody.

    For the system.
    """
    told = tell_all(unit, endings(unit.session, day), day, KEEPERS, partial(_tell, unit))
    if told:
        record(unit, "inspector.certificates_ending", "directory:inspectors", {"messages": told})
    return told


def _tell(unit: Unit, ending: Ending, threshold: int, administrators: list[Account]) -> int:
    kind = "inspector.certificate_ended" if threshold == ENDED else "inspector.certificate_ends"
    key = f"certificate:{ending.inspector_id}:{ending.kind}:{ending.number}:{ending.until}:{threshold}"
    words = {
        "name": ending.name,
        "number": f"{ending.kind} {ending.number}".strip(),
        "until": ending.until.isoformat(),
    }
    told = list(administrators)
    if ending.user_id is not None:
        query = select(Account).where(Account.id == ending.user_id, Account.active)
        told += unit.session.scalars(query).all()
    return notify(unit, told, kind, key, words, f"/inspectors/{ending.inspector_id}")
