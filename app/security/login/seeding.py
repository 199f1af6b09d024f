"""The demo's policy: one printed password for all accounts, so no second factor is asked and nothing expires."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from app.db import Unit
from app.security.login.models import SecurityPolicy
from app.security.login.rules import STANDARD
from app.security.login.services.policy import write_policy

DEMO = replace(
    STANDARD, expiry_days=0, second_factor_roles=frozenset(), second_factor_offices=False, demo=True
)


def load_demo_rows(unit: Unit, day: date, by_certificate: Mapping[str, int]) -> None:
    row = SecurityPolicy(id=1)
    write_policy(row, DEMO)
    unit.session.add(row)
    unit.session.flush()
