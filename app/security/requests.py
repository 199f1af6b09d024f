"""What Flask-AppBuilder lets a query string do, made safe: one `Filters` per request, capped pages, known columns."""

from __future__ import annotations

import copy
import re
from typing import Any
from urllib.parse import urlsplit

from flask import abort, g, has_request_context, request

MOST_ROWS = 100
MOST_PAGES = 100_000
LONGEST_ADDRESS = 2_000
_ARGUMENT = re.compile(r"^(page|psize|_oc|_od)_(.+)$|^_flt_(\d)_(.+)$")


class RequestFilters:
    """Mixin, first in the bases: Flask-AppBuilder keeps one `Filters` per view and changes it in every request."""

    @property
    def _filters(self) -> Any:
        template = self.__dict__.get("_filters_template")
        if template is None or not has_request_context():
            return template
        kept = g.setdefault("view_filters", {})
        if id(self) not in kept:
            fresh = copy.copy(template)
            fresh.filters, fresh.values = [], []
            kept[id(self)] = fresh
        return kept[id(self)]

    @_filters.setter
    def _filters(self, value: Any) -> None:
        self.__dict__["_filters_template"] = value


def check_list_arguments(order_columns: list[str], search_columns: list[str]) -> None:
    """Refuse (400) a page, size, order or filter that the list does not offer."""
    for name, value in request.args.items(multi=True):
        match = _ARGUMENT.match(name)
        if not match:
            continue
        what, _, index, column = match.groups()
        if what in {"page", "psize"}:
            most = MOST_PAGES if what == "page" else MOST_ROWS
            if not value.isascii() or not value.isdecimal() or len(value) > 7 or int(value) > most:
                abort(400)
        elif what == "_oc":
            if value not in order_columns:
                abort(400)
        elif what == "_od":
            if value not in {"asc", "desc"}:
                abort(400)
        elif index is not None and column not in search_columns:
            abort(400)


def primary_key(pk: Any) -> int:
    """The key in a path as a 64-bit integer; anything else is not there."""
    text = str(pk)
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        abort(404)
    return int(text)


def plain_question(view: Any) -> Any:
    """`q` of this route of the interface is what a person types, not Rison."""
    view._plain_question = True
    return view


def asks_plainly(view: Any) -> bool:
    while view is not None:
        if getattr(view, "_plain_question", False):
            return True
        view = getattr(view, "__wrapped__", None)
    return False


def own_path(address: str | None) -> str:
    """The path of an address of this portal, as it was written; `/` for other hosts, schemes, backslashes, spaces.

    Flask-AppBuilder's own check answers with the address unquoted: a line break in it fell in the header.
    """
    text = address or ""
    if len(text) > LONGEST_ADDRESS or "\\" in text or any(ord(c) < 33 or 126 < ord(c) < 161 for c in text):
        return "/"
    try:
        parts = urlsplit(text)
    except ValueError:
        return "/"
    if parts.scheme not in {"", "http", "https"} or parts.netloc not in {"", request.host}:
        return "/"
    if not parts.path.startswith("/") or parts.path.startswith("//"):
        return "/"
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
