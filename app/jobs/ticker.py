"""What must go on by itself: the relay, the ledger of periods, the seal of the log."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from app.audit.keys import log_key
from app.audit.sealing import seal_now
from app.db import Actor, Unit, db, unit_of_work
from app.jobs.queues import relay
from app.jobs.redis import Down, connect, ping
from app.jobs.schedules import enter_due_periods
from app.security.scope import Scope

log = structlog.get_logger()

PAUSE = 1.0
SEAL_EVERY = 20.0
PERIODS_EVERY = 5.0
SWEEP_EVERY = 600.0
"""How often the whole log is searched for events that a long transaction left behind."""


class Ticker:
    """The loop of one ticker process, in an application context. Several may run: locks keep them apart."""

    def __init__(self, app: Flask) -> None:
        self._settings = app.extensions["settings"]
        self._clock = app.extensions["clock"]
        self._last: dict[str, float] = {}

    def run(self) -> None:
        while True:
            self.tick()
            time.sleep(PAUSE)

    def tick(self) -> None:
        """One turn; what fails is tried again at the next."""
        if self._is_time("periods", PERIODS_EVERY):
            self._step("periods", enter_due_periods)
        self._step("relay", self._relay)
        if self._is_time("seal", SEAL_EVERY):
            self._step("seal", self._seal)

    def _is_time(self, what: str, every: float) -> bool:
        now = time.monotonic()
        if what in self._last and now - self._last[what] < every:
            return False
        self._last[what] = now
        return True

    def _step(self, what: str, act: Callable[[Unit], object]) -> None:
        try:
            with unit_of_work(Actor.system(), Scope.system(f"ticker {what}"), self._clock) as unit:
                act(unit)
        except (SQLAlchemyError, *Down) as fault:
            log.warning("ticker", step=what, fault=type(fault).__name__)
        except Exception:
            log.exception("ticker", step=what)
        finally:
            db.session.remove()

    def _relay(self, unit: Unit) -> int:
        if not ping(self._settings):
            return 0
        return relay(unit.session, connect(self._settings), unit.clock.now())

    def _seal(self, unit: Unit) -> None:
        thorough = self._is_time("sweep", SWEEP_EVERY)
        seal_now(unit, log_key(self._settings.log_key_dir), thorough=thorough)


def main(app: Flask) -> None:
    """Tick until the process ends."""
    with app.app_context():
        Ticker(app).run()
