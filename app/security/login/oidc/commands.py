"""`flask --app run sso ...`: for operators, logged as such."""

from __future__ import annotations

import json

import click
from flask import current_app
from flask.cli import AppGroup

from app.db import Actor, unit_of_work
from app.kernel.errors import DomainError, NotFound
from app.security.explain import explain
from app.security.login.oidc.services import unlink
from app.security.login.queries import find_account
from app.security.scope import Scope

group = AppGroup("sso", help="Single sign-on: which account belongs to whom at the provider.")


@group.command("unlink")
@click.argument("name")
@click.option("--reason", required=True, help="Why; it stands in the security log.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def unlink_account(name: str, reason: str, as_json: bool) -> None:
    """Forget whom an account belongs to at the provider; the next sign-on looks it up anew."""
    clock = current_app.extensions["clock"]
    try:
        with unit_of_work(Actor.system("cli"), Scope.system("an operator's command"), clock) as unit:
            account = find_account(unit.session, name)
            if account is None:
                raise NotFound("no_such_account", name=name[:60])
            taken = unlink(unit, account.id, reason)
    except DomainError as error:
        raise click.ClickException(explain(error)) from None
    told = {"account": account.username, "unlinked": taken}
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else f"{account.username}: {taken}")


GROUPS = [group]
