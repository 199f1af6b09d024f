"""What all public pages share: nobody is signed in on them, and their answers may be kept by caches."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from flask import abort, g, has_request_context, make_response, request
from flask_babel import force_locale
from werkzeug.wrappers import Response

from app.db import db
from app.directories.sources.queries import codes_of
from app.kernel.clock import today
from app.publicity.models import PublicRecord
from app.publicity.queries import LONGEST_QUERY, Wanted, covered_regions, find_record
from app.publicity.rules import PublicKind
from app.security.access import public_route
from app.security.context import current_clock
from app.security.requests import primary_key
from app.security.scope import Scope

MAX_AGE = 60
OWN_ENDPOINTS = ("PublicPages.", "PublicProofs.", "PublicData.")


def language() -> str:
    """The page's own choice, so that one address is one content: `?lang=en`, else Chinese."""
    return "en" if request.args.get("lang") == "en" else "zh_CN"


def keep_language(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint.startswith(OWN_ENDPOINTS) and has_request_context() and language() == "en":
        values.setdefault("lang", "en")


def public_page(view: Callable[..., Any]) -> Callable[..., Any]:
    """The same answer for everybody: no person, the scope of the public, no cookie, ETag, short life."""

    @public_route
    @functools.wraps(view)
    def page(*args: Any, **values: Any) -> Response:
        g.person = None
        g.pop("portal", None)
        db.session().info.update(scope=Scope.public(), actor_code="public")
        with force_locale(language()):
            response = make_response(view(*args, **values))
        if "token" in request.values:
            response.headers["Cache-Control"] = "no-store"
        elif request.method in {"GET", "HEAD"} and response.status_code == 200:
            response.headers["Cache-Control"] = f"public, max-age={MAX_AGE}"
            response.add_etag()
            response.make_conditional(request)
        return response

    return page


def the_record(kind: PublicKind, key: str) -> PublicRecord:
    """404 for what is not public, for whatever reason."""
    found = find_record(db.session(), kind, key, today(current_clock()))
    if found is None:
        abort(404)
    return found


def wanted_of(kind: PublicKind) -> Wanted:
    """The filters in the address. What cannot be a year or a region finds nothing that is not there."""
    year = request.args.get("year", "")
    region = request.args.get("region", "")[:20]
    text = request.args.get("q", "")[:LONGEST_QUERY]
    codes = codes_of(db.session(), text) if text else ()
    return Wanted(
        kind,
        today(current_clock()),
        text=text,
        codes=codes if len(codes) > 1 else (),
        year=int(year) if year.isascii() and year.isdecimal() and len(year) == 4 else None,
        regions=covered_regions(db.session(), region) if region else (),
    )


def before_of() -> int | None:
    given = request.args.get("before")
    return primary_key(given) if given is not None else None
