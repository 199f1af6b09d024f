"""A few targets with gaps in them, so that every order has missing and equal values."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.directories.targets.models import Target
from app.security.models import Region


@pytest.fixture
def few(session):
    """Forty targets of one region whose last check and day of registration are partly missing, many alike."""
    region = session.scalars(select(Region).where(Region.code == "640104")).one()
    from datetime import date

    made = [
        Target(
            code=f"LIST{n:03}",
            code_kind="internal",
            name=f"清单{'甲乙丙'[n % 3]}企业",
            kind="enterprise",
            region_id=region.id,
            address="一路",
            legal_representative="某某",
            contact="某某",
            status="active",
            risk_class="ABCD"[n % 4],
            source="base",
            tags=[],
            last_checked_on=None if n % 3 else date(2026, 1, 1 + n % 5),
            registered_on=None if n % 7 == 0 else date(2020, 1, 1 + n % 9),
        )
        for n in range(40)
    ]
    session.add_all(made)
    session.flush()
    return made
