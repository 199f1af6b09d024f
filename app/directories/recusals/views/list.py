"""The list of recusals."""

from __future__ import annotations

from typing import Any

from flask_appbuilder import expose

from app.directories.listing.pages import list_page
from app.directories.recusals import services
from app.directories.recusals.listing import RECUSALS
from app.directories.recusals.services.applying import ADMINISTRATORS
from app.security.access import guarded
from app.security.context import person
from app.security.views import PortalView


class ListPages(PortalView):
    @expose("/")
    @guarded("list")
    def list(self) -> Any:
        who = person()
        may_declare = bool(who and who.actor.roles & services.DECLARERS)
        return list_page(
            self,
            RECUSALS.key,
            "recusals/list.html",
            may_declare=may_declare,
            may_answer=bool(who and who.actor.roles & services.KEEPERS),
            may_rule=bool(who and who.actor.roles & ADMINISTRATORS),
        )
