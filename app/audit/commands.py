"""`flask --app run audit verify`."""

from __future__ import annotations

import json

import click
from flask import current_app
from flask.cli import AppGroup

from app.audit.verify import verify_log
from app.db import db

group = AppGroup("audit", help="The sealed log of events.")


@group.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(as_json: bool) -> None:
    """Recompute the log and compare it with its signed heads, in the database and outside it."""
    app = current_app
    verdict = verify_log(
        db.engine.engine, app.extensions["settings"].log_key_dir, app.extensions["clock"].now()
    )
    if as_json:
        click.echo(json.dumps(verdict.as_json(), ensure_ascii=False))
    else:
        click.echo(f"entries    {verdict.entries}")
        click.echo(f"head       {verdict.head or '-'}")
        click.echo(f"verdict    {verdict.verdict}")
        click.echo(f"first bad  {'-' if verdict.first_bad is None else verdict.first_bad}")
        click.echo(f"detail     {verdict.detail}")
    if verdict.verdict != "ok":
        raise SystemExit(1)


GROUPS = [group]
