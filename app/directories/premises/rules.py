"""Rules of premises. Pure."""

from __future__ import annotations

from app.kernel.states import StateEnum

MOST_AREA = 10_000_000
"""Square metres; more is a slip of the pen."""


class PremisesStatus(StateEnum):
    USED = "used", "Used now", "ok"
    LEFT = "left", "No longer used", "mute"
