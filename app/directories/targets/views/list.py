"""The list of targets."""

from __future__ import annotations

from typing import Any

from flask_appbuilder import expose

from app.directories.listing.pages import list_page
from app.directories.targets.listing import LISTING
from app.directories.targets.views.shared import may
from app.security.access import guarded
from app.security.views import PortalView


class ListPages(PortalView):
    @expose("/")
    @guarded("list")
    def list(self) -> Any:
        return list_page(self, LISTING.key, "targets/list.html", may_keep=may("keep"))
