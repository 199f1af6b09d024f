"""The web application: the only place that knows every domain. Others import `create_app`."""

from app.web.application import create_app

__all__ = ["create_app"]
