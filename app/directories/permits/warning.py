"""Tell that permits end: 60 and 15 days ahead and when they have ended, once each, together for each last day."""

from __future__ import annotations

from datetime import date
from functools import partial

from flask_babel import lazy_gettext as _l

from app.audit.services import record
from app.db import Unit
from app.directories.ending.rules import ENDED
from app.directories.ending.telling import tell_all
from app.directories.permits.ending import Ending, all_endings
from app.directories.targets.services.keeping import AGENCY_KEEPERS, BASE_KEEPERS
from app.notifications.services import notify, register_template
from app.security.models import Account

KEEPERS = AGENCY_KEEPERS | BASE_KEEPERS

register_template(
    "permit.ends",
    subject=_l("%(number)s permits end on %(until)s"),
    body=_l(
        "%(number)s permits that your agency keeps or has issued end on %(until)s. Enter the new days of those that are "
        "renewed: libraries and draws that ask for a valid permit leave the others out from then on."
    ),
)
register_template(
    "permit.ended",
    subject=_l("%(number)s permits have ended on %(until)s"),
    body=_l(
        "%(number)s permits that your agency keeps or has issued ended on %(until)s. Libraries and draws that ask for a "
        "valid permit leave their targets out until the new days are entered."
    ),
)


def tell_of_permits(unit: Unit, day: date) -> int:
    """Tell the administrators of each agency. Gives the number of messages; the same again tells nobody.

    For the system.
    """
    told = tell_all(unit, all_endings(unit.session, day), day, KEEPERS, partial(_tell, unit))
    if told:
        record(unit, "permit.ending", "directory:permits", {"messages": told})
    return told


def _tell(unit: Unit, ending: Ending, threshold: int, administrators: list[Account]) -> int:
    kind = "permit.ended" if threshold == ENDED else "permit.ends"
    key = f"permits:{ending.agency_id}:{ending.until}:{threshold}"
    words = {"number": str(ending.number), "until": ending.until.isoformat()}
    return notify(unit, administrators, kind, key, words, f"/permits/?own=1&ends_on={ending.until}")
