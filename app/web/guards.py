"""In front of everything: what Flask-AppBuilder would answer with a fault is refused with a sentence."""

from __future__ import annotations

import prison
from flask import Flask, abort, request

from app.security.requests import asks_plainly

LONGEST_QUERY = 4000
DEEPEST = 12
LARGEST_KEY = 2**63 - 1


def is_readable(text: str) -> bool:
    """No lone surrogates, no NUL: PostgreSQL stores neither."""
    return "\x00" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def is_rison(text: str) -> bool:
    """Short, shallow and well-formed Rison, as the REST lists take it."""
    if len(text) > LONGEST_QUERY or text.count("(") > DEEPEST * 4:
        return False
    depth = deepest = 0
    for character in text:
        depth += {"(": 1, ")": -1}.get(character, 0)
        deepest = max(deepest, depth)
    if deepest > DEEPEST or depth != 0:
        return False
    try:
        prison.loads(text)
    except Exception:  # the parser raises whatever it stumbles over
        return False
    return True


def install(app: Flask) -> None:
    @app.before_request
    def check() -> None:
        values = [*request.args.values(), *(request.view_args or {}).values()]
        if not all(is_readable(str(value)) for value in values):
            abort(400)
        if request.is_json and not request.path.startswith("/api/"):
            # Flask-WTF would take JSON for a form, with numbers and lists where fields expect text.
            abort(415)
        keys = [value for value in (request.view_args or {}).values() if isinstance(value, int)]
        if any(key > LARGEST_KEY for key in keys):
            abort(404)
        plain = asks_plainly(app.view_functions.get(request.endpoint or ""))
        in_rison = request.path.startswith("/api/") and "q" in request.args and not plain
        if in_rison and not is_rison(request.args["q"]):
            abort(400)
