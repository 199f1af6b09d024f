"""The pages that anybody reads: portal, lists, plans, draws, results, bulletins, targets."""

from __future__ import annotations

from typing import Any

from flask import abort, request, url_for
from flask_appbuilder import expose

from app.db import db
from app.directories.outside.queries import public_lines, share_outside
from app.directories.outside.rules import share as percent_of
from app.draws.rules import DrawState
from app.kernel.clock import today
from app.publicity.queries import (
    PAGE,
    Wanted,
    count_records,
    latest,
    records,
    regions_to_choose,
    results_of,
)
from app.publicity.rules import PublicKind
from app.publicity.views.common import before_of, public_page, the_record, wanted_of
from app.regulation.vocabulary import CheckMethod, ItemCategory
from app.security.context import current_clock
from app.security.scoping import unscoped
from app.security.views import PortalView

LATEST = 12
WORDS = {
    "kind": {kind.value: kind.label for kind in PublicKind},
    "category": {category.value: category.label for category in ItemCategory},
    "method": {method.value: method.label for method in CheckMethod},
    "draw": {state.value: state for state in DrawState},
}
FILTERS = ("q", "year", "region")


class PublicPages(PortalView):
    """Read from public records, and, of what lies outside random selection, from the marks."""

    route_base = "/public"

    @expose("/")
    @public_page
    def home(self) -> str:
        session, day = db.session(), today(current_clock())
        figures = {kind.value: count_records(session, Wanted(kind, day)) for kind in PublicKind}
        return self._page("home", figures=figures, latest=latest(session, day, LATEST))

    @expose("/lists")
    @public_page
    def lists(self) -> str:
        return self._index(PublicKind.LIST)

    @expose("/plans")
    @public_page
    def plans(self) -> str:
        return self._index(PublicKind.PLAN)

    @expose("/draws")
    @public_page
    def draws(self) -> str:
        return self._index(PublicKind.DRAW)

    @expose("/results")
    @public_page
    def results(self) -> str:
        return self._index(PublicKind.RESULT)

    @expose("/bulletins")
    @public_page
    def bulletins(self) -> str:
        return self._index(PublicKind.BULLETIN)

    @expose("/outside")
    @public_page
    def outside(self) -> str:
        """What no draw reaches (R-3.3): by item, in figures; the only page that reads no public record."""
        session, day = db.session(), today(current_clock())
        with unscoped(session, "figures of the whole directory, nobody's data"):
            share = share_outside(session, day)
        percent = percent_of(share.outside, share.whole)
        return self._page("outside", lines=public_lines(session, day), share=share, percent=percent)

    @expose("/lists/<key>")
    @public_page
    def item_list(self, key: str) -> str:
        return self._page("list", record=the_record(PublicKind.LIST, key))

    @expose("/plans/<key>")
    @public_page
    def plan(self, key: str) -> str:
        return self._page("plan", record=the_record(PublicKind.PLAN, key))

    @expose("/draws/<no>")
    @public_page
    def draw(self, no: str) -> str:
        return self._page("draw", record=the_record(PublicKind.DRAW, no))

    @expose("/targets/<code>")
    @public_page
    def target(self, code: str) -> str:
        found = results_of(db.session(), code, today(current_clock()))
        if not found:
            abort(404)
        return self._page("target", results=found, name=found[0].title, code=code)

    def _index(self, kind: PublicKind) -> str:
        session, wanted = db.session(), wanted_of(kind)
        lines = records(session, wanted, before=before_of())
        kept = {name: request.args[name] for name in FILTERS if request.args.get(name)}
        endpoint = f"PublicPages.{kind.value}s"
        more = lines[PAGE - 1].record.id if len(lines) > PAGE else None
        values: dict[str, Any] = {
            "kind": kind,
            "lines": lines[:PAGE],
            "kept": kept,
            "total": count_records(session, wanted),
            "regions": regions_to_choose(session),
            "next_url": url_for(endpoint, before=more, **kept) if more else None,
            "here": url_for(endpoint),
            "csv_url": url_for("PublicData.index_csv", word=f"{kind.value}s", **kept),
            "json_url": url_for("PublicData.index_json", word=f"{kind.value}s", **kept),
        }
        return self._page("index", **values)

    def _page(self, template: str, /, **values: Any) -> str:
        return self.render(f"public/{template}.html", words=WORDS, **values)
