"""Tell people: a line in the portal and a mail, once per key and person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import current_app
from flask_babel import force_locale
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from app.db import Unit, as_owner
from app.jobs.services import enqueue
from app.kernel.errors import NotFound
from app.notifications.models import Mail, Message
from app.notifications.templates import register_template, wording
from app.security.models import Account

__all__ = ["mark_all_read", "mark_read", "notify", "register_template", "send_mail"]

WITHOUT_MAIL = "@portal.invalid"
"""Accounts without an e-mail address carry a hidden one in this domain."""


def notify(
    unit: Unit, users: Iterable[Account], kind: str, key: str, context: Mapping[str, Any], link: str
) -> int:
    """A message and a mail to each of the people, in the language of each; gives how many got it now.

    :param kind: registered with `register_template`
    :param key: the occasion; the same key reaches the same person once
    :param link: path within the portal, `/tasks/12`
    :raises KeyError: for an unknown kind or a context that lacks a name
    """
    told = 0
    for account in {a.id: a for a in users}.values():
        with force_locale(account.locale or "zh_CN"):
            subject, body = wording(kind, context)
        own_key = f"{key}:u{account.id}"
        if _add_message(unit, account, own_key, kind, subject, body, link):
            told += 1
            if not account.email.endswith(WITHOUT_MAIL):
                _add_mail(unit, account, own_key, subject, body, link)
    return told


def send_mail(
    unit: Unit, account: Account, kind: str, key: str, context: Mapping[str, Any], link: str
) -> None:
    """A mail without a message in the portal: for somebody who cannot log in yet. Once per key and person."""
    with force_locale(account.locale or "zh_CN"):
        subject, body = wording(kind, context)
    _add_mail(unit, account, f"{key}:u{account.id}", subject, body, link)


def _add_message(
    unit: Unit, account: Account, key: str, kind: str, subject: str, body: str, link: str
) -> bool:
    statement = (
        insert(Message.__table__)
        .values(
            key=key,
            user_id=account.id,
            kind=kind,
            title=subject[:300],
            body=body,
            link=link,
            created_at=unit.clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(Message.__table__.c.id)
    )
    with as_owner(unit.session):
        return unit.session.execute(statement).scalar() is not None


def _add_mail(unit: Unit, account: Account, key: str, subject: str, body: str, link: str) -> None:
    base = current_app.extensions["settings"].base_url
    statement = (
        insert(Mail.__table__)
        .values(
            key=key,
            user_id=account.id,
            recipient=account.email,
            subject=subject[:300],
            body=f"{body}\n\n{base}{link}\n" if link else f"{body}\n",
            note="",
            created_at=unit.clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(Mail.__table__.c.id)
    )
    with as_owner(unit.session):
        mail_id = unit.session.execute(statement).scalar()
    if mail_id is not None:
        enqueue(unit, "notifications.mail", f"mail:{mail_id}", {"mail": mail_id}, reason="mail", queue="mail")


def mark_read(unit: Unit, message_id: int) -> Message:
    """The person has read one of the own messages; a second time changes nothing.

    :raises NotFound: when it is not there, or another person's
    """
    message = unit.session.get(Message, message_id, with_for_update=True, populate_existing=True)
    if message is None or message.user_id != unit.actor.user_id:
        raise NotFound("not_in_scope")
    if message.read_at is None:
        message.read_at = unit.clock.now()
    return message


def mark_all_read(unit: Unit) -> int:
    """All own messages are read; gives how many were not."""
    result = unit.session.execute(
        update(Message)
        .where(Message.user_id == unit.actor.user_id, Message.read_at.is_(None))
        .values(read_at=unit.clock.now())
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)
