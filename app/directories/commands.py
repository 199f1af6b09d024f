"""`flask --app run import ...`: spreadsheets into the directories. Higher domains add their own command."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from app.db import Actor, Unit, db, unit_of_work
from app.directories.importing.reports import as_report, refusal_report
from app.directories.inspectors.services import import_inspectors
from app.directories.rules import ImportMode
from app.directories.targets.services import import_targets
from app.kernel.clock import today
from app.kernel.errors import DomainError, Invalid
from app.security.explain import explain
from app.security.models import Account
from app.security.queries import actor_of, agency_by_code, memberships_of, scope_for
from app.security.scope import Scope
from app.security.scoping import unscoped

BAD_ROWS = 3
Command = TypeVar("Command", bound=Callable[..., Any])

import_group = AppGroup("import", help="Take over spreadsheets: targets, inspectors, items.")


@contextmanager
def acting(username: str | None, agency_id: int | None = None) -> Iterator[Unit]:
    """A unit of work of a named account (under the membership at the agency, else the first), or of `cli`.

    :raises click.ClickException: there is no such account, or it has no membership
    """
    clock = current_app.extensions["clock"]
    session = db.session()
    if username is None:
        with unit_of_work(Actor.system("cli"), Scope.system("command line"), clock) as unit:
            yield unit
        return
    with unscoped(session, "an account by its name"):
        account = session.scalars(select(Account).where(Account.username == username, Account.active)).first()
        mine = memberships_of(session, account.id) if account else []
    if not mine:
        raise click.ClickException(f"There is no active account {username} with a membership.")
    chosen = next((m for m in mine if agency_id is not None and m.agency_id == agency_id), mine[0])
    day = today(clock)
    with unit_of_work(actor_of(chosen, day), scope_for(session, chosen, day), clock) as unit:
        yield unit


def import_options(command: Command) -> Command:
    """The arguments that every import has in common."""
    options = [
        click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
        click.option("--agency", metavar="CODE", help="Into the rows of this agency."),
        click.option("--key", type=click.Choice(["code"]), default="code", help="How rows are recognised."),
        click.option(
            "--mode",
            type=click.Choice([m.value for m in ImportMode]),
            default=ImportMode.UPDATE.value,
            help="add: only new rows; update: new and changed; sync: besides, close what the file lacks.",
        ),
        click.option("--dry-run", is_flag=True, help="Check and compare; change nothing."),
        click.option("--skip-bad", is_flag=True, help="Go on without the rows that have faults."),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
        click.option(
            "--as", "username", metavar="USER", help="The account that acts; without it the system."
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@import_group.command("targets")
@import_options
def targets(**arguments: Any) -> None:
    """Targets from FILE (XLSX or CSV). Without --agency: into the base directory."""
    run_import(import_targets, **arguments)


@import_group.command("inspectors")
@import_options
def inspectors(**arguments: Any) -> None:
    """Inspectors from FILE (XLSX or CSV). Rows name their agency, or --agency does."""
    run_import(import_inspectors, **arguments)


def run_import(
    importer: Callable[..., Any],
    file: Path,
    agency: str | None,
    key: str,
    mode: str,
    dry_run: bool,
    skip_bad: bool,
    as_json: bool,
    username: str | None,
) -> None:
    """Run an importer, print its report, and end with the exit code of the interface."""
    try:
        agency_id = _agency_id(agency)
        with acting(username, agency_id) as unit:
            outcome = importer(
                unit,
                file.read_bytes(),
                file.name,
                agency_id=agency_id,
                mode=ImportMode(mode),
                dry_run=dry_run,
                skip_bad=skip_bad,
                progress=None if as_json or not sys.stderr.isatty() else _show_progress,
            )
        report = as_report(outcome)
    except Invalid as error:
        report = refusal_report(error.faults)
        report["bad"] = report["bad"] or len(error.faults)
    except DomainError as error:
        raise click.ClickException(explain(error)) from None
    _print(report, as_json)
    done = report["committed"] or (dry_run and not report["bad"])
    if not done:
        sys.exit(BAD_ROWS)


def _agency_id(code: str | None) -> int | None:
    if code is None:
        return None
    session = db.session()
    with unscoped(session, "an agency by its code"):
        agency = agency_by_code(session, code)
    if agency is None:
        raise click.ClickException(f"There is no agency {code}.")
    return agency.id


def _show_progress(done: int, total: int | None) -> None:
    click.echo(f"\r{done:,} / {total or done:,}", err=True, nl=done == total)


def _print(report: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False))
        return
    for error in report["errors"]:
        place = " ".join(str(part) for part in (error["sheet"], error["row"], error["column"]) if part)
        click.echo(f"{place}: {error['message']} [{error['value']}]", err=True)
    figures = ("rows", "new", "changed", "unchanged", "closed", "bad")
    click.echo(", ".join(f"{name} {report[name]:,}" for name in figures))
    click.echo("committed" if report["committed"] else "nothing was changed")


GROUPS = [import_group]
