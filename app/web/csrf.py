"""Every changing request carries a token of the form, except those that carry a bearer token instead of a cookie."""

from __future__ import annotations

from flask import Flask, request
from flask_wtf.csrf import CSRFProtect

CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def install(app: Flask, protection: CSRFProtect) -> None:
    @app.before_request
    def check() -> None:
        if request.method not in CHANGING or not app.config.get("WTF_CSRF_ENABLED", True):
            return
        if request.headers.get("Authorization", "").startswith("Bearer "):
            return
        if request.endpoint == "PortalSecurityApi.login":
            return
        if getattr(app.view_functions.get(request.endpoint or ""), "_changes_nothing", False):
            return
        protection.protect()
