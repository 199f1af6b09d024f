"""Errors as pages (or JSON): a sentence and a way out, never a trace."""

from __future__ import annotations

import structlog
from flask import Flask, jsonify, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from app.db import db
from app.kernel.errors import DomainError
from app.security.explain import explain
from app.security.refusals import remember

log = structlog.get_logger()

PAGES = frozenset({400, 403, 404, 409, 413, 429, 500, 503})


def wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return request.path.startswith("/api/") or best == "application/json"


def page(status: int, sentence: str | None = None) -> tuple[Response | str, int]:
    """The answer for a fault: the sentence of the error, or the status's own page."""
    if wants_json():
        return jsonify(status=status, message=sentence or _("The request could not be carried out.")), status
    name = status if status in PAGES else (500 if status >= 500 else 400)
    return render_template(f"errors/{name}.html", sentence=sentence), status


def install(app: Flask) -> None:
    @app.errorhandler(DomainError)
    def domain(error: DomainError) -> tuple[Response | str, int]:
        db.session.rollback()
        remember(error)
        return page(error.status if error.status != 422 else 400, explain(error))

    @app.errorhandler(CSRFError)
    def forged(error: CSRFError) -> tuple[Response | str, int]:
        return page(400, _("This form is out of date. Go back, load the page again and send it once more."))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> tuple[Response | str, int] | Response:
        if error.code is not None and 300 <= error.code < 400:
            return error.get_response()  # type: ignore[return-value]
        return page(error.code or 500)

    @app.errorhandler(StaleDataError)
    def stale(error: StaleDataError) -> tuple[Response | str, int]:
        db.session.rollback()
        return page(409, _("Somebody changed this record meanwhile. Open it again, then repeat your change."))

    @app.errorhandler(DataError)
    def data(error: DataError) -> tuple[Response | str, int]:
        db.session.rollback()
        return page(400)

    @app.errorhandler(OperationalError)
    def database(error: OperationalError) -> tuple[Response | str, int]:
        db.session.rollback()
        log.error("database unavailable", error=str(error.orig)[:300])
        return page(503)

    @app.errorhandler(Exception)
    def fault(error: Exception) -> tuple[Response | str, int]:
        if app.testing and app.config.get("PROPAGATE_FAULTS"):
            raise error
        db.session.rollback()
        log.exception("fault", path=request.path)
        return page(500)
