"""Twenty browsers at once with one code: one gets in. Real connections, real commits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pyotp
from sqlalchemy import select

from app.db import Actor, db, unit_of_work
from app.security.login.factors import services
from app.security.login.factors.services.showing import show_factor
from app.security.models import Account
from app.security.scope import Scope

AT_ONCE = 8


def _together(app, clock, act):
    barrier = Barrier(AT_ONCE)

    def one(number):
        with app.app_context():
            barrier.wait()
            try:
                with unit_of_work(Actor.system("log-in"), Scope.system("test"), clock) as unit:
                    return act(unit, number)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def _enrolled(clock):
    with unit_of_work(Actor.system(), Scope.system("test"), clock) as unit:
        user_id = unit.session.scalars(select(Account.id).where(Account.username == "police_clerk")).one()
        totp = pyotp.TOTP(services.offer_totp(unit, user_id).secret)
        codes = services.confirm_totp(unit, user_id, totp.at(clock.now()), clock.now())
    clock.advance(seconds=60)
    return user_id, totp, codes


def test_one_code_opens_once_and_guesses_are_counted_one_after_the_other(own_app, clock):
    user_id, totp, codes = _enrolled(clock)
    code, now = totp.at(clock.now()), clock.now()
    passed = _together(own_app, clock, lambda unit, n: services.pass_with_code(unit, user_id, code, now))
    assert sorted(getattr(p, "code", "ok") for p in passed) == ["code_used"] * (AT_ONCE - 1) + ["ok"]

    passed = _together(own_app, clock, lambda unit, n: services.pass_with_code(unit, user_id, codes[0], now))
    assert sorted(getattr(p, "code", "ok") for p in passed) == ["ok"] + ["recovery_used"] * (AT_ONCE - 1)

    wrong = [f"{int(code) + n + 1:06d}"[-6:] for n in range(AT_ONCE)]
    shown = _together(
        own_app,
        clock,
        lambda unit, n: (
            show_factor(unit, user_id, lambda u: services.pass_with_code(u, user_id, wrong[n], now)).code
        ),
    )
    assert shown.count("account_locked") == AT_ONCE - 5


def test_two_tabs_that_ask_at_once_are_offered_the_same_secret(own_app, clock):
    with unit_of_work(Actor.system(), Scope.system("test"), clock) as unit:
        user_id = unit.session.scalars(select(Account.id).where(Account.username == "police_clerk")).one()
    offered = _together(own_app, clock, lambda unit, n: services.offer_totp(unit, user_id).secret)
    assert len(set(offered)) == 1
