"""The played world of the sweep, and browsers on it."""

from __future__ import annotations

from tests.sweep.conftest import fresh_once, swept

__all__ = ["fresh_once", "swept"]
