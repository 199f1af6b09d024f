"""At every release: the database knows the fingerprints of its keys."""

from __future__ import annotations

from app.db import Unit
from app.security.protection.start import note_keys


def load_reference_rows(unit: Unit) -> None:
    note_keys(unit.session, unit.clock.now())
