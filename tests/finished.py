"""A database in which the journey has been played to its end, for tests of what comes out of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flask import Flask

from app.db import db
from app.kernel.clock import FixedClock
from app.web.demo.checking import archived_task, checked_task, run_jobs
from app.web.demo.drawing import matched_draw
from app.web.demo.planning import answered_task, published_entry
from tests import servers
from tests.conftest import START, application_on, template_of


def finished_app(template_home: Path, home: Path) -> Iterator[Flask]:
    """Plan, task, draw, checks, publication, dossiers; `app.extensions["journey"]` holds task, draw and the agencies' codes."""
    url = servers.create_database_from_template("finished", template_of(template_home))
    app = application_on(url, home, FixedClock(START))
    with app.app_context():
        entry = published_entry()
        task_id = answered_task(entry)
        draw_id = matched_draw(task_id, entry)
        run_jobs()
        checked_task(task_id, entry)
        run_jobs()
        archived_task(task_id, entry)
        db.session.remove()
    app.extensions["journey"] = {"task": task_id, "draw": draw_id, "agencies": entry.agencies}
    yield app
    with app.app_context():
        db.engine.dispose()
    servers.drop_database(url.rpartition("/")[2])
