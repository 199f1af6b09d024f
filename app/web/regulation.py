"""The rules as pages and as a command: what each says, and where it lives."""

from __future__ import annotations

from typing import Any

import click
from flask.cli import AppGroup
from flask_appbuilder import expose
from flask_babel import lazy_gettext as _l

from app.regulation.articles import show
from app.regulation.registry import UnknownRule, rules
from app.security.access import public_route
from app.security.menu import MenuItem, add_menu
from app.security.views import PortalView


class RegulationView(PortalView):
    """Every rule with its text, one click away from the screens that name it."""

    route_base = "/regulation"
    default_view = "index"

    @expose("/")
    @public_route
    def index(self) -> str:
        return self.render("web/regulation.html", rules=list(rules().values()))


MENU = MenuItem("sum_up", _l("The regulation"), "RegulationView.index", "gavel", ("signed_in", ""), order=900)


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(RegulationView)
    add_menu(MENU)


regulation_group = AppGroup("regulation", help="The rules of the regulation and where they live.")


@regulation_group.command("show")
@click.argument("article")
def show_command(article: str) -> None:
    """Print rules, functions, files and tests of an ARTICLE: 23, 23.1, R-23.1 or N-1."""
    try:
        click.echo(show(article))
    except UnknownRule:
        raise click.ClickException(
            f"The regulation has no article {article!r} here; try 23, 23.1 or N-1."
        ) from None
