"""`flask --app run demo ...`."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from app.kernel.errors import Refused
from app.security.explain import explain
from app.web.lifecycle import load_demo

demo_group = AppGroup("demo", help="The demonstration: fictional people and enterprises on the real lists.")


@demo_group.command("load")
@click.option("--i-know", is_flag=True, help="Load it into a database that is not the embedded one.")
def load(i_know: bool) -> None:
    """Load the demo into an empty database. The database carries its mark for ever."""
    settings = current_app.extensions["settings"]
    if not settings.embedded and not i_know:
        raise click.ClickException("This is not the embedded database. To load the demo here, add --i-know.")
    try:
        loaded = load_demo(settings)
    except Refused as refusal:
        raise click.ClickException(explain(refusal)) from None
    click.echo("The demo is loaded." if loaded else "The demo is already there; nothing was changed.")
