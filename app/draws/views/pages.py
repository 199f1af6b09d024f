"""Reading draws: the list, the projected ceremony, the drawn targets, the receipt, the bundle."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import Response, request
from flask_appbuilder import expose

from app.audit.services import record
from app.db import db
from app.draws import queries
from app.draws.models import Draw
from app.draws.rules import DrawState, may_take_bundle
from app.draws.views.shared import (
    DRAWN,
    READ,
    TAKE,
    is_initiator,
    label_of,
    me,
    progress_key,
    public_address,
    qr_code,
    steering_sentences,
    wall_steps,
)
from app.kernel.clock import SHANGHAI
from app.security.access import guarded
from app.security.context import current_clock, request_unit
from app.security.requests import primary_key
from app.security.rules import RoleName
from app.security.views import Grants, PortalView
from app.tasks.queries import active_agencies

ON_THE_WALL = 40


class DrawPages(PortalView):
    route_base = "/draws"
    class_permission_name = "Draws"
    default_view = "list"
    grants: ClassVar[Grants] = {"can_read": READ, "can_take": TAKE}

    @expose("/")
    @guarded("read")
    def list(self) -> str:
        before = request.args.get("before")
        rows = queries.list_draws(db.session(), primary_key(before) if before else None)
        shown = rows[: queries.PAGE]
        more = shown[-1].id if len(rows) > queries.PAGE else None
        return self.render("draws/list.html", draws=shown, more=more, states=DrawState)

    @expose("/<draw_no>/")
    @guarded("read")
    def wall(self, draw_no: str) -> str:
        draw = queries.by_no(db.session(), draw_no)
        targets = queries.drawn_page(db.session(), draw.id, limit=ON_THE_WALL) if draw.state in DRAWN else []
        return self.render(
            "draws/wall.html",
            draw=draw,
            state=DrawState(draw.state),
            strata=draw.strata,
            steps=wall_steps(draw),
            plain=steering_sentences(draw),
            witnesses=[(label_of(row), row) for row in draw.contributions],
            targets=targets[:ON_THE_WALL],
            total=sum(s["size"] for s in draw.strata),
            voids=queries.void_count(db.session(), draw.task_id),
            qr=qr_code(public_address(draw)),
            seen=progress_key(draw),
            now=current_clock().now().astimezone(SHANGHAI),
            **_acts(draw),
        )

    @expose("/<draw_no>/changed")
    @guarded("read")
    def changed(self, draw_no: str) -> Response | str:
        """Asked by the projected page: empty while nothing has happened, 204 when nothing more will."""
        draw = queries.by_no(db.session(), draw_no)
        if request.args.get("seen") != progress_key(draw):
            return self.render("draws/changed.html", draw=draw)
        if draw.state in {DrawState.OPENED, DrawState.VOID}:
            return Response(status=204)
        return Response("", mimetype="text/html")

    @expose("/<draw_no>/targets")
    @guarded("read")
    def targets(self, draw_no: str) -> str:
        draw = queries.by_no(db.session(), draw_no)
        after = request.args.get("after")
        rows = queries.drawn_page(db.session(), draw.id, primary_key(after) if after else 0)
        shown = rows[: queries.DRAWN_PAGE]
        more = shown[-1].id if len(rows) > queries.DRAWN_PAGE else None
        return self.render(
            "draws/targets.html",
            draw=draw,
            targets=shown,
            more=more,
            drawn=draw.state in DRAWN,
            **_acts(draw),
        )

    @expose("/<draw_no>/receipt")
    @guarded("read")
    def receipt(self, draw_no: str) -> str:
        """A slip with the hash of the plan, to be kept until the draw."""
        draw = queries.by_no(db.session(), draw_no)
        return self.render(
            "draws/receipt.html", draw=draw, qr=qr_code(public_address(draw)), address=public_address(draw)
        )

    @expose("/<draw_no>/bundle.zip")
    @guarded("take")
    def bundle(self, draw_no: str) -> Response:
        """The full edition; who took it stands in the log."""
        draw = queries.by_no(db.session(), draw_no)
        may_take(draw).require()
        content = queries.bundle(db.session(), draw)
        with request_unit() as unit:
            record(
                unit, "bundle.taken", f"bundle:{draw.draw_no}", {"draw_no": draw.draw_no, "edition": "full"}
            )
        answer = Response(content, mimetype="application/zip")
        answer.headers["Content-Disposition"] = f'attachment; filename="{draw.draw_no}-full.zip"'
        answer.headers["Cache-Control"] = "no-store"
        return answer


def may_take(draw: Draw) -> Any:
    actor = me().actor
    return may_take_bundle(
        actor.agency_id,
        [agency.id for agency in active_agencies(draw.task)],
        queries.contribution_for(draw, actor.user_id, actor.agency_id) is not None,
        RoleName.AUDITOR in actor.roles,
    )


def _acts(draw: Draw) -> dict[str, Any]:
    """What this person may do with the draw now."""
    actor = me().actor
    own = queries.contribution_for(draw, actor.user_id, actor.agency_id)
    waiting = any(row.value is None for row in draw.contributions)
    living = draw.state not in {DrawState.VOID, *DRAWN}
    asked = bool(draw.void_reason) and living
    return {
        "own": own if living else None,
        "can_draw": is_initiator(draw) and draw.state == DrawState.REVEALING and not waiting,
        "can_void": living and (is_initiator(draw) or (asked and RoleName.AUDITOR in actor.roles)),
        "can_replace": is_initiator(draw) and draw.state == DrawState.DRAWN,
        "can_take": bool(may_take(draw)),
        "void_asked": asked,
    }
