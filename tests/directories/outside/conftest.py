"""A ready task of the demo, whose draw must not reach what lies outside random selection."""

from __future__ import annotations

import pytest

from tests.draws.stage import Ceremony, make_task


@pytest.fixture
def task(session, clock):
    return make_task(session, clock.now())


@pytest.fixture
def ceremony(act_as, clock, task):
    return Ceremony(act_as, clock, task.id)
