"""`/healthz`, `/readyz`, `/metrics`."""

from __future__ import annotations

import hmac

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, Response, abort, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.db import db
from app.jobs.queries import oldest_open_seconds
from app.jobs.redis import ping
from app.security.access import public_route
from app.security.scope import Scope
from app.web.chrome import MIGRATIONS

LATE_OUTBOX = 120


@public_route
def healthz() -> Response:
    return jsonify(status="ok")


@public_route
def readyz() -> tuple[Response, int]:
    """Database, migrations, Redis, age of the oldest due outbox row in seconds. Redis down is said, not fatal."""
    checks: dict[str, object] = {}
    try:
        db.session.info["scope"] = Scope.system("readiness")
        db.session.execute(text("SELECT 1"))
        checks["database"] = "ok"
        at = MigrationContext.configure(db.session.connection()).get_current_revision()
        head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
        checks["migrations"] = "ok" if at == head else f"at {at}, expected {head}"
        checks["outbox_age"] = oldest_open_seconds(db.session(), current_app.extensions["clock"].now())
    except SQLAlchemyError:
        db.session.rollback()
        checks["database"] = "down"
    checks["redis"] = "ok" if ping(current_app.extensions["settings"]) else "down"
    ready = checks.get("database") == "ok" and checks.get("migrations") == "ok"
    return jsonify(status="ok" if ready else "unavailable", **checks), 200 if ready else 503


@public_route
def metrics() -> Response:
    token = current_app.extensions["settings"].metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        abort(404)
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def install(app: Flask) -> None:
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", readyz)
    app.add_url_rule("/metrics", "metrics", metrics)
