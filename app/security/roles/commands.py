"""`flask --app run setup begin|status`."""

from __future__ import annotations

import json

import click
from flask import current_app
from flask.cli import AppGroup

from app.db import Actor, unit_of_work
from app.kernel.errors import DomainError
from app.security.explain import explain
from app.security.roles.services import setting_up
from app.security.scope import Scope

group = AppGroup("setup", help="Set an installation up: the first administrators.")


@group.command("begin")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def begin(as_json: bool) -> None:
    """Print the one-time address that makes the first administrators. There is no default account."""
    app = current_app
    try:
        with unit_of_work(Actor.system("cli"), Scope.system("set-up"), app.extensions["clock"]) as unit:
            code = setting_up.begin_set_up(unit)
    except DomainError as error:
        with app.test_request_context():
            raise click.ClickException(explain(error)) from error
    base = app.extensions["settings"].base_url
    if as_json:
        click.echo(json.dumps({"url": f"{base}/setup/", "code": code, "hours": setting_up.HOURS}))
        return
    click.echo(f"Open {base}/setup/ within {setting_up.HOURS} hours and enter this code, once:")
    click.echo(code)


@group.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status(as_json: bool) -> None:
    """Say whether the set-up was done, is open, or waits to be begun."""
    app = current_app
    with unit_of_work(Actor.system("cli"), Scope.system("set-up"), app.extensions["clock"]) as unit:
        if setting_up.is_closed(unit.session, unit.clock):
            state = "closed"
        else:
            state = "open" if setting_up.is_open(unit.session, unit.clock) else "not begun"
    click.echo(json.dumps({"set_up": state}) if as_json else state)


GROUPS = [group]
