"""Pages of this package."""

from typing import Any

from app.web import home, regulation


def register(appbuilder: Any) -> None:
    home.register(appbuilder)
    regulation.register(appbuilder)
