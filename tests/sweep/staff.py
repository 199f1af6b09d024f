"""What hangs on the inspectors of the sweep: a certificate, a transfer, a tie, a declaration with its evidence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Unit
from app.directories.inspectors.models import Certificate, Inspector, Transfer
from app.directories.institutions.models import Institution
from app.directories.recusals.models import RecusalEvidence, RecusalRequest, Tie
from app.security.models import Agency

NUMBER = "SWEEP-S"


def staff_rows(unit: Unit, inspector: Inspector, target_id: int) -> None:
    """Named by the agency's id; the transfer goes to another agency of the same region."""
    session, now = unit.session, unit.clock.now()
    agency = session.get_one(Agency, inspector.agency_id)
    beside = select(Agency.id).where(
        Agency.region_id == agency.region_id, Agency.id != agency.id, ~Agency.is_office
    )
    name = f"{NUMBER}{agency.id}"
    request = RecusalRequest(
        visit_no=name, inspector_id=inspector.id, target_id=target_id, agency_id=agency.id,
        statement="亲属关系示例", declarant="经理", phone="", created_at=now, state="waiting",
    )  # fmt: skip
    session.add_all(
        [
            Certificate(
                inspector_id=inspector.id,
                kind="证",
                number=name,
                valid_until=now.date() + timedelta(days=900),
            ),
            Institution(code=name, name=f"机构{agency.id}", agency_id=agency.id, active=True),
            Tie(inspector_id=inspector.id, target_id=target_id, agency_id=agency.id, kind="relative"),
            request,
        ]
    )
    to_id = session.scalars(beside.order_by(Agency.id).limit(1)).first()
    if to_id is not None:
        session.add(
            Transfer(
                inspector_id=inspector.id,
                from_agency_id=agency.id,
                to_agency_id=to_id,
                reason="岗位调动示例",
                takes_effect_on=now.date() + timedelta(days=900),
                state="asked",
                asked_at=now,
            )  # fmt: skip
        )
    session.flush()
    session.add(
        RecusalEvidence(
            request_id=request.id,
            agency_id=agency.id,
            inspector_id=inspector.id,
            file_name="证据.pdf",
            size=5,
            digest=b"sweep",
            content=b"%PDF-",
            created_at=now,
        )  # fmt: skip
    )
    session.flush()


def staff_keys(session: Session, agency_id: int) -> dict[str, Any]:
    """Keys by kind."""
    name = f"{NUMBER}{agency_id}"

    def one(model: Any, *conditions: Any) -> Any:
        return session.scalars(select(model.id).where(*conditions)).first()

    return {
        "certificate": one(Certificate, Certificate.number == name),
        "institution": one(Institution, Institution.code == name),
        "tie": one(Tie, Tie.agency_id == agency_id),
        "recusal_request": one(RecusalRequest, RecusalRequest.visit_no == name),
        "evidence": one(RecusalEvidence, RecusalEvidence.agency_id == agency_id),
        "transfer": one(Transfer, Transfer.from_agency_id == agency_id),
    }
