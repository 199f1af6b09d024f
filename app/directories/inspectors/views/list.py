"""The list of inspectors."""

from __future__ import annotations

from typing import Any

from flask_appbuilder import expose

from app.directories.inspectors.listing import INSPECTORS
from app.directories.inspectors.views.shared import may_keep
from app.directories.listing.pages import list_page
from app.security.access import guarded
from app.security.views import PortalView


class ListPages(PortalView):
    @expose("/")
    @guarded("list")
    def list(self) -> Any:
        return list_page(self, INSPECTORS.key, "inspectors/list.html", may_keep=may_keep())
