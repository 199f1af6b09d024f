"""Tokens for programs: `/api/v1/security/login` and `/refresh`, under the same rules as the page of log-in.

Every token belongs to a row of `login_session`, so that it stops at once when the person leaves, changes the
password, or ends it in the list of sessions.
"""

from __future__ import annotations

from typing import Any

from flask import request
from flask_appbuilder.security.api import SecurityApi
from flask_appbuilder.views import expose
from flask_babel import gettext as _
from flask_jwt_extended import (
    create_access_token,
    create_refresh_token,
    current_user,
    get_jwt,
    jwt_required,
)
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.db import Actor, Unit, unit_of_work
from app.kernel.errors import Fault
from app.security.access import public_route
from app.security.context import current_clock
from app.security.explain import explain_fault
from app.security.login.finish import opened, wrong
from app.security.login.models import LoginSession
from app.security.login.places import factors_of, one_time_codes
from app.security.login.services import attempt, count_failure
from app.security.login.services.sessions import digest_of_token, pending_of
from app.security.models import Account
from app.security.scope import Scope
from app.security.services import note_security


class PortalSecurityApi(SecurityApi):
    """Name, password and, for whoever has a second factor, its code as `otp`."""

    resource_name = "security"

    @expose("/login", methods=["POST"])
    @public_route
    def login(self) -> Response:
        """Get a token for the account of a person.
        ---
        post:
          description: >-
            Name, phone number or mail address and password; `otp` is the code of the second factor
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [username, password]
                  properties:
                    username: {type: string}
                    password: {type: string}
                    otp: {type: string}
                    provider: {type: string, enum: [db]}
                    refresh: {type: boolean}
          responses:
            200:
              description: The token, and one to renew it with when `refresh` was asked
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      access_token: {type: string}
                      refresh_token: {type: string}
            400:
              $ref: '#/components/responses/400'
            401:
              $ref: '#/components/responses/401'
        """
        sent = request.get_json(silent=True)
        given = sent if isinstance(sent, dict) else {}
        name, password, code = (given.get(key, "") for key in ("username", "password", "otp"))
        if not (isinstance(name, str) and isinstance(password, str) and isinstance(code, str) and name):
            return self.response_400(message=_("Send username and password as texts in a JSON object."))
        if given.get("provider", "db") != "db":
            return self.response_400(message=_("Tokens are given for name and password only (provider db)."))
        with unit_of_work(Actor.system("log-in"), Scope.system("log-in"), current_clock()) as unit:
            answer = _open(unit, name, password, code)
        if isinstance(answer, str):
            return self.response(401, message=answer)
        account, number = answer
        claims = {"sid": number}
        tokens = {
            "access_token": create_access_token(
                identity=str(account.id), fresh=True, additional_claims=claims
            )
        }
        if given.get("refresh"):
            tokens["refresh_token"] = create_refresh_token(identity=str(account.id), additional_claims=claims)
        return self.response(200, **tokens)

    @expose("/refresh", methods=["POST"])
    @public_route
    @jwt_required(refresh=True)
    def refresh(self) -> Response:
        """Another token for a session that still lives.
        ---
        post:
          responses:
            200:
              description: The token
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      access_token: {type: string}
            401:
              $ref: '#/components/responses/401'
          security:
            - jwt_refresh: []
        """
        claims = {"sid": get_jwt()["sid"]}
        token = create_access_token(identity=str(current_user.id), fresh=False, additional_claims=claims)
        return self.response(200, access_token=token)


def _open(unit: Unit, name: str, password: str, code: str) -> tuple[Account, int] | str:
    """The account and the number of its session, or the sentence that says why not."""
    found = attempt(unit, name, password)
    account = found.account
    if account is None:
        if found.code == "first_password_expired":
            return explain_fault(Fault("password", found.code))
        return wrong()
    factors = {"password"}
    if factors_of(unit.session, account.id):
        shown = next((f for check in one_time_codes if code and (f := check(unit, account.id, code))), None)
        if shown is None:
            if code:
                count_failure(unit, account.id, detail="wrong_code")
                return _("The code of the second factor is wrong or was used before.")
            _refused(unit, account, "second_factor_missing")
            return _("This account has a second factor: send its code as otp.")
        factors.add(shown)
    pending = pending_of(unit, account, frozenset(factors))
    if pending:
        _refused(unit, account, f"pending: {pending}")
        return {
            "password": _(
                "This password has to be changed first: log in on the page and choose another one."
            ),
            "factor": _("This account needs a second factor first: log in on the page and set one up."),
        }[pending.split()[0]]
    opening = opened(unit, account, frozenset(factors), kind="api")
    if isinstance(opening, str):
        return wrong()
    table = LoginSession.__table__
    number = unit.session.scalar(
        select(table.c.id).where(table.c.token_digest == digest_of_token(opening[0]))
    )
    assert number is not None, "just made"
    return account, number


def _refused(unit: Unit, account: Account, detail: str) -> None:
    note_security(
        unit,
        "log_in",
        "refused",
        subject=f"account:{account.id}",
        detail=f"{detail} (api)",
        user_id=account.id,
    )


def manager_answers(manager: Any) -> None:
    """What a token that is not accepted is answered: a sentence, and nothing about why."""

    def refused(*given: Any) -> tuple[dict[str, Any], int]:
        return {
            "status": 401,
            "message": _("The token is not valid (any more). Log in again for a new one."),
        }, 401

    for register in (
        manager.expired_token_loader,
        manager.invalid_token_loader,
        manager.unauthorized_loader,
        manager.revoked_token_loader,
        manager.user_lookup_error_loader,
        manager.needs_fresh_token_loader,
    ):
        register(refused)
