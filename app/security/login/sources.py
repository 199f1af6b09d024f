"""Where each value of the policy comes from: the clause of GB/T 22239-2019, level 3, or the portal's own choice."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

IDENTITY_A = _l(
    "GB/T 22239-2019, 8.1.4.1 a): complex secrets, changed at intervals; the number is the portal's"
)
IDENTITY_B = _l(
    "GB/T 22239-2019, 8.1.4.1 b): failed log-ins are limited, sessions end by themselves; the number is the portal's"
)
IDENTITY_D = _l("GB/T 22239-2019, 8.1.4.1 d): two or more kinds of proof, one of them cryptographic")
PORTAL = _l("The portal's own: before a draw, a change of roles, an export of personal data")

SOURCES: dict[str, Any] = {
    "password_length": IDENTITY_A,
    "classes": IDENTITY_A,
    "expiry_days": IDENTITY_A,
    "history": IDENTITY_A,
    "failures": IDENTITY_B,
    "lock_minutes": IDENTITY_B,
    "idle_minutes": IDENTITY_B,
    "absolute_hours": IDENTITY_B,
    "sessions": IDENTITY_B,
    "fresh_minutes": PORTAL,
    "second_factor_roles": IDENTITY_D,
    "second_factor_offices": IDENTITY_D,
}
