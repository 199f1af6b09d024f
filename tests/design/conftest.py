from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests.design import samples


@pytest.fixture(scope="session")
def bare_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Templates, translations and CSRF; no database, no views."""
    return samples.make_app(Path(tmp_path_factory.mktemp("translations")))


@pytest.fixture(params=["zh_CN", "en"])
def in_language(request: pytest.FixtureRequest, bare_app: Flask) -> Flask:
    bare_app.config["BABEL_DEFAULT_LOCALE"] = request.param
    return bare_app
