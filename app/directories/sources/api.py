"""`/api/v1/sync/`: systems of the region push what has changed (R-6.2)."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_appbuilder import expose
from werkzeug.wrappers import Response

from app.directories.sources.described import PushApi
from app.directories.sources.pushing.service import push_targets
from app.directories.sources.receiving import respond
from app.security.access import guarded
from app.security.rules import RoleName
from app.security.views import Grants

PUSHERS = frozenset({RoleName.OFFICE_ADMIN, RoleName.AGENCY_ADMIN})


class SyncApi(PushApi):
    """Under the account of an office's or an agency's administrator, with a token or a session."""

    grants: ClassVar[Grants] = {"can_push": PUSHERS}

    @expose("/targets", methods=["POST"])
    @guarded("push")
    def push(self) -> Response:
        """Take over changes of targets from a registered system.
        ---
        post:
          summary: Push changes of targets
          description: >-
            Up to 10,000 rows in a batch. A row is known by `source_id`, what the system calls it; the same row
            again changes nothing. All good rows are written in one transaction; bad ones are answered with what is
            wrong and change nothing. A value that contradicts what another source said is never overwritten
            silently: it follows the office's order of precedence, or waits for a person (`conflict`). Fields that
            are left out or null say nothing. With `code` set to `NEW` the portal issues an internal code.
            With the same `Idempotency-Key` and the same body the same answer comes for a week.
            One batch of a system at a time, at most 60 in a minute, 24 MB and 50 seconds each.
          parameters:
            - IdempotencyKey
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [source, rows]
                  properties:
                    source: {type: string, description: Code of the registered system}
                    rows:
                      type: array
                      maxItems: 10000
                      items:
                        type: object
                        required: [source_id]
                        properties:
                          source_id: {type: string, maxLength: 100}
                          code: {type: string}
                          name: {type: string}
                          kind: {type: string}
                          industry: {type: string}
                          region: {type: string}
                          address: {type: string}
                          legal_representative: {type: string}
                          contact: {type: string}
                          phone: {type: string}
                          home_address: {type: string}
                          status: {type: string}
                          registered_on: {type: string, format: date}
                          tags: {type: array, items: {type: string}}
                          deleted: {type: boolean, description: The system has deregistered it}
          responses:
            200:
              description: One verdict per row, in order
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      source: {type: string}
                      counts:
                        $ref: '#/components/schemas/SyncCounts'
                      rows:
                        type: array
                        items:
                          allOf:
                            - $ref: '#/components/schemas/SyncVerdict'
                            - type: object
                              properties:
                                code: {type: string}
                                conflicts: {type: array, items: {type: string}}
            400:
              $ref: '#/components/responses/400'
            401:
              $ref: '#/components/responses/401'
            404:
              $ref: '#/components/responses/404'
            409:
              $ref: '#/components/responses/SyncRefused'
            413:
              $ref: '#/components/responses/SyncTooBig'
            429:
              $ref: '#/components/responses/SyncWait'
        """
        return respond(push_targets)


def register(appbuilder: Any) -> None:
    appbuilder.add_api(SyncApi)
