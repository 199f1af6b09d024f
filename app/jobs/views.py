"""How far a job is that I have started."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, jsonify
from flask_appbuilder import expose

from app.db import db
from app.jobs.queries import JobView, job_view
from app.security.access import signed_in
from app.security.context import person
from app.security.requests import primary_key
from app.security.views import PortalView


class JobPage(PortalView):
    """A page, its moving part, and the same as JSON. Other people's jobs are not there."""

    route_base = "/jobs"

    @expose("/<pk>")
    @signed_in
    def show(self, pk: str) -> str:
        return self.render("jobs/show.html", job=_own(pk))

    @expose("/<pk>/part")
    @signed_in
    def part(self, pk: str) -> str:
        return self.render("jobs/part.html", job=_own(pk))

    @expose("/<pk>.json")
    @signed_in
    def as_json(self, pk: str) -> Response:
        job = _own(pk)
        return jsonify(
            id=job.id,
            state=job.state,
            attempts=job.attempts,
            done=job.done,
            total=job.total,
            percent=job.percent,
            error=job.error,
            over=job.is_over,
        )


def _own(pk: str) -> JobView:
    who = person()
    mine = frozenset(m.id for m in who.memberships) if who else frozenset()
    job = job_view(db.session(), primary_key(pk), mine)
    if job is None:
        abort(404)
    return job


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(JobPage)
