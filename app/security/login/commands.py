"""`flask --app run accounts ...`: for operators who cannot reach the screens, logged as such."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager

import click
from flask import current_app
from flask.cli import AppGroup

from app.db import Actor, Unit, unit_of_work
from app.kernel.errors import DomainError, Fault, Invalid, NotFound
from app.security.explain import explain, explain_fault
from app.security.login.queries import find_account
from app.security.login.services import reset_password, unlock
from app.security.login.services.attempts import LEAST_REASON
from app.security.models import Account
from app.security.scope import Scope
from app.security.services import note_security

accounts_group = AppGroup("accounts", help="Accounts of people: unlock, give a new first password.")


@accounts_group.command("unlock")
@click.argument("name")
@click.option("--reason", required=True, help="Why; it stands in the security log.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def unlock_account(name: str, reason: str, as_json: bool) -> None:
    """Take the lock of an account away before its time. NAME: user name, phone number or mail address."""
    try:
        with _operating() as unit:
            account = _account(unit, name)
            unlock(unit, account.id, reason)
    except DomainError as error:
        raise click.ClickException(_sentences(error)) from None
    click.echo(json.dumps({"account": account.username, "locked": False}) if as_json else account.username)


@accounts_group.command("reset-password")
@click.argument("name")
@click.option("--reason", required=True, help="Why; it stands in the security log.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def reset(name: str, reason: str, as_json: bool) -> None:
    """Give an account a first password, print it once, and end all its sessions."""
    try:
        with _operating() as unit:
            if len(reason.strip()) < LEAST_REASON:
                raise Invalid(faults=[Fault("reason", "reason_short", least=LEAST_REASON)])
            account = _account(unit, name)
            word = reset_password(unit, account)
            note_security(
                unit, "password_changed", "ok", subject=f"account:{account.id}", detail=reason.strip()[:200]
            )
    except DomainError as error:
        raise click.ClickException(_sentences(error)) from None
    told = {"account": account.username, "first_password": word}
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else f"{account.username}: {word}")


def _operating() -> AbstractContextManager[Unit]:
    clock = current_app.extensions["clock"]
    return unit_of_work(Actor.system("cli"), Scope.system("an operator's command"), clock)


def _account(unit: Unit, name: str) -> Account:
    found = find_account(unit.session, name)
    if found is None:
        raise NotFound("no_such_account", name=name[:60])
    return found


def _sentences(error: DomainError) -> str:
    if isinstance(error, Invalid) and error.faults:
        return " ".join(explain_fault(fault) for fault in error.faults)
    return explain(error)


GROUPS = [accounts_group]
