"""How often a list page asks the database: no more rows, no more questions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from app.db import db
from tests.sweep.browsing import SHORT, browsers

MOST = 12
"""Of them six are the frame of a list: session and account, memberships, area, rights, saved views, numbers of the menu."""
LISTS = {
    "/tasks/": "police_clerk",
    "/draws/": "police_clerk",
    "/targets/": "police_clerk",
    "/targets/?sort=-last_checked_on": "office",
    "/targets/?kind=enterprise&status=active&region=640100&industry=I&q=9164&sort=-registered_on": "office",
    "/permits/": "office",
    "/premises/?q=9164": "office",
    "/merging/twins": "office",
    "/inspectors/": "police_clerk",
    "/libraries/": "police_clerk",
    "/recusals/": "police_clerk",
    "/items/": "police_clerk",
    "/plans/": "police_clerk",
    "/visits/": "police_clerk",
    "/follow-ups/": "police_clerk",
    "/dossiers/": "police_clerk",
    "/publications/": "police_clerk",
    "/messages/": "police_clerk",
    "/experts/list/": "police_admin",
    "/designer/": "office",
    "/overdue/": "office",
    "/events/": "office",
    "/reviews/": "police_reviewer",
    "/lists/sweep-own/list/": "office",
    "/vocabulary/agencies/list/": "office",
    "/vocabulary/regions/list/": "office",
    "/ops/jobs/": "sysadmin",
    "/public/results": "public",
    "/public/plans": "public",
}


@contextmanager
def counted() -> Iterator[list[str]]:
    asked: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", sorted(LISTS))
def test_a_list_page_asks_few_questions(swept, path):
    browser = browsers(swept)[LISTS[path]]
    browser.get(path, headers=SHORT)
    with counted() as asked:
        assert browser.get(path, headers=SHORT).status_code == 200
    assert len(asked) <= MOST, "\n".join(asked)
