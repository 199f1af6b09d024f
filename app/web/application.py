"""Put the application together."""

from __future__ import annotations

import structlog
from flask import Flask
from flask_appbuilder import AppBuilder
from flask_compress import Compress
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFProtect

from app.db import db
from app.jobs.registry import import_jobs
from app.kernel.clock import parse_clock
from app.security import context
from app.security.access import check_routes, close_stock_routes
from app.security.explain import register_sentences
from app.security.manager import PortalSecurityManager
from app.security.protection.start import check_keys, install_keys
from app.web import chrome, csrf, errors, filters, guards, headers, health, logs
from app.web.domains import import_models, parts
from app.web.home import HomeView
from app.web.mark import check_start
from app.web.options import flask_options
from config import Settings

log = structlog.get_logger()


def create_app(settings: Settings) -> Flask:
    """A complete application on running servers.

    :raises app.security.access.RouteWithoutRule: when a route declares no access rule
    """
    logs.configure()
    app = Flask("app", root_path=chrome.ROOT, static_folder="static", template_folder="templates")
    app.config.update(flask_options(settings))
    app.extensions["settings"] = settings
    app.extensions["clock"] = parse_clock(settings.clock)
    import_models()
    install_keys(settings, app.extensions["clock"].now())
    db.init_app(app)
    Migrate(app, db, directory=str(chrome.MIGRATIONS), compare_type=True)
    protection = CSRFProtect()
    protection.init_app(app)
    guards.install(app)
    csrf.install(app, protection)
    _register_sentences()
    _register_commands(app)
    import_jobs(parts("jobs"))
    with app.app_context():
        check_start(settings)
        check_keys(db.session())
        appbuilder = AppBuilder(security_manager_class=PortalSecurityManager, indexview=HomeView)
        context.install(app)
        appbuilder.init_app(app, db.session)
        for views in (*parts("views"), *parts("api")):
            register = getattr(views, "register", None)
            if register is not None:
                register(appbuilder)
        for console in parts("console"):
            console.register(app)
    chrome.install(app)
    filters.install(app)
    app.extensions["babel"].locale_selector = chrome.choose_language
    errors.install(app)
    headers.install(app)
    Compress(app)
    health.install(app)
    close_stock_routes(app)
    check_routes(app)
    return app


def _register_sentences() -> None:
    for messages in parts("messages"):
        register_sentences(messages.SENTENCES)


def _register_commands(app: Flask) -> None:
    for commands in parts("commands"):
        for group in commands.GROUPS:
            app.cli.add_command(group)
