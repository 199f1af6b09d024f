"""Many people at once from a spreadsheet: handed in, checked, invited; slips for all of them."""

from __future__ import annotations

import base64
from collections.abc import Callable

from sqlalchemy import select, update
from sqlalchemy.orm import undefer

from app.audit.services import record
from app.db import Unit
from app.jobs.services import enqueue
from app.kernel.errors import Invalid, NotFound, Refused
from app.people.area import KEEPERS
from app.people.models import InviteBatch
from app.people.queries.waiting import slips_waiting
from app.people.rules import reason_fault
from app.people.services.inviting import invite
from app.people.services.keeping import print_slip
from app.people.sheet import Checked, check_file
from app.security.models import Account, Agency
from app.security.rules import may_act
from app.security.services import note_security

AT_ONCE = 50
MOST_ROWS = 5_000
MOST_SLIPS = 50
LONGEST_FILE_NAME = 200
JOB = "people.invite"

Progress = Callable[[int, int | None], None]
Slip = tuple[Account, Agency, str]


def receive(unit: Unit, content: bytes, file_name: str, reason: str) -> InviteBatch:
    """Keep a file, sealed, and check it: nobody is invited yet. Files handed in before are forgotten.

    :raises Invalid: no reason, or the file as a whole cannot be read
    :raises Refused: more than five thousand rows
    """
    may_act(unit.actor.roles, unit.actor.agency_id, KEEPERS, None).require()
    if faults := reason_fault(reason):
        raise Invalid(faults=faults)
    checked = check_file(unit.session, unit.actor, content, file_name, reason.strip())
    if len(checked.rows) > MOST_ROWS:
        raise Refused("batch_too_long", most=MOST_ROWS, found=len(checked.rows))
    assert unit.actor.user_id is not None, "people hand files in"
    table = InviteBatch.__table__
    unit.session.execute(
        update(table)
        .where(table.c.user_id == unit.actor.user_id, table.c.state != "committing")
        .values(content=None)
    )
    batch = InviteBatch(
        file_name=file_name[-LONGEST_FILE_NAME:],
        content=base64.b64encode(content).decode(),
        report=checked.figures(),
        reason=reason.strip(),
        agency_id=unit.actor.agency_id,
        user_id=unit.actor.user_id,
        created_at=unit.clock.now(),
        state="checked",
    )
    unit.session.add(batch)
    unit.session.flush()
    return batch


def check_again(unit: Unit, batch: InviteBatch) -> Checked | None:
    """The file as it stands now, None once it is forgotten."""
    if batch.content is None:
        return None
    content = base64.b64decode(batch.content)
    return check_file(unit.session, unit.actor, content, batch.file_name, batch.reason)


def take_over(unit: Unit, batch_id: int, *, skip_bad: bool) -> InviteBatch:
    """Invite everybody whose row is in order; more than fifty behind the page. The same file once.

    :raises Refused: bad rows that nobody asked to leave out, or the file is forgotten
    """
    batch = _locked(unit, batch_id)
    if batch.state in ("committing", "committed"):
        return batch
    checked = check_again(unit, batch)
    if checked is None:
        raise Refused("batch_forgotten")
    if checked.faults and not skip_bad:
        raise Refused("import_has_bad_rows", bad=len(checked.bad_rows))
    if not checked.good:
        raise Refused("batch_without_good_rows")
    if len(checked.good) > AT_ONCE:
        tries = int(batch.report.get("tries", 0)) + 1
        batch.state, batch.report = "committing", {**batch.report, "tries": tries}
        enqueue(unit, JOB, f"people:{batch.id}:{tries}", {"batch": batch.id})
        return batch
    return write(unit, batch_id)


def write(unit: Unit, batch_id: int, progress: Progress | None = None) -> InviteBatch:
    """Invite the good rows for good, all or none."""
    batch = _locked(unit, batch_id)
    if batch.state == "committed":
        return batch
    checked = check_again(unit, batch)
    if checked is None:
        raise Refused("batch_forgotten")
    if not checked.good:
        raise Refused("batch_without_good_rows")
    for done, (_row, entry) in enumerate(checked.good, start=1):
        invite(unit, entry, batch_id=batch.id)
        if progress is not None and done % 20 == 0:
            progress(done, len(checked.good))
    figures = {**checked.figures(), "invited": len(checked.good)}
    batch.report, batch.state, batch.committed_at = figures, "committed", unit.clock.now()
    if not checked.faults:
        batch.content = None
    unit.session.flush()
    record(unit, "account.batch_invited", f"invite_batch:{batch.id}", figures)
    note_security(
        unit,
        "account_invited",
        "ok",
        subject=f"invite_batch:{batch.id}",
        detail=f"{figures['invited']} / {figures['rows']}: {batch.reason}",
    )
    return batch


def fail(unit: Unit, batch_id: int) -> None:
    """Back to where a person can look at it again."""
    batch = _locked(unit, batch_id)
    batch.state = "checked"
    unit.session.flush()


def slips_of(unit: Unit, batch_id: int) -> list[Slip]:
    """First passwords for the next fifty people of a batch who have none yet; shown once."""
    batch = _locked(unit, batch_id)
    found: list[Slip] = []
    for invitation in slips_waiting(unit.session, batch.id, MOST_SLIPS):
        account, word = print_slip(unit, invitation.user_id, batch.reason)
        found.append((account, invitation.agency, word))
    return found


def _locked(unit: Unit, batch_id: int) -> InviteBatch:
    query = select(InviteBatch).where(InviteBatch.id == batch_id).options(undefer(InviteBatch.content))
    query = query.with_for_update(of=InviteBatch).execution_options(populate_existing=True)
    found = unit.session.scalars(query).first()
    if found is None:
        raise NotFound("not_in_scope", kind="invite_batch")
    return found
