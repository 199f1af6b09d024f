"""The numbers of the menu and of the top bar: one query, and the same as each would be alone."""

from __future__ import annotations

import pytest
from sqlalchemy import event, func, select

from app.db import db
from app.notifications.models import Message
from app.security.context import person
from app.security.menu import menu
from app.web import chrome


@pytest.mark.parametrize("name", ["region_office", "police_clerk", "police_reviewer"])
def test_all_numbers_take_one_query_and_stay_within_the_scope(client_as, app, name):
    client = client_as(name)
    with client:
        assert client.get("/messages/").status_code == 200
        who = person()
        asked: list[str] = []
        note = lambda connection, cursor, statement, *rest: asked.append(statement)  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            together = chrome._counts(who)
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        assert len(asked) == 1
        alone = {}
        for item in menu:
            rows = item.counted(who) if item.counted is not None and item.endpoint in together else None
            if rows is not None:
                alone[item.endpoint] = db.session.scalar(select(func.count()).select_from(rows.subquery()))
        assert together == alone and chrome.MESSAGES in together
        mine = select(func.count()).where(Message.user_id == who.account.id, Message.read_at.is_(None))
        assert together[chrome.MESSAGES] == min(db.session.scalar(mine), 100)
