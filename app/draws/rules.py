"""States of a draw. Pure."""

from __future__ import annotations

from app.kernel.states import StateEnum


class DrawState(StateEnum):
    PREPARED = "prepared", "Prepared", "none"
    FROZEN = "frozen", "Frozen", "info"
    COMMITTING = "committing", "Commitments coming in", "info"
    REVEALING = "revealing", "Contributions being revealed", "info"
    AWAITING_BEACON = "awaiting_beacon", "Awaiting the beacon", "warn"
    DRAWN = "drawn", "Drawn", "ok"
    OPENED = "opened", "Opened", "ok"
    VOID = "void", "Void", "bad"
