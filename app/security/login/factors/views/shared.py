"""What the pages share: the portal as security keys know it, and where a challenge waits in the session."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from flask import current_app, jsonify, request, session
from flask.wrappers import Response

from app.kernel.errors import DomainError, Refused
from app.security.context import current_login
from app.security.explain import explain
from app.security.login.factors.rules import RelyingParty, relying_party
from app.security.login.fresh import fresh

CHALLENGE = "key_challenge"


def party() -> RelyingParty | None:
    """None where browsers refuse security keys; then the pages do not offer them."""
    return relying_party(current_app.extensions["settings"].base_url)


def own_party() -> RelyingParty:
    """
    :raises Refused: where security keys do not work
    """
    found = party()
    if found is None:
        raise Refused("key_not_here")
    return found


def remember_challenge(number: int) -> None:
    session[CHALLENGE] = number


def forget_challenge() -> int | None:
    """The number of the challenge that this browser was given, once."""
    number = session.pop(CHALLENGE, None)
    return number if isinstance(number, int) else None


def as_json(ask: Callable[[], dict[str, Any]]) -> Response | tuple[Response, int]:
    """Options for the browser, or the sentence that says why not."""
    try:
        answer = jsonify(ask())
    except DomainError as error:
        return jsonify(message=explain(error)), error.status
    answer.headers["Cache-Control"] = "no-store"
    return answer


def fresh_or_first(view: Any) -> Any:
    """`@fresh`, except for whoever is here only to set up the factor that the log-in waits for: they have just
    shown their password and can go nowhere else.
    """
    guarded = fresh(view)

    @functools.wraps(view)
    def choose(*args: Any, **kwargs: Any) -> Any:
        login = current_login()
        waits = login is not None and "factor" in login.pending
        return view(*args, **kwargs) if waits else guarded(*args, **kwargs)

    return choose


def sent(name: str) -> str:
    return request.form.get(name, "")
