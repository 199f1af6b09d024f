"""What lies in a region that is merged into another: targets and inspectors' regions move along."""

from __future__ import annotations

from sqlalchemy import any_, func, literal, update

from app.db import Unit
from app.directories.bulk import without_time_limit
from app.directories.inspectors.models import Inspector
from app.directories.targets.models import Target
from app.security.models import Region
from app.security.scoping import criterion


def move_rows(unit: Unit, gone: Region, into: Region) -> None:
    """Within the scope of whoever merges. Two statements, however many rows there are."""
    without_time_limit(unit.session)
    target, inspector = Target.__table__, Inspector.__table__
    unit.session.execute(
        update(target)
        .where(target.c.region_id == gone.id, criterion(Target, unit.scope))
        .values(region_id=into.id, version=target.c.version + 1, updated_at=unit.clock.now())
    )
    unit.session.execute(
        update(inspector)
        .where(literal(gone.code) == any_(inspector.c.regions), criterion(Inspector, unit.scope))
        .values(
            regions=func.array_replace(inspector.c.regions, gone.code, into.code),
            version=inspector.c.version + 1,
        )
    )
    unit.session.expire_all()
