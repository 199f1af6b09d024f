"""`flask --app run keys list`, `keys rotate`."""

from __future__ import annotations

import json

import click
from flask import current_app
from flask.cli import AppGroup

from app.db import Actor, db, unit_of_work
from app.jobs.services import enqueue
from app.kernel.errors import DomainError
from app.ops.keys.jobs import JOB, one_batch
from app.security.explain import explain
from app.security.protection import rotation
from app.security.protection.ciphers import CipherName
from app.security.scope import Scope

keys_group = AppGroup("keys", help="The keys of personal data at rest.")


@keys_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def list_keys(as_json: bool) -> None:
    """The keys that this database knows, and how many rows still wait for the active one."""
    session = db.session()
    session.info.update(scope=Scope.system("command line"))
    keys, left = rotation.described(session), sum(rotation.left(session).values())
    if as_json:
        click.echo(json.dumps({"keys": keys, "left": left}))
        return
    for key in keys:
        click.echo(f"{key['code']:<8} {key['state']:<8} {key['cipher']:<12} since {key['since']}")
    click.echo(f"left     {left}")


@keys_group.command("rotate")
@click.option("--cipher", type=click.Choice([c.value for c in CipherName]), help="Default: the setting.")
@click.option("--now", is_flag=True, help="Seal everything anew here instead of by a job.")
def rotate(cipher: str | None, now: bool) -> None:
    """Make a new active key and seal everything with it. Safe to repeat when it was stopped."""
    settings, clock = current_app.extensions["settings"], current_app.extensions["clock"]
    actor, scope = Actor.system("cli"), Scope.system("command line")
    try:
        with unit_of_work(actor, scope, clock) as unit:
            waiting = sum(rotation.left(unit.session).values())
            number = rotation.current_keyring().active
            if not waiting:
                number = rotation.begin(unit, CipherName(cipher or settings.data_cipher))
            if not now:
                enqueue(unit, JOB, f"rotate:{number}:0", {"key": number}, reason="change of keys")
    except DomainError as error:
        raise click.ClickException(explain(error)) from error
    click.echo(f"key:{number} is the active one.")
    if now:
        with unit_of_work(actor, scope, clock) as unit:
            rows, reached = 0, {}
            while sealed := one_batch(unit, reached):
                rows += sealed
            retired = rotation.retire(unit)
        click.echo(f"{rows} rows sealed anew; retired: {', '.join(retired) or '-'}")


GROUPS = [keys_group]
