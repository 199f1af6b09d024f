"""`/api/v1/targets`: reading, within the scope of whoever asks; no personal data.

`search` takes the arguments of the list's page; `changes` is the difference feed for agencies that pull.
"""

from __future__ import annotations

from typing import Any

from flask import abort, jsonify, request
from flask_appbuilder import expose
from werkzeug.wrappers import Response

from app.db import db
from app.directories.listing import queries as lists
from app.directories.listing.listing import Listing, listings
from app.directories.listing.state import ListState, token
from app.directories.sources.answers import refusal
from app.directories.sources.feed import MOST, USUAL, changes_since, cursor_of
from app.directories.sources.told import tell
from app.directories.targets.models import Target
from app.directories.targets.queries import by_code
from app.kernel.errors import DomainError
from app.security.access import guarded
from app.security.context import current_actor
from app.security.crud import ScopedInterface, ScopedModelApi
from app.security.protection.rules import Kind
from app.security.requests import plain_question
from app.security.rules import BUSINESS

SEARCH_KEYS = frozenset({"q", "sort", "after", "before", "size"})


class TargetApi(ScopedModelApi):
    resource_name = "targets"
    datamodel = ScopedInterface(Target)
    grants = {"can_get": BUSINESS, "can_info": BUSINESS}
    openapi_spec_tag = "Targets"
    include_route_methods = {"get", "get_list", "info", "search", "changes", "find"}
    list_columns = show_columns = [
        "id", "code", "code_kind", "name", "kind", "industry_code", "region.code", "region.name", "address",
        "legal_representative", "status", "registered_on", "risk_class", "tags", "source", "updated_at",
    ]  # fmt: skip
    add_columns: list[str] = []
    edit_columns: list[str] = []
    search_columns = ["code", "name", "kind", "industry_code", "risk_class", "status", "source", "updated_at"]
    order_columns = ["id", "code", "name", "updated_at"]
    base_order = ("id", "asc")
    protected = {"risk_class": Kind.RISK_CLASS}

    @expose("/search", methods=["GET"])
    @guarded("get")
    @plain_question
    def search(self) -> Response:
        """Targets as the page of the directory lists them.
        ---
        get:
          summary: Search with the filters of the list's page
          description: >-
            The address of the list's page after its question mark gives the same rows here: `q`, every filter under
            its own key (repeatable), `sort`, `size`. Paging by `after` and `before`, as the answer gives them.
          parameters:
            - {in: query, name: q, schema: {type: string}, description: 'Name, part of it, code, address'}
            - {in: query, name: kind, schema: {type: array, items: {type: string}}}
            - {in: query, name: region, schema: {type: array, items: {type: string}}}
            - {in: query, name: industry, schema: {type: array, items: {type: string}}}
            - {in: query, name: status, schema: {type: array, items: {type: string}}}
            - {in: query, name: source, schema: {type: array, items: {type: string}}}
            - {in: query, name: tag, schema: {type: array, items: {type: string}}}
            - {in: query, name: not_checked_since, schema: {type: string}, description: 'A day, or 6m, 1y, 2y, never'}
            - {in: query, name: sort, schema: {type: string}, description: 'name, or -name for descending'}
            - {in: query, name: size, schema: {type: integer, enum: [20, 50, 100, 200]}}
            - {in: query, name: after, schema: {type: string}}
            - {in: query, name: before, schema: {type: string}}
          responses:
            200:
              description: A page of targets
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      rows: {type: array, items: {type: object}}
                      count: {type: integer}
                      estimated: {type: boolean}
                      after: {type: string, nullable: true}
                      before: {type: string, nullable: true}
            400:
              description: An argument that the list does not offer
            401:
              $ref: '#/components/responses/401'
        """
        session = db.session()
        listing = listings["targets"].as_seen_by(current_actor().roles)
        state = _state(listing)
        page, total = lists.page(session, listing, state), lists.count(session, listing, state)
        told = tell(session, [row.id for row in page.rows], self._unseen())
        return jsonify(
            rows=[told[row.id] for row in page.rows if row.id in told],
            count=total.n,
            estimated=total.estimated,
            after=token(page.after) if page.after else None,
            before=token(page.before) if page.before else None,
        )

    @expose("/code/<code>", methods=["GET"])
    @guarded("get")
    def find(self, code: str) -> Response:
        """The target that has this code, or had it before.
        ---
        get:
          summary: One target by any code it has or had
          parameters:
            - {in: path, name: code, required: true, schema: {type: string}}
          responses:
            200:
              description: The target
            401:
              $ref: '#/components/responses/401'
            404:
              $ref: '#/components/responses/404'
        """
        target = by_code(db.session(), code[:40])
        if target is None:
            abort(404)
        return jsonify(result=tell(db.session(), [target.id], self._unseen())[target.id])

    @expose("/changes", methods=["GET"])
    @guarded("get")
    def changes(self) -> Response:
        """What has changed within the own reach since a cursor.
        ---
        get:
          summary: Difference feed
          description: >-
            Begin without `since`; then send what stood in `next`, at once while `more` is true. Each target stands
            once in an answer, as it is now: added, changed, closed, code_upgraded; merged (`into` names the target
            that is left), deleted, and left (moved out of reach) come without it. Nothing is passed by that was
            committed late: what open transactions write is told after their end.
          parameters:
            - {in: query, name: since, schema: {type: string}}
            - {in: query, name: limit, schema: {type: integer, minimum: 1, maximum: 2000}}
          responses:
            200:
              description: Changes in the order in which they were made
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      rows:
                        type: array
                        items:
                          type: object
                          properties:
                            id: {type: integer}
                            change: {type: string}
                            at: {type: string, format: date-time}
                            fields: {type: array, items: {type: string}}
                            target: {type: object, nullable: true}
                            code: {type: string}
                            into: {type: object, nullable: true}
                      next: {type: string}
                      more: {type: boolean}
            400:
              $ref: '#/components/responses/400'
            401:
              $ref: '#/components/responses/401'
        """
        try:
            since = cursor_of(request.args.get("since"))
        except DomainError as error:
            return refusal(error)
        return jsonify(changes_since(db.session(), since, limit=_limit(), unseen=self._unseen()))


def _state(listing: Listing) -> ListState:
    """The state of the list; what it does not offer is refused, so that no filter is lost unseen."""
    offered = SEARCH_KEYS | {found.key for found in listing.filters}
    if any(key not in offered for key in request.args):
        abort(400)
    return ListState.from_args(listing, request.args)


def _limit() -> int:
    text = request.args.get("limit", str(USUAL))
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and 0 < int(text) <= MOST):
        abort(400)
    return int(text)


def register(appbuilder: Any) -> None:
    appbuilder.add_api(TargetApi)
