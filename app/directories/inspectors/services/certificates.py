"""Enter and take away certificates beside the enforcement certificate."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from app.audit.services import record
from app.db import Unit
from app.directories.inspectors.models import Certificate
from app.directories.inspectors.rules import further_certificate_faults
from app.directories.inspectors.services.keeping import locked, may_keep
from app.kernel.errors import Fault, Invalid, NotFound
from app.security.scoping import unscoped


def add_certificate(
    unit: Unit,
    inspector_id: int,
    *,
    kind: str,
    number: str,
    valid_from: date | None,
    valid_until: date | None,
) -> Certificate:
    """Enter a further certificate; its number stands once per kind.

    :raises Invalid: with every fault of every field
    """
    inspector = locked(unit, inspector_id)
    may_keep(unit, inspector.agency_id)
    faults = further_certificate_faults(kind, number, valid_from, valid_until)
    if not faults and _is_taken(unit, kind.strip(), number.strip()):
        faults = [Fault("number", "certificate_number_taken", value=number.strip(), kind=kind.strip())]
    if faults or valid_until is None:
        raise Invalid(faults=faults)
    made = Certificate(
        kind=kind.strip(), number=number.strip(), valid_from=valid_from, valid_until=valid_until
    )
    inspector.certificates.append(made)
    unit.session.flush()
    facts = {"kind": made.kind, "until": valid_until.isoformat()}
    record(unit, "inspector.certificate_added", f"inspector:{inspector.id}", facts, inspector.agency_id)
    return made


def _is_taken(unit: Unit, kind: str, number: str) -> bool:
    with unscoped(unit.session, "a number of a kind of certificate stands once"):
        query = select(Certificate.id).where(Certificate.kind == kind, Certificate.number == number)
        return unit.session.scalars(query).first() is not None


def remove_certificate(unit: Unit, inspector_id: int, certificate_id: int) -> None:
    """Take a further certificate away; the history of the row keeps it.

    :raises NotFound: not there, or another inspector's
    """
    inspector = locked(unit, inspector_id)
    may_keep(unit, inspector.agency_id)
    found = next((known for known in inspector.certificates if known.id == certificate_id), None)
    if found is None:
        raise NotFound("not_in_scope", kind="certificate")
    inspector.certificates.remove(found)
    unit.session.flush()
    facts = {"kind": found.kind}
    record(unit, "inspector.certificate_removed", f"inspector:{inspector.id}", facts, inspector.agency_id)
