"""The same facts for machines: index and rows of every kind as CSV and JSON."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, current_app, jsonify, request, url_for
from flask_appbuilder import expose

from app.db import db
from app.publicity import export
from app.publicity.queries import records
from app.publicity.rules import KINDS
from app.publicity.views.common import before_of, public_page, the_record, wanted_of
from app.security.views import PortalView

PAGE = 1000
WORDS = "any(lists,plans,draws,results,bulletins)"


def _each_kind(view: Any, extension: str) -> Any:
    """One literal address per kind: `/draws/<no>` would otherwise answer for `/draws/<no>.csv`."""
    for word in KINDS:
        view = expose(f"/{word}/<key>.{extension}")(view)
    return view


class PublicData(PortalView):
    """At most a thousand lines at once; `next`, or the Link header, leads on."""

    route_base = "/public"

    @expose(f"/<{WORDS}:word>.csv")
    @public_page
    def index_csv(self, word: str) -> Response:
        lines, following = _lines(word, "PublicData.index_csv")
        text = export.write_csv(export.index_columns(KINDS[word]), export.index_rows(lines))
        return _csv(text, word, following)

    @expose(f"/<{WORDS}:word>.json")
    @public_page
    def index_json(self, word: str) -> Response:
        lines, following = _lines(word, "PublicData.index_json")
        return jsonify(items=export.index_rows(lines), next=following)

    @expose("/openapi.json")
    @public_page
    def openapi(self) -> Response:
        return jsonify(export.openapi(current_app.extensions["settings"].base_url))

    @public_page
    def rows_csv(self, key: str) -> Response:
        return _csv(export.rows_csv(_shown(key)), key)

    @public_page
    def rows_json(self, key: str) -> Response:
        return jsonify(export.whole(_shown(key)))

    rows_csv = _each_kind(rows_csv, "csv")
    rows_json = _each_kind(rows_json, "json")


def _shown(key: str) -> Any:
    """A withdrawn record keeps its page with the reason, its rows are gone. The kind stands in the address."""
    record = the_record(KINDS[request.path.split("/")[2]], key)
    if record.withdrawn_at is not None:
        abort(404)
    return record


def _lines(word: str, endpoint: str) -> tuple[list[Any], str | None]:
    found = records(db.session(), wanted_of(KINDS[word]), before=before_of(), limit=PAGE)
    if len(found) <= PAGE:
        return found, None
    kept = {name: request.args[name] for name in ("q", "year", "region") if request.args.get(name)}
    return found[:PAGE], url_for(endpoint, word=word, before=found[PAGE - 1].record.id, **kept)


def _csv(text: str, name: str, following: str | None = None) -> Response:
    answer = Response(text.encode(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    if following:
        answer.headers["Link"] = f'<{following}>; rel="next"'
    return answer
