"""`/api/v1/targets`: reading, within the scope of whoever asks; no personal data."""

from __future__ import annotations

from typing import Any

from app.directories.targets.models import Target
from app.security.crud import ScopedInterface, ScopedModelApi
from app.security.protection.rules import Kind
from app.security.rules import BUSINESS


class TargetApi(ScopedModelApi):
    resource_name = "targets"
    datamodel = ScopedInterface(Target)
    grants = {"can_get": BUSINESS, "can_info": BUSINESS}
    openapi_spec_tag = "Targets"
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


def register(appbuilder: Any) -> None:
    appbuilder.add_api(TargetApi)
