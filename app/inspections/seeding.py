"""Reference rows: the result vocabularies and the dispositions. Idempotent."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert

from app.db import Unit
from app.inspections.models import Disposition, ResultVocabulary
from app.security.seeding import upsert
from seeds.reader import reference


def load_reference_rows(unit: Unit) -> None:
    """Results of both schemes with their headings, and what follows them."""
    results = [
        {
            "scheme": row["scheme"],
            "code": row["code"],
            "text": row["text"],
            "kind": row["kind"],
            "is_problem": row["is_problem"] == "1",
            "needs_follow_up": row["needs_follow_up"] == "1",
            "selectable": row["selectable"] == "1",
            "parent_code": row["parent"] or None,
            "line_code": row["line"] or None,
            "position": position,
        }
        for position, row in enumerate(reference("result_vocabulary"))
    ]
    statement = insert(ResultVocabulary.__table__).values(results)
    changes = {name: statement.excluded[name] for name in results[0] if name not in {"scheme", "code"}}
    unit.session.execute(statement.on_conflict_do_update(index_elements=["scheme", "code"], set_=changes))
    dispositions = [
        {
            "code": row["code"],
            "text": row["text"],
            "kind": row["kind"],
            "is_problem": row["is_problem"] == "1",
            "needs_follow_up": row["needs_follow_up"] == "1",
            "needs_text": row["needs_text"] == "1",
            "position": position,
        }
        for position, row in enumerate(reference("dispositions"))
    ]
    upsert(unit.session, Disposition, "code", dispositions)
