"""Pages of matching: the board, match, confirm, recusal, the own visits."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import flash, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.db import db
from app.directories.recusals.rules import DeclaredBy, RecusalReason
from app.draws.models import Draw
from app.draws.queries import by_no
from app.draws.rules import DrawState
from app.draws.views.shared import ACT, DRAWN, READ, is_initiator, me
from app.kernel.errors import NotFound
from app.matching import queries, services, task_page
from app.matching.forms import RecuseForm
from app.matching.frozen import agency_codes
from app.matching.models import Assignment
from app.matching.rules import LIVING, AssignmentState, MatchingState
from app.security.access import guarded
from app.security.acts import perform
from app.security.menu import MenuItem, add_menu
from app.security.requests import primary_key
from app.security.rules import RoleName
from app.security.views import Grants, PortalView
from app.tasks.rules import TaskState

Answer = Response | str | tuple[str, int]
INSPECTORS = frozenset({RoleName.INSPECTOR})


class MatchingPages(PortalView):
    route_base = "/matching"
    class_permission_name = "Matching"
    grants: ClassVar[Grants] = {
        "can_read": READ,
        "can_act": ACT,
        "can_recuse": ACT | INSPECTORS,
        "can_mine": INSPECTORS,
    }

    @expose("/<draw_no>/")
    @guarded("read")
    def board(self, draw_no: str) -> str:
        return self._page(by_no(db.session(), draw_no), [])

    @expose("/<draw_no>/match", methods=["POST"])
    @guarded("act")
    def match(self, draw_no: str) -> Answer:
        draw = _own_draw(draw_no)
        act = perform(lambda unit: services.match(unit, draw.id))
        if act.done and act.value is not None:
            if all(row.state == MatchingState.DONE for row in act.value):
                flash(_("The inspectors of all agencies are matched. Please confirm."), "success")
            else:
                flash(_("At least one agency cannot be matched; the reason stands below."), "warning")
            return redirect(f"/matching/{draw.draw_no}/")
        return self._page(by_no(db.session(), draw_no), act.sentences), 409

    @expose("/<draw_no>/confirm", methods=["POST"])
    @guarded("act")
    def confirm(self, draw_no: str) -> Answer:
        draw = _own_draw(draw_no)
        act = perform(lambda unit: services.confirm(unit, draw.id))
        if act.done:
            flash(_("Confirmed. The inspectors have been told."), "success")
            return redirect(f"/matching/{draw.draw_no}/")
        return self._page(by_no(db.session(), draw_no), act.sentences), 409

    @expose("/recuse/<pk>", methods=["GET", "POST"])
    @guarded("recuse")
    def recuse(self, pk: str) -> Answer:
        row = _own_assignment(pk)
        form, sentences = RecuseForm(), []
        if request.method == "POST":
            act = perform(
                lambda unit: services.recuse(unit, row.id, form.reason.data or "", form.evidence.data or ""),
                form,
            )
            if act.done and act.value is not None:
                flash(_("%(name)s goes instead.", name=act.value.inspector.name), "success")
                mine = RoleName.CLERK not in me().actor.roles
                return redirect("/matching/mine" if mine else f"/matching/{row.draw.draw_no}/")
            sentences = act.sentences
        page = self.render("matching/recuse.html", row=_own_assignment(pk), form=form, sentences=sentences)
        return (page, 422) if sentences else page

    @expose("/mine")
    @guarded("mine")
    def mine(self) -> str:
        after = request.args.get("after")
        rows = queries.assignments_of(db.session(), me().account.id, after=primary_key(after) if after else 0)
        shown = rows[: queries.MINE]
        more = shown[-1].id if len(rows) > queries.MINE else None
        return self.render("matching/mine.html", rows=shown, more=more)

    def _page(self, draw: Draw, sentences: list[str]) -> str:
        session = db.session()
        codes = agency_codes(draw)
        wanted = request.args.get("agency")
        own = me().actor.agency_code
        agency = wanted if wanted in codes else (own if own in codes else next(iter(codes), None))
        results = {row.agency.code: row for row in queries.matchings(session, draw.id)}
        names = {row.agency.code: row.agency.name for row in results.values()}
        offset, people = (_number(name) for name in ("from", "people"))
        board = (
            queries.board(session, draw, agency, offset, people) if agency and draw.state in DRAWN else None
        )
        done = sum(row.state == MatchingState.DONE for row in results.values())
        return self.render(
            "matching/board.html",
            draw=draw,
            state=DrawState(draw.state),
            codes=codes,
            names=names or task_page.agency_names(draw),
            agency=agency,
            board=board,
            offset=offset,
            people_offset=people,
            result=results.get(agency or ""),
            results=results,
            sentences=sentences,
            blocked=[task_page.blocking_sentence(row) for row in results.values() if row.blocking],
            can_match=is_initiator(draw) and draw.state in DRAWN and done < len(codes),
            can_confirm=is_initiator(draw)
            and bool(codes)
            and done == len(codes)
            and draw.task.state == TaskState.DRAWN,
            can_recuse=RoleName.CLERK in me().actor.roles and agency == own,
            targets_shown=queries.TARGETS_SHOWN,
            people_shown=queries.PEOPLE_SHOWN,
            states=AssignmentState,
            grounds=RecusalReason,
            declarers=DeclaredBy,
        )


def _number(name: str) -> int:
    given = request.args.get(name, "0")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 7 else 0


def _own_draw(draw_no: str) -> Draw:
    draw = by_no(db.session(), draw_no)
    if not is_initiator(draw):
        raise NotFound("not_in_scope", kind="draw")
    return draw


def _own_assignment(pk: str) -> Assignment:
    """The own one, or one of the agency for which a clerk acts."""
    row = db.session.get(Assignment, primary_key(pk))
    actor = me().actor
    own = row is not None and row.inspector is not None and row.inspector.user_id == actor.user_id
    clerk = row is not None and RoleName.CLERK in actor.roles and row.agency_id == actor.agency_id
    if row is None or not (own or clerk) or row.state not in LIVING:
        raise NotFound("not_in_scope", kind="assignment")
    return row


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(MatchingPages)
    add_menu(
        MenuItem(
            "carry_out",
            _l("My assignments"),
            "MatchingPages.mine",
            "user-check",
            ("can_mine", "Matching"),
            order=40,
        )
    )
    task_page.register()
