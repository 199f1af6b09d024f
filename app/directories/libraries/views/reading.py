"""Pages that read: the list, one library with its figures, its difference since the last draw, its picks."""

from __future__ import annotations

from typing import Any

from flask import current_app, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.db import db
from app.directories.libraries import queries
from app.directories.libraries.forms import PersonForm, PickForm
from app.directories.libraries.models import Library
from app.directories.libraries.places import joint_items
from app.directories.libraries.queries import composition as figures
from app.directories.libraries.queries import difference as differences
from app.directories.libraries.rules import InspectorRule, LibraryKind, LibrarySubject, SelectionRule
from app.directories.libraries.views.common import is_kept_here, may_keep_any
from app.directories.libraries.views.words import rule_words, to_filters
from app.regulation.vocabulary import RiskClass
from app.security.access import guarded
from app.security.context import current_actor, current_clock
from app.security.protection.rules import Kind
from app.security.protection.showing import i_see
from app.security.requests import primary_key
from app.security.rules import RoleName
from app.security.views import PortalView

PICKS_SHOWN = 10
IMPORTERS = frozenset({RoleName.OFFICE_ADMIN, RoleName.AGENCY_ADMIN})
MOST_SECTIONS = 20
CHANGES_SHOWN = 20
ARCHIVED = "archived"


class ReadingPages(PortalView):
    """Mixed into `LibraryView`."""

    @expose("/")
    @guarded("list")
    def list(self) -> Any:
        wanted = request.args.get("kind", "")
        archived = wanted == ARCHIVED
        kind = wanted if wanted in set(LibraryKind) else ""
        return self.render(
            "libraries/list.html",
            libraries=queries.libraries(db.session(), kind=kind, archived=archived),
            kinds={one.value: one for one in LibraryKind},
            views=[
                {"label": _("All"), "url": url_for("LibraryView.list"), "current": not kind and not archived},
                *(
                    {
                        "label": _(one.label),
                        "url": url_for("LibraryView.list", kind=one.value),
                        "current": one == kind,
                    }
                    for one in LibraryKind
                ),
                {
                    "label": _("Put away"),
                    "url": url_for("LibraryView.list", kind=ARCHIVED),
                    "current": archived,
                },
            ],
            may_keep=may_keep_any(),
            may_export=bool(current_app.appbuilder.sm.has_access("can_export", "ExportView")),
            may_import=bool(current_actor().roles & IMPORTERS),
        )

    @expose("/<int:library_id>")
    @guarded("show")
    def show(self, library_id: int) -> Any:
        library = queries.get_library(db.session(), library_id)
        form = PickForm if library.subject == LibrarySubject.TARGETS else PersonForm
        return self.page_of(library, form(formdata=None), [])

    def page_of(self, library: Library, form: Any, extra: list[str]) -> Any:
        """The page of a library, with the form of a pick as it was sent."""
        session = db.session()
        shared = {
            "library": library,
            "kind": LibraryKind(library.kind),
            "form": form,
            "extra": extra,
            "may_keep": may_keep_any() and is_kept_here(library) and library.archived_at is None,
            "may_restore": may_keep_any() and is_kept_here(library) and library.archived_at is not None,
            "may_export": bool(current_app.appbuilder.sm.has_access("can_export", "ExportView")),
            "keepers": queries.members_here(library),
            "joint_item": _joint_item(library),
            "changes": queries.changes_of(session, library.id, CHANGES_SHOWN),
        }
        if library.subject == LibrarySubject.INSPECTORS:
            return self._people_page(library, shared)
        rule = SelectionRule.from_json(library.rule)
        picks = queries.pick_page(session, library.id, limit=PICKS_SHOWN + 1)
        return self.render(
            "libraries/show.html",
            parts=rule_words(session, rule),
            filters_url=url_for("TargetView.list", **to_filters(rule)),
            sees_class=i_see(Kind.RISK_CLASS),
            figures=figures.composition(
                session, library, current_clock().now(), anew=request.args.get("anew") == "1"
            ),
            class_names={letter.value: letter for letter in RiskClass},
            most_sections=MOST_SECTIONS,
            frozen=differences.last_frozen(session, library),
            picks=picks[:PICKS_SHOWN],
            more_picks=len(picks) > PICKS_SHOWN,
            **shared,
        )

    def _people_page(self, library: Library, shared: dict[str, Any]) -> Any:
        session = db.session()
        after = request.args.get("after")
        people = queries.people_of(session, library, after=primary_key(after) if after else 0)
        shown = people[: queries.PEOPLE_PAGE]
        more = len(people) > queries.PEOPLE_PAGE
        return self.render(
            "libraries/people.html",
            specialties=InspectorRule.from_json(library.rule).specialties,
            people=shown,
            following=url_for("LibraryView.show", library_id=library.id, after=shown[-1].id)
            if more
            else None,
            picks=queries.people_picks(session, library.id),
            **shared,
        )

    @expose("/<int:library_id>/difference")
    @guarded("show")
    def difference(self, library_id: int) -> Any:
        session = db.session()
        library = queries.get_library(session, library_id)
        frozen = differences.last_frozen(session, library)
        return self.render(
            "libraries/difference.html",
            library=library,
            frozen=frozen,
            found=differences.difference(session, library, frozen, current_clock().now()) if frozen else None,
            sees_class=i_see(Kind.RISK_CLASS),
            most=differences.SHOWN,
        )

    @expose("/<int:library_id>/picks")
    @guarded("show")
    def picks(self, library_id: int) -> Any:
        session = db.session()
        library = queries.get_library(session, library_id)
        after = request.args.get("after")
        which = request.args.get("what", "")
        included = {"added": True, "excluded": False}.get(which)
        rows = queries.pick_page(
            session, library.id, after=primary_key(after) if after else 0, included=included
        )
        shown = rows[: queries.PAGE]
        kept = {"what": which} if included is not None else {}
        page = url_for("LibraryView.picks", library_id=library.id)
        return self.render(
            "libraries/picks.html",
            library=library,
            picks=shown,
            may_keep=may_keep_any() and is_kept_here(library) and library.archived_at is None,
            views=[
                {"label": _("All"), "url": page, "current": included is None},
                {"label": _("Added"), "url": f"{page}?what=added", "current": included is True},
                {"label": _("Excluded"), "url": f"{page}?what=excluded", "current": included is False},
            ],
            following=url_for("LibraryView.picks", library_id=library.id, **kept, after=shown[-1].target_id)
            if len(rows) > queries.PAGE
            else None,
        )


def _joint_item(library: Library) -> str:
    """The name of the joint item that a joint library belongs to."""
    if library.joint_item_id is None:
        return ""
    return next((place.label(db.session(), library.joint_item_id) for place in joint_items), "")
