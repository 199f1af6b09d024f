"""Ten thousand results in one batch, the most that one may have: a bound on the queries, not on the machine."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import event, func, select

from app.db import db
from app.inspections.national.models import NationalResult
from app.inspections.national.pushing import push_results
from tests.inspections.national.world import SYSTEM

MOST = 10_000
MOST_STATEMENTS = 60


def batch(rows, **changes):
    days = [f"2026-{month:02d}-{day:02d}" for month in range(1, 11) for day in range(1, 28)]
    return [
        rows.result(number, number % 5, checked_on=days[number % len(days)], **changes)
        for number in range(MOST)
    ]


def test_a_batch_of_ten_thousand_takes_few_statements_and_its_repetition_writes_nothing(
    rows, act_as, session
):
    seen: list[str] = []

    def count(connection, cursor, statement, *rest):
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        for wanted in ("new", "unchanged"):
            seen.clear()
            with act_as("police_admin") as unit:
                body = push_results(unit, SYSTEM, batch(rows)).body
            assert Counter(row["status"] for row in body["rows"]) == {wanted: MOST}
            assert len(seen) <= MOST_STATEMENTS, Counter(seen).most_common(3)
        with act_as("police_admin") as unit:
            body = push_results(unit, SYSTEM, batch(rows, problem_text="补充说明")).body
        assert body["counts"]["changed"] == MOST
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    assert session.scalar(select(func.count()).select_from(NationalResult)) == MOST
    assert session.scalars(select(NationalResult.version).distinct()).all() == [2]
