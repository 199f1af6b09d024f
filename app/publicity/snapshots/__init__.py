"""What of a row is copied into its public record: one function per kind, from the row's id."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from app.publicity.rules import Origin, PublicKind
from app.publicity.snapshots.draws import snapshot_draw
from app.publicity.snapshots.lists import snapshot_list
from app.publicity.snapshots.national import snapshot_national
from app.publicity.snapshots.plans import snapshot_plan
from app.publicity.snapshots.results import snapshot_result
from app.publicity.snapshots.shape import Snapshot, moment

SNAPSHOTS: Mapping[PublicKind, Callable[[Session, int], Snapshot]] = {
    PublicKind.LIST: snapshot_list,
    PublicKind.PLAN: snapshot_plan,
    PublicKind.DRAW: snapshot_draw,
    PublicKind.RESULT: snapshot_result,
}


def snapshot_of(session: Session, kind: PublicKind, origin: str, subject_id: int) -> Snapshot:
    """:raises DomainError: what is not to be public, or is not there"""
    if origin == Origin.NATIONAL:
        return snapshot_national(session, subject_id)
    return SNAPSHOTS[kind](session, subject_id)


__all__ = ["SNAPSHOTS", "Snapshot", "moment", "snapshot_of"]
