"""A pair of inspector and target that nothing keeps apart yet, and what a target declares about it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.directories.inspectors.models import Inspector
from app.directories.recusals import services
from app.directories.recusals.models import Recusal
from app.directories.targets.models import Target
from app.security.models import Agency, Region

PDF = ("亲属关系.pdf", b"%PDF-1.7 relation")


@pytest.fixture
def pair(session) -> tuple[Inspector, Target]:
    inspector = session.scalars(
        select(Inspector)
        .join(Agency, Agency.id == Inspector.agency_id)
        .where(Agency.code == "POLICE-640100", Inspector.user_id.is_not(None))
        .order_by(Inspector.id)
    ).first()
    known = select(Recusal.target_id).where(Recusal.inspector_id == inspector.id)
    target = session.scalars(
        select(Target)
        .join(Region, Region.id == Target.region_id)
        .where(Region.code.startswith("6401"), Target.id.not_in(known))
        .order_by(Target.id)
    ).first()
    return inspector, target


@pytest.fixture
def waiting(act_as_system, pair) -> Callable[..., int]:
    """`waiting()`: the id of a declaration that waits for its answer."""

    def declare(statement: str = "检查人员是本单位法定代表人的妹夫") -> int:
        inspector, target = pair
        with act_as_system() as unit:
            return services.request_recusal(
                unit,
                visit_no="6401-2026-0001-V001",
                inspector=inspector,
                target_id=target.id,
                agency_id=inspector.agency_id,
                statement=statement,
                declarant="王经理",
                phone="13900000000",
                files=[PDF],
            ).id

    return declare
