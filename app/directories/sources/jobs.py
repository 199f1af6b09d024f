"""What is kept of batches only for a while, and what goes with an import that is undone."""

from __future__ import annotations

from sqlalchemy import delete, update

from app.db import Unit
from app.directories.sources.models import SourcePush
from app.directories.sources.pushing.envelope import KEY_KEPT, PUSHES_KEPT
from app.directories.sources.services.raising import withdraw
from app.directories.undoing.places import restorers
from app.jobs.registry import periodic

restorers.add(withdraw)


@periodic("sources.forget", every="day", at="03:50", missed="latest")
def forget(unit: Unit, period: str) -> None:
    """Answers and keys after a week, whole batches after a year: the rows themselves say what they brought."""
    now = unit.clock.now()
    old = SourcePush.received_at < now - KEY_KEPT
    statement = update(SourcePush).where(old, SourcePush.answer != b"")
    unit.session.execute(statement.values(idempotency_key=None, answer=b""))
    unit.session.execute(delete(SourcePush).where(SourcePush.received_at < now - PUSHES_KEPT))
