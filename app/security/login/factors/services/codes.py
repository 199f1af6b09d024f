"""One-time codes: a secret is offered, confirmed by a right code, and then opens once per step."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert

from app.audit.services import record
from app.db import Unit
from app.kernel.decisions import Allowed, Decision, refused
from app.kernel.errors import Fault, Invalid
from app.security.login.factors.models import TotpFactor
from app.security.login.factors.queries import TOTP
from app.security.login.factors.rules import PENDING_LASTS, is_over, judge_step, read_code, step_at
from app.security.login.factors.services.recovery import first_recovery_codes, use_recovery_code
from app.security.login.factors.totp import find_step, new_secret
from app.security.services import note_security


def offer_totp(unit: Unit, user_id: int) -> TotpFactor:
    """The secret that waits for its first code; the same one for half an hour, then another.

    A factor in force is returned as it is.
    """
    row = _locked(unit, user_id)
    now = unit.clock.now()
    if row is not None and (row.confirmed_at or not is_over(row.begun_at, PENDING_LASTS, now)):
        return row
    if row is None:
        values = {"user_id": user_id, "secret": new_secret(), "begun_at": now, "burned_steps": []}
        # Two tabs of one person may ask at once: both get the secret of whichever came first.
        unit.session.execute(insert(TotpFactor).values(**values).on_conflict_do_nothing())
        return unit.session.get_one(TotpFactor, user_id, with_for_update=True, populate_existing=True)
    row.secret, row.begun_at, row.burned_steps = new_secret(), now, []
    unit.session.flush()
    return row


def confirm_totp(unit: Unit, user_id: int, typed: str, now: datetime) -> list[str]:
    """Put the offered secret in force with a right code; gives the recovery codes when there were none yet.

    :param now: the machine's time, by which codes are right
    :raises Invalid: on `code`; the secret goes on waiting
    """
    row = _locked(unit, user_id)
    if row is None or row.confirmed_at is not None or is_over(row.begun_at, PENDING_LASTS, unit.clock.now()):
        raise Invalid(faults=[Fault("code", "totp_nothing_offered")])
    code = read_code(typed)
    if code is None or code.kind != TOTP:
        raise Invalid(faults=[Fault("code", "totp_shape")])
    judged = judge_step(find_step(row.secret, code.text, step_at(now)), now, None)
    if not judged:
        raise Invalid(faults=[Fault("code", judged.code, **judged.facts)])
    row.confirmed_at, row.last_used_at = unit.clock.now(), unit.clock.now()
    row.last_step = judged.facts["step"]
    unit.session.flush()
    note_security(unit, "factor_added", "ok", subject=f"account:{user_id}", detail=TOTP, user_id=user_id)
    record(unit, "factor.added", f"account:{user_id}", {"kind": TOTP})
    return first_recovery_codes(unit, user_id)


def pass_with_code(unit: Unit, user_id: int, typed: str, now: datetime) -> Decision:
    """Whether a typed one-time or recovery code opens; a right one is used up, and so is one of another time.

    Allowed carries `factor`. Of parallel attempts with one code, one is allowed.
    """
    code = read_code(typed)
    if code is None:
        return refused("code_shape")
    if code.kind == "recovery":
        return use_recovery_code(unit, user_id, code.text)
    row = _locked(unit, user_id)
    if row is None or row.confirmed_at is None:
        return refused("code_wrong")
    found = find_step(row.secret, code.text, step_at(now))
    judged = judge_step(found, now, row.last_step, frozenset(row.burned_steps))
    if not judged:
        if judged.code == "code_clock_differs":
            _burn(row, judged.facts["step"], now)
        unit.session.flush()
        return judged
    row.last_step, row.last_used_at = judged.facts["step"], unit.clock.now()
    unit.session.flush()
    return Allowed({"factor": TOTP})


def _burn(row: TotpFactor, step: int, now: datetime) -> None:
    """The answer has told that this code is right at another time: it shall not be when that time comes."""
    ahead = {s for s in (*row.burned_steps, step) if s >= step_at(now) - 1}
    row.burned_steps = sorted(ahead)


def _locked(unit: Unit, user_id: int) -> TotpFactor | None:
    return unit.session.get(TotpFactor, user_id, with_for_update=True, populate_existing=True)
