"""Pages of visits, check forms, reviews and follow-ups, and what stands of them on other domains' pages."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.inspections import due, registered
from app.inspections.views.filling import FormView
from app.inspections.views.follow_ups import FollowUpView
from app.inspections.views.papers import PaperView
from app.inspections.views.reviews import ReviewView
from app.inspections.views.visits import VisitView
from app.security.menu import MenuItem, add_menu


def register(appbuilder: Any) -> None:
    for view in (VisitView, FormView, PaperView, ReviewView, FollowUpView):
        appbuilder.add_view_no_menu(view)
    add_menu(
        MenuItem(
            "carry_out", _l("Visits"), "VisitView.index", "clipboard-check", ("can_read", "VisitView"), 60
        ),
        MenuItem("publish", _l("Reviews"), "ReviewView.index", "eye-check", ("can_review", "ReviewView"), 10),
        MenuItem(
            "publish",
            _l("Follow-ups"),
            "FollowUpView.index",
            "arrow-forward-up",
            ("can_read", "FollowUpView"),
            60,
        ),
    )
    registered.register()
    due.register()
