"""The public pages, the public data, and the staff's list of publications."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l

from app.publicity.views.common import keep_language
from app.publicity.views.data import PublicData
from app.publicity.views.objections import PublicObjections
from app.publicity.views.objections import limit as limit_objections
from app.publicity.views.pages import PublicPages
from app.publicity.views.proofs import PublicProofs
from app.publicity.views.staff import PublicationView, attention
from app.security.menu import MenuItem, add_menu

PROOF_LIMIT = "30 per minute"
NOTICE_LIMIT = "10 per minute"


def register(appbuilder: Any) -> None:
    for view in (PublicPages, PublicProofs, PublicObjections, PublicData, PublicationView):
        appbuilder.add_view_no_menu(view)
    proofs = next(view for view in appbuilder.baseviews if isinstance(view, PublicProofs))
    appbuilder.sm.limiter.limit(PROOF_LIMIT)(proofs.blueprint)
    limit_objections(appbuilder, NOTICE_LIMIT)
    current_app.url_defaults(keep_language)
    add_menu(
        MenuItem(
            group="publish",
            label=_l("Publications"),
            endpoint="PublicationView.list",
            icon="world",
            permission=("can_list", "PublicationView"),
            counted=attention,
            alarming=True,
        )
    )
