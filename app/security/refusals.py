"""Refusals of a request, remembered until its end, when one line of the security log is written."""

from __future__ import annotations

from flask import g, has_request_context

from app.kernel.errors import DomainError, Forbidden, NotFound

TELLING = frozenset({"role_missing", "other_agency", "same_person", "roles_apart"})
"""Refusals that say somebody tried what is not theirs to do; rules of the business are none of these."""


def remember(error: DomainError) -> None:
    """Keep the code of a refusal that belongs into the security log."""
    if has_request_context() and (isinstance(error, NotFound | Forbidden) or error.code in TELLING):
        g.refusal = error.code


def remembered() -> str:
    return str(g.get("refusal", ""))


def written() -> None:
    """The view has written a line of its own about its refusal; the common one is not needed."""
    g.refusal_written = True


def is_written() -> bool:
    return bool(g.get("refusal_written"))
