"""`/api/v1/inspectors`: reading, within the scope of whoever asks; no telephone numbers."""

from __future__ import annotations

from typing import Any

from app.directories.inspectors.models import Inspector
from app.security.crud import ScopedInterface, ScopedModelApi
from app.security.rules import BUSINESS, RoleName


class InspectorApi(ScopedModelApi):
    resource_name = "inspectors"
    datamodel = ScopedInterface(Inspector)
    grants = {"can_get": BUSINESS - {RoleName.AUDITOR}, "can_info": BUSINESS - {RoleName.AUDITOR}}
    openapi_spec_tag = "Inspectors"
    list_columns = show_columns = [
        "id", "certificate_no", "name", "agency.code", "agency.name", "unit", "position", "certified",
        "certificate_from", "certificate_until", "leader", "load", "regions", "specialties", "active",
    ]  # fmt: skip
    add_columns: list[str] = []
    edit_columns: list[str] = []
    search_columns = ["certificate_no", "name", "certified", "active", "certificate_until"]
    order_columns = ["id", "certificate_no", "certificate_until"]
    base_order = ("id", "asc")


def register(appbuilder: Any) -> None:
    appbuilder.add_api(InspectorApi)
