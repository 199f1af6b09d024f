"""Refusals of the interfaces as JSON: status, code, a sentence, and what is wrong where."""

from __future__ import annotations

from typing import Any

from flask import jsonify
from werkzeug.wrappers import Response

from app.directories.sources.pushing.envelope import Flooded
from app.kernel.errors import DomainError, Invalid
from app.security.explain import explain, explain_fault
from app.security.refusals import remember

RETRY_AFTER = "60"


def refusal(error: DomainError) -> Response:
    """The answer to a request that is not carried out."""
    remember(error)
    body: dict[str, Any] = {"status": _status(error), "code": error.code, "message": explain(error)}
    if isinstance(error, Invalid) and error.faults:
        body["errors"] = [
            {"field": fault.field, "code": fault.code, "message": explain_fault(fault)}
            for fault in error.faults
        ]
    answer = jsonify(body)
    answer.status_code = body["status"]
    if isinstance(error, Flooded):
        answer.headers["Retry-After"] = RETRY_AFTER
    return answer


def _status(error: DomainError) -> int:
    return 400 if error.status == 422 else error.status
