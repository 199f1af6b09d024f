"""What sets off an alert, and what makes it the same one. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from app.kernel.clock import SHANGHAI
from app.kernel.states import StateEnum
from app.regulation import implements
from app.security.rules import RoleName


class AlertKind(StateEnum):
    FAILURES = "failures", "Repeated failures of log-in", "bad"
    NIGHT_EXPORT = "night_export", "Export at night", "warn"
    MASS_READING = "mass_reading", "Mass reading", "warn"
    NEW_ADMINISTRATOR = "new_administrator", "New administrator", "info"
    NEW_ADDRESS = "new_address", "Administrator from a new address", "warn"
    POLICY_CHANGED = "policy_changed", "Security policy changed", "info"


FOR_SECURITY_ADMIN = frozenset({AlertKind.FAILURES})
"""The security administrator also hears of these."""

FAILURES = 5
FAILURES_FROM_ADDRESS = 20
FAILURE_WINDOW = timedelta(minutes=30)
NIGHT_BEGINS, NIGHT_ENDS = time(22), time(6)
MASS_READING = 200
"""Pages of single records and exports of one person within `READING_WINDOW`."""
READING_WINDOW = timedelta(minutes=10)
KNOWN_FOR = timedelta(days=180)
"""An address from which somebody logged in within this time is not new."""

ADMINISTRATORS = frozenset(
    {
        RoleName.OFFICE_ADMIN.value,
        RoleName.AGENCY_ADMIN.value,
        RoleName.SYSTEM_ADMIN.value,
        RoleName.SECURITY_ADMIN.value,
        RoleName.AUDIT_ADMIN.value,
    }
)
EXPORTS = frozenset({"exported", "personal_data_exported"})
GRANTS = frozenset({"role_granted", "account_invited", "account_moved", "account_returned", "set_up"})
WATCHED = EXPORTS | GRANTS | {"log_in", "account_locked", "mass_reading", "policy_changed"}
"""Lines with another action set nothing off, and cost nothing."""


@implements("R-30.1")
def at_night(at: datetime) -> bool:
    """Between 22:00 and 6:00 in Asia/Shanghai."""
    here = at.astimezone(SHANGHAI).time()
    return here >= NIGHT_BEGINS or here < NIGHT_ENDS


def night_of(at: datetime) -> str:
    """The day on whose evening the night began: one alert for a person and a night."""
    here = at.astimezone(SHANGHAI)
    return (here.date() - timedelta(days=1) if here.time() < NIGHT_ENDS else here.date()).isoformat()


def half_hour(at: datetime) -> str:
    here = at.astimezone(SHANGHAI)
    return here.replace(minute=here.minute // 30 * 30).strftime("%Y-%m-%dT%H:%M")


def window_of(at: datetime) -> int:
    """Number of the window of mass reading in which a moment lies."""
    return int(at.timestamp() // READING_WINDOW.total_seconds())


def may_be_watched(action: str, outcome: str) -> bool:
    """Whether a line could set something off; refused exports and grants do not."""
    return action in WATCHED and (outcome == "ok" or action in {"log_in", "account_locked"})
