"""What of a row is copied into its public record: one function per kind, from the row's id."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from app.publicity.rules import PublicKind
from app.publicity.snapshots.draws import snapshot_draw
from app.publicity.snapshots.lists import snapshot_list
from app.publicity.snapshots.plans import snapshot_plan
from app.publicity.snapshots.results import snapshot_result
from app.publicity.snapshots.shape import Snapshot, moment

SNAPSHOTS: Mapping[PublicKind, Callable[[Session, int], Snapshot]] = {
    PublicKind.LIST: snapshot_list,
    PublicKind.PLAN: snapshot_plan,
    PublicKind.DRAW: snapshot_draw,
    PublicKind.RESULT: snapshot_result,
}

__all__ = ["SNAPSHOTS", "Snapshot", "moment"]
