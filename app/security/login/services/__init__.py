"""Verbs of log-in: attempts, sessions, passwords, the policy."""

from app.security.login.services.attempts import Attempt, attempt, count_failure, prove_again, unlock
from app.security.login.services.passwords import (
    change_own_password,
    first_password,
    reset_password,
    set_password,
)
from app.security.login.services.policy import change_policy
from app.security.login.services.sessions import (
    authenticated_again,
    begin_session,
    end_own_session,
    end_session,
    end_sessions_of,
    factor_enrolled,
    renew_token,
)

__all__ = [
    "Attempt",
    "attempt",
    "authenticated_again",
    "begin_session",
    "change_own_password",
    "change_policy",
    "count_failure",
    "end_own_session",
    "end_session",
    "end_sessions_of",
    "factor_enrolled",
    "first_password",
    "prove_again",
    "renew_token",
    "reset_password",
    "set_password",
    "unlock",
]
