"""A batch as it comes over the interface, and the answer to it: the same for whatever the rows are."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Protocol

from flask import Response as FlaskResponse
from flask import jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from app.db import Unit
from app.directories.sources.answers import refusal
from app.directories.sources.pushing.batch import MOST_BYTES, MOST_ROWS
from app.directories.sources.pushing.envelope import Answer
from app.kernel.errors import DomainError, Invalid, Refused
from app.security.context import request_unit


class TooBig(DomainError):
    status = 413


class Push(Protocol):
    """Takes a batch over in one unit."""

    def __call__(
        self, unit: Unit, source: str, rows: list[Any], *, key: str | None = None, digest: bytes = b""
    ) -> Answer: ...


def respond(push: Push) -> Response:
    """Read the request, take its batch over, answer. A key stands for one body sent to one address."""
    try:
        body = _body()
        source, rows = _read(body)
        digest = hashlib.sha256(request.path.encode() + b"\n" + body).digest()
        with request_unit() as unit:
            answer = push(unit, source, rows, key=request.headers.get("Idempotency-Key"), digest=digest)
    except DomainError as error:
        return refusal(error)
    found: FlaskResponse = jsonify(answer.body)
    if answer.repeated:
        found.headers["Idempotency-Replayed"] = "true"
    return found


def _body() -> bytes:
    """The body as it came, no longer than a batch may be."""
    most = TooBig("sync_too_big", most=MOST_BYTES // (1024 * 1024))
    if (request.content_length or 0) > MOST_BYTES:
        raise most
    request.max_content_length = MOST_BYTES
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise most from None


def _read(body: bytes) -> tuple[str, list[Any]]:
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        raise Invalid("sync_body") from None
    source, rows = (sent.get("source"), sent.get("rows")) if isinstance(sent, dict) else (None, None)
    if not isinstance(source, str) or not isinstance(rows, list):
        raise Invalid("sync_body")
    if len(rows) > MOST_ROWS:
        raise Refused("sync_too_many", found=len(rows), most=MOST_ROWS)
    return source, rows
