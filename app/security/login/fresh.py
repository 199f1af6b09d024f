"""`@fresh`: an act that asks who one is once more, when that was shown too long ago.

A GET is led to a page of its own and back. A POST shows the question with all its fields, which are sent again with
the answer: nobody loses a form. Files cannot be kept, so put `fresh` on the GET of a page with a file as well (on
the whole view method): the question then comes before the form.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from flask import abort, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import ImmutableMultiDict

from app.db import db, unit_of_work
from app.security.context import current_clock, current_login, person
from app.security.login.places import Way, fresh_ways
from app.security.login.queries import policy_of
from app.security.login.rules import is_fresh
from app.security.login.services import authenticated_again, prove_again
from app.security.scope import Scope

View = TypeVar("View", bound=Callable[..., Any])
PASSWORD_FIELD = "fresh_password"  # noqa: S105 - the name of a field


def fresh(view: View) -> View:
    """Below `@guarded` (which has said that the person may): shown again within the policy's `fresh_minutes`."""

    @functools.wraps(view)
    def guard(*args: Any, **kwargs: Any) -> Any:
        if shown_lately():
            return view(*args, **kwargs)
        login = current_login()
        if login is None:
            abort(404)
        if login.kind == "api":
            sentence = _("This act asks for a new log-in: get a new token, then send it again.")
            return make_response(jsonify(status=403, message=sentence), 403)
        if request.method in {"GET", "HEAD"}:
            return redirect(url_for("OwnPages.confirm", next=request.full_path.rstrip("?")))
        if request.files and any(file.filename for file in request.files.values()):
            flash(_("Please show who you are first, then choose the file again."), "warning")
            return redirect(url_for("OwnPages.confirm", next=request.path))
        sentence = ""
        if PASSWORD_FIELD in request.form:
            sentence = answer(request.form[PASSWORD_FIELD])
            if not sentence:
                fields = [(k, v) for k, v in request.form.items(multi=True) if k != PASSWORD_FIELD]
                request.form = ImmutableMultiDict(fields)
                return view(*args, **kwargs)
        return question(request.full_path.rstrip("?"), sentence, kept_fields()), 401 if sentence else 200

    return guard  # type: ignore[return-value]


def shown_lately() -> bool:
    login = current_login()
    policy = policy_of(db.session())
    return login is not None and is_fresh(policy, login.authenticated_at, current_clock().now())


def answer(password: str) -> str:
    """Check the password; empty when it is right, else the sentence. Failures count as those at log-in do."""
    who, login = person(), current_login()
    assert who is not None and login is not None, "signed in"
    with unit_of_work(who.actor, Scope.system("a person shows who they are"), current_clock()) as unit:
        found = prove_again(unit, who.account.id, password)
        if found.account is not None:
            authenticated_again(unit, login.id, factor="password")
    if found.account is not None:
        return ""
    return _("The password is wrong, or the account is locked after too many failures. Nothing was done.")


def kept_fields() -> list[tuple[str, str]]:
    """What was sent, to be sent again."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in {PASSWORD_FIELD, "csrf_token"}
    ]


def question(action: str, sentence: str, fields: list[tuple[str, str]]) -> str:
    """The page that asks for the password once more."""
    who, login = person(), current_login()
    assert who is not None and login is not None, "signed in"
    ways: list[Way] = []
    for find in fresh_ways:
        way = find(who.account, login.factors, action)
        if way is not None:
            ways.append(way)
    return render_template(
        "security/fresh.html",
        action=action,
        sentence=sentence,
        fields=fields,
        ways=ways,
        field=PASSWORD_FIELD,
    )
