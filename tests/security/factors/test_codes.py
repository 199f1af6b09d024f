"""One-time and recovery codes: enrolled, shown, used up."""

from __future__ import annotations

import pyotp
import pytest
from sqlalchemy import text

from app.kernel.errors import Invalid, Refused
from app.security.login.factors import queries, services
from app.security.login.factors.models import RecoveryCode
from tests.security.factors.conftest import stored

WHO = "police_clerk"


def test_a_secret_is_in_force_only_after_a_right_code(system, account, clock, session):
    user_id = account(WHO).id
    with system() as unit:
        row = services.offer_totp(unit, user_id)
        assert queries.factors_of(unit.session, user_id) == []
        with pytest.raises(Invalid) as fault:
            services.confirm_totp(unit, user_id, "000000", clock.now())
        assert [f.code for f in fault.value.faults] == ["code_wrong"]
        codes = services.confirm_totp(unit, user_id, pyotp.TOTP(row.secret).at(clock.now()), clock.now())
    assert queries.factors_of(session, user_id) == ["totp"]
    assert len(set(codes)) == 10 == queries.codes_left(session, user_id)


def test_the_same_secret_is_offered_for_half_an_hour_and_then_another(system, account, clock):
    user_id = account(WHO).id
    with system() as unit:
        first = services.offer_totp(unit, user_id).secret
        assert services.offer_totp(unit, user_id).secret == first
    clock.advance(minutes=31)
    with system() as unit:
        with pytest.raises(Invalid) as fault:
            services.confirm_totp(unit, user_id, pyotp.TOTP(first).at(clock.now()), clock.now())
        assert fault.value.faults[0].code == "totp_nothing_offered"
        assert services.offer_totp(unit, user_id).secret != first


def test_neither_secret_nor_codes_lie_readable_in_the_database_or_its_history(with_totp, account, session):
    totp, codes = with_totp(WHO)
    raw = session.execute(text("SELECT secret FROM totp_factor")).scalar_one()
    assert totp.secret.encode() not in bytes(raw)
    digests = session.execute(text("SELECT digest FROM recovery_code")).scalars().all()
    assert all(code.encode() not in bytes(digest) for code in codes for digest in digests)
    watched = "SELECT count(*) FROM row_history WHERE table_name IN ('totp_factor', 'recovery_code', 'key_challenge')"
    assert session.execute(text(watched)).scalar_one() == 0


def test_the_code_that_enrolled_does_not_open(system, account, clock):
    user_id = account(WHO).id
    with system() as unit:
        secret = services.offer_totp(unit, user_id).secret
        code = pyotp.TOTP(secret).at(clock.now())
        services.confirm_totp(unit, user_id, code, clock.now())
        assert services.pass_with_code(unit, user_id, code, clock.now()).code == "code_used"


@pytest.mark.parametrize("seconds", [-30, 0, 30])
def test_a_code_within_the_window_opens_once(with_totp, system, account, clock, seconds):
    totp, _ = with_totp(WHO)
    clock.advance(seconds=60)
    code, user_id = totp.at(clock.now().timestamp() + seconds), account(WHO).id
    with system() as unit:
        assert services.pass_with_code(unit, user_id, code, clock.now()).facts == {"factor": "totp"}
    with system() as unit:
        assert services.pass_with_code(unit, user_id, code, clock.now()).code == "code_used"


def test_a_code_that_came_too_early_is_worthless_when_its_time_comes(with_totp, system, account, clock):
    totp, _ = with_totp(WHO)
    user_id, ahead = account(WHO).id, clock.now().timestamp() + 300
    with system() as unit:
        found = services.pass_with_code(unit, user_id, totp.at(ahead), clock.now())
        assert (found.code, found.facts["minutes"]) == ("code_clock_differs", 5)
    clock.advance(seconds=300)
    with system() as unit:
        assert services.pass_with_code(unit, user_id, totp.at(ahead), clock.now()).code == "code_used"
    clock.advance(seconds=60)
    with system() as unit:
        assert services.pass_with_code(unit, user_id, totp.at(clock.now()), clock.now())
        assert stored(user_id).burned_steps == [int(ahead) // 30]


def test_somebody_else_s_code_does_not_open(with_totp, system, account, clock):
    totp, codes = with_totp("police_reviewer")
    with_totp(WHO)
    clock.advance(seconds=60)
    with system() as unit:
        for foreign in (totp.at(clock.now()), codes[0]):
            assert services.pass_with_code(unit, account(WHO).id, foreign, clock.now()).code == "code_wrong"


def test_a_recovery_code_opens_once_in_any_writing(with_totp, system, account, clock, session, log):
    _, codes = with_totp(WHO)
    user_id = account(WHO).id
    typed = f" {codes[3][:4].lower()}-{codes[3][4:8]} {codes[3][8:].lower()}"
    with system() as unit:
        assert services.pass_with_code(unit, user_id, typed, clock.now()).facts == {
            "factor": "recovery",
            "left": 9,
        }
    with system() as unit:
        assert services.pass_with_code(unit, user_id, codes[3], clock.now()).code == "recovery_used"
    assert queries.codes_left(session, user_id) == 9
    assert ("recovery_code_used", "ok", "9 left") in log()


def test_new_recovery_codes_make_the_old_ones_worthless(with_totp, system, account, clock):
    _, old = with_totp(WHO)
    user_id = account(WHO).id
    with system() as unit:
        new = services.renew_recovery_codes(unit, user_id)
        assert not set(new) & set(old)
        assert services.pass_with_code(unit, user_id, old[0], clock.now()).code == "code_wrong"
        assert services.pass_with_code(unit, user_id, new[0], clock.now())


def test_without_a_factor_there_are_no_recovery_codes(system, account):
    with system() as unit, pytest.raises(Refused, match="recovery_without_factor"):
        services.renew_recovery_codes(unit, account(WHO).id)


def test_with_the_last_factor_the_recovery_codes_go(with_totp, system, account, clock, session):
    _, codes = with_totp(WHO)
    user_id = account(WHO).id
    with system() as unit:
        services.remove_totp(unit, user_id)
    assert queries.factors_of(session, user_id) == []
    assert session.query(RecoveryCode).count() == 0
    with system() as unit:
        assert services.pass_with_code(unit, user_id, codes[0], clock.now()).code == "code_wrong"
