"""The description of the REST resources at `/api/v1/_openapi`, and a page to try them at `/api/`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from flask import current_app
from flask_appbuilder import expose
from flask_appbuilder.api import BaseApi
from flask_appbuilder.api.manager import OpenApi
from flask_babel import lazy_gettext as _l

from app.security.access import guarded
from app.security.crud import ScopedModelApi, Sentences
from app.security.menu import MenuItem, add_menu
from app.security.rules import BUSINESS
from app.security.views import Grants, PortalView

VERSION = "v1"


class PortalOpenApi(Sentences, OpenApi):
    """OpenAPI 3 of all resources; with a token or a session."""

    grants: ClassVar[Grants] = {"can_get": frozenset(BUSINESS)}


@dataclass(frozen=True)
class Resource:
    """One resource as the page shows it."""

    name: str
    address: str
    columns: list[str]


class ApiPage(PortalView):
    """Every resource with a form that sends a request and shows the answer as it is."""

    route_base = "/api"
    default_view = "index"
    grants: ClassVar[Grants] = {"can_index": frozenset(BUSINESS)}

    @expose("/")
    @guarded("index")
    def index(self) -> str:
        found = [
            Resource(view.resource_name, f"/api/{VERSION}/{view.resource_name}/", list(view.list_columns))
            for view in current_app.appbuilder.baseviews
            if isinstance(view, BaseApi) and isinstance(view, ScopedModelApi)
        ]
        return self.render("web/api.html", resources=sorted(found, key=lambda r: r.name))


MENU = MenuItem(
    "settings", _l("Interface for programs"), "ApiPage.index", "plug", ("can_index", "ApiPage"), order=900
)


def register(appbuilder: Any) -> None:
    appbuilder.add_api(PortalOpenApi)
    appbuilder.add_view_no_menu(ApiPage)
    add_menu(MENU)
