"""These tests run on a database in which the journey has been played to its end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.finished import finished_app


@pytest.fixture(scope="session")
def _process_app(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    yield from finished_app(home, tmp_path_factory.mktemp("finished"))


@pytest.fixture
def journey(app: Flask) -> dict[str, Any]:
    """Ids of task and draw, and the codes of the agencies, the initiator first."""
    return app.extensions["journey"]
