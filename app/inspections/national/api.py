"""`/api/v1/sync/tasks` and `/api/v1/sync/results`: national systems push what was inspected in them (R-6.2)."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_appbuilder import expose
from werkzeug.wrappers import Response

from app.directories.sources.described import PushApi
from app.directories.sources.receiving import respond
from app.inspections.national.pushing import push_results, push_tasks
from app.security.access import guarded
from app.security.rules import RoleName
from app.security.views import Grants

PUSHERS = frozenset({RoleName.AGENCY_ADMIN})


class NationalSyncApi(PushApi):
    """Under the account of the administrator of the agency that the system belongs to."""

    grants: ClassVar[Grants] = {"can_push": PUSHERS}

    @expose("/tasks", methods=["POST"])
    @guarded("push")
    def tasks(self) -> Response:
        """Take over tasks that were carried out in a national system.
        ---
        post:
          summary: Push tasks of a national system
          description: >-
            Envelope, limits, Idempotency-Key and answers as of `/sync/targets`. A row is known by `source_id`; said
            again it is `unchanged`, with other content `changed`. When a result of the task is approved or published
            already, nothing is overwritten: the row waits for a person of the agency (`conflict`). A field that is
            left out or null says nothing; an empty text says that there is no value.
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
                    source: {type: string, description: Code of the registered system of the agency}
                    rows:
                      type: array
                      maxItems: 10000
                      items:
                        type: object
                        required: [source_id]
                        properties:
                          source_id: {type: string, maxLength: 100}
                          name: {type: string, maxLength: 200}
                          items: {type: array, maxItems: 50, items: {type: string}}
                          random: {type: boolean, description: The targets were drawn by lot}
                          period_from: {type: string, format: date}
                          period_to: {type: string, format: date}
                          drawn_on: {type: string, format: date}
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
                                against: {type: string, enum: [settled]}
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
        return respond(push_tasks)

    @expose("/results", methods=["POST"])
    @guarded("push")
    def results(self) -> Response:
        """Take over results of inspections that were made in a national system.
        ---
        post:
          summary: Push results of a national system
          description: >-
            As `/sync/tasks`. `task` is the `source_id` of a task sent before. `target` is any code that the target has or
            had; `inspectors` are certificate numbers, or names that only one inspector of the agency has; `result` and
            `disposition` are codes or texts of the portal's vocabularies. A row that differs from what a reviewer has
            approved, or that reports what another system or a check form of the portal reports of the same target and
            day, is not taken over by itself (`conflict`).
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
                    source: {type: string, description: Code of the registered system of the agency}
                    rows:
                      type: array
                      maxItems: 10000
                      items:
                        type: object
                        required: [source_id]
                        properties:
                          source_id: {type: string, maxLength: 100}
                          task: {type: string, maxLength: 100}
                          target: {type: string}
                          inspectors: {type: array, maxItems: 20, items: {type: string}}
                          checked_on: {type: string, format: date}
                          result: {type: string}
                          problem_text: {type: string, maxLength: 1000}
                          disposition: {type: string}
                          disposition_text: {type: string, maxLength: 1000}
                          corrected_on: {type: string, format: date}
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
                                "no": {type: string, description: Public number of the result}
                                against: {type: string, enum: [settled, other_source, own_result]}
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
        return respond(push_results)


def register(appbuilder: Any) -> None:
    appbuilder.add_api(NationalSyncApi)
