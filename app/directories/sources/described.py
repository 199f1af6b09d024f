"""What every push interface shares in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from flask_appbuilder.api import BaseApi

KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "maxLength": 100},
}
_TEXT = {"type": "string"}
SCHEMAS: dict[str, dict[str, Any]] = {
    "SyncVerdict": {
        "type": "object",
        "properties": {
            "source_id": _TEXT,
            "status": {"type": "string", "enum": ["new", "changed", "unchanged", "conflict", "bad"]},
            "id": {"type": "integer"},
            "changed": {"type": "array", "items": _TEXT},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"field": _TEXT, "code": _TEXT, "message": _TEXT, "value": _TEXT},
                },
            },
        },
    },
    "SyncCounts": {"type": "object", "additionalProperties": {"type": "integer"}},
}
RESPONSES: dict[str, dict[str, Any]] = {
    "SyncRefused": {
        "description": "Too many rows, another batch under the same key, or not a system of the account"
    },
    "SyncTooBig": {"description": "The batch is too big"},
    "SyncWait": {"description": "Another batch is being worked on, or there were too many; see Retry-After"},
}


class PushApi(BaseApi):
    """Base of the resources under `/api/v1/sync/`."""

    resource_name = "sync"
    openapi_spec_tag = "Synchronisation"
    allow_browser_login = True

    def add_apispec_components(self, api_spec: Any) -> None:
        super().add_apispec_components(api_spec)
        known = api_spec.components
        if "IdempotencyKey" not in known.parameters:
            known.parameter("IdempotencyKey", "header", KEY)
        for name, schema in SCHEMAS.items():
            if name not in known.schemas:
                known.schema(name, schema)
        for name, response in RESPONSES.items():
            if name not in known.responses:
                known.response(name, response)
