"""The system is registered and has sent its first task."""

from __future__ import annotations

from typing import Any

import pytest

from tests.inspections.national.world import Rows, system, task, tasks


@pytest.fixture
def rows(session: Any, act_as: Any) -> Rows:
    found = Rows(session)
    system(act_as, found.police)
    tasks(act_as, task())
    return found
