"""A real mail server in the process, and an application that uses it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler
from flask import Flask
from flask_babel import lazy_gettext as _l
from sqlalchemy import select, text

from app.db import Actor, db, unit_of_work
from app.notifications.services import notify, register_template
from app.security.models import Account
from app.security.scope import Scope
from config import SmtpSettings

register_template("test.greeting", subject=_l("Save"), body=_l("Rows %(first)s to %(last)s"))


class Inbox(MessageHandler):
    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Any] = []

    def handle_message(self, message: Any) -> None:
        self.mails.append(message)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    handler = Inbox()
    controller = Controller(handler, hostname="127.0.0.1", port=_free_port())
    controller.start()
    handler.port = controller.port
    yield handler
    controller.stop()


def _with_smtp(app: Flask, port: int) -> Flask:
    smtp = SmtpSettings("127.0.0.1", port, None, None, "none", "portal@portal.example")
    settings = replace(app.extensions["settings"], smtp=smtp, redis_url=None)
    app.extensions["settings"] = settings
    return app


@pytest.fixture
def mail_app(own_app: Flask, inbox: Inbox) -> Flask:
    return _with_smtp(own_app, inbox.port)


@pytest.fixture
def stopped_mail_app(own_app: Flask) -> Flask:
    """The named server does not run."""
    return _with_smtp(own_app, _free_port())


@pytest.fixture
def tell(own_app: Flask) -> Callable[..., int]:
    """`tell("police_clerk", email="...", locale="en")`: one notification, committed."""

    def say(name: str, key: str = "greeting:1", email: str | None = None, locale: str = "zh_CN") -> int:
        with unit_of_work(Actor.system(), Scope.system("test"), own_app.extensions["clock"]) as unit:
            account = unit.session.scalars(select(Account).where(Account.username == name)).one()
            account.locale = locale
            if email is not None:
                account.email = email
            unit.session.flush()
            return notify(unit, [account], "test.greeting", key, {"first": 3, "last": 9}, "/messages/")

    return say


def rows(sql: str, **values: Any) -> list[Any]:
    with db.engine.connect() as connection:
        return list(connection.execute(text(sql), values))
