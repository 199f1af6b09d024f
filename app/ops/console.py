"""Put the console together: Flask-Admin under `/ops`, behind the portal's own log-in."""

from __future__ import annotations

from flask import Flask, current_app
from flask_admin import Admin, expose
from flask_babel import lazy_gettext as _l

from app.db import db
from app.jobs.models import Outbox
from app.ops import queries
from app.ops.access import ConsolePage
from app.ops.lists import FailedList, OpenList, OutboxList
from app.security.context import current_clock


class HealthPage(ConsolePage):
    @expose("/")
    def index(self) -> str:
        settings = current_app.extensions["settings"]
        found = queries.overview(db.session(), current_clock().now())
        return self.render("ops/health.html", found=found, queues=queries.queues(settings))


class SchedulesPage(ConsolePage):
    @expose("/")
    def index(self) -> str:
        return self.render("ops/schedules.html", lines=queries.schedule_lines(db.session()))


class ChannelsPage(ConsolePage):
    @expose("/")
    def index(self) -> str:
        settings = current_app.extensions["settings"]
        return self.render("ops/channels.html", mail=queries.mail_channel(db.session(), settings))


class StoragePage(ConsolePage):
    @expose("/")
    def index(self) -> str:
        return self.render("ops/storage.html", tables=queries.table_sizes(db.session()))


def register(app: Flask) -> None:
    """One Flask-Admin per application, with an index of our own instead of the open default."""
    admin = Admin(
        app,
        name=_l("System console"),
        index_view=HealthPage(name=_l("Health"), endpoint="ops", url="/ops"),
        endpoint="ops",
        url="/ops",
    )
    admin.add_view(FailedList(Outbox, db, name=_l("Failed jobs"), endpoint="ops_failed", url="failed"))
    admin.add_view(OpenList(Outbox, db, name=_l("Waiting jobs"), endpoint="ops_open", url="open"))
    admin.add_view(OutboxList(Outbox, db, name=_l("All jobs"), endpoint="ops_jobs", url="jobs"))
    admin.add_view(SchedulesPage(name=_l("Schedules"), endpoint="ops_schedules", url="schedules"))
    admin.add_view(ChannelsPage(name=_l("Channels"), endpoint="ops_channels", url="channels"))
    admin.add_view(StoragePage(name=_l("Storage"), endpoint="ops_storage", url="storage"))
