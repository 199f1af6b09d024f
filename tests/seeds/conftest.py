from datetime import date

import pytest

from seeds.demo.inspectors import InspectorRow, demo_inspectors
from seeds.demo.targets import TargetRow, demo_targets

TODAY = date(2026, 3, 2)


@pytest.fixture(scope="session")
def today() -> date:
    return TODAY


@pytest.fixture(scope="session")
def targets() -> list[TargetRow]:
    return list(demo_targets(TODAY))


@pytest.fixture(scope="session")
def inspectors() -> list[InspectorRow]:
    return list(demo_inspectors(TODAY))
