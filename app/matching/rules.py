"""States of assignments. Pure."""

from __future__ import annotations

from app.kernel.states import StateEnum


class AssignmentState(StateEnum):
    PROPOSED = "proposed", "Proposed", "info"
    CONFIRMED = "confirmed", "Confirmed", "ok"
    RECUSED = "recused", "Recused", "warn"
    REPLACED = "replaced", "Replaced", "mute"
