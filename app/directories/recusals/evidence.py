"""Files of a declaration: kept sealed, opened by the agency's administrators and by the inspector concerned."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import undefer

from app.db import Unit
from app.directories.inspectors.models import Inspector
from app.directories.recusals.models import RecusalEvidence
from app.kernel.errors import NotFound
from app.security.rules import RoleName
from app.security.services import note_security

READERS = frozenset({RoleName.AGENCY_ADMIN, RoleName.CLERK})
LONGEST_NAME = 200
Files = Sequence[tuple[str, bytes]]


def keep_files(
    unit: Unit,
    files: Files,
    *,
    agency_id: int,
    inspector_id: int,
    recusal_id: int | None = None,
    request_id: int | None = None,
) -> None:
    """Add the files to a recusal or to a request; a file that is there already is not kept twice."""
    belongs = (
        RecusalEvidence.recusal_id == recusal_id
        if recusal_id is not None
        else RecusalEvidence.request_id == request_id
    )
    known = set(unit.session.scalars(select(RecusalEvidence.digest).where(belongs)))
    for name, content in files:
        digest = sha256(content).digest()
        if digest in known:
            continue
        known.add(digest)
        unit.session.add(
            RecusalEvidence(
                recusal_id=recusal_id,
                request_id=request_id,
                agency_id=agency_id,
                inspector_id=inspector_id,
                file_name=name[-LONGEST_NAME:] or "file",
                size=len(content),
                digest=digest,
                content=content,
                created_at=unit.clock.now(),
            )
        )
    unit.session.flush()


def open_file(unit: Unit, evidence_id: int) -> RecusalEvidence:
    """The file with its content; the security log keeps who opened it.

    :raises NotFound: not there, or not for this person
    """
    query = select(RecusalEvidence).where(RecusalEvidence.id == evidence_id)
    found = unit.session.scalars(query.options(undefer(RecusalEvidence.content))).first()
    if found is None:
        raise NotFound("not_in_scope", kind="evidence")
    person = unit.session.get(Inspector, found.inspector_id)
    concerned = person is not None and person.user_id == unit.actor.user_id
    keeps = bool(unit.actor.roles & READERS) and unit.actor.agency_id == found.agency_id
    if not concerned and not keeps:
        raise NotFound("not_in_scope", kind="evidence")
    subject = f"recusal:{found.recusal_id}" if found.recusal_id else f"recusal_request:{found.request_id}"
    note_security(unit, "evidence_opened", "ok", subject=subject, detail=f"evidence {found.id}")
    return found
