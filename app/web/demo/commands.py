"""`flask --app run demo ...`."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from app.directories.inspectors.models import Inspector
from app.draws.queries import by_no
from app.draws.queries.bundles import bundle
from app.kernel.errors import DomainError
from app.matching.models import Assignment
from app.matching.rules import AssignmentState
from app.security.explain import explain
from app.security.models import Account, Agency
from app.tasks.models import Task
from app.web.demo.actors import acting_as, looking
from app.web.demo.checking import archived_task, checked_task
from app.web.demo.drawing import draw_no_of, matched_draw
from app.web.demo.planning import answered_task, published_entry
from app.web.lifecycle import load_demo
from app.web.mark import has_demo_mark

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
    except DomainError as refusal:
        raise click.ClickException(explain(refusal)) from None
    click.echo("The demo is loaded." if loaded else "The demo is already there; nothing was changed.")


@demo_group.command("journey")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def journey(as_json: bool) -> None:
    """Play the whole loop once, through the services, each step by the account whose job it is."""
    if not has_demo_mark():
        raise click.ClickException(
            "The journey is played on the demo only. Load it first: flask --app run demo load"
        )
    try:
        found = _play(quiet=as_json)
    except DomainError as error:
        raise click.ClickException(explain(error)) from None
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for name, value in found.items():
        click.echo(f"{name}: {value}")


def _play(quiet: bool) -> dict[str, str]:
    def say(text: str) -> None:
        if not quiet:
            click.echo(text, err=True)

    say("plan: reported, taken into the joint plan, approved, published")
    entry = published_entry()
    say("task: made, pushed, accepted")
    task_id = answered_task(entry)
    say("draw: frozen, three contributions, drawn, matched")
    draw_id = matched_draw(task_id, entry)
    say("checks: forms, reviews, publication, follow-up")
    checked_task(task_id, entry)
    say("dossiers")
    archived_task(task_id, entry)
    draw_no = draw_no_of(draw_id)
    with acting_as("auditor") as unit:
        content = bundle(unit.session, by_no(unit.session, draw_no), "full")
    folder: Path = current_app.extensions["settings"].home / "journey"
    folder.mkdir(exist_ok=True)
    path = folder / f"{draw_no}.zip"
    path.write_bytes(content)
    with looking("the journey's numbers") as unit:
        task = unit.session.get(Task, task_id)
        return {
            "plan": entry.plan_no,
            "task": task.no,
            "draw": draw_no,
            "state": task.state,
            "bundle": str(path),
        }


@demo_group.command("who-is-matched")
@click.argument("draw_no")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def who_is_matched(draw_no: str, as_json: bool) -> None:
    """Name the accounts of the inspectors who are matched in a draw."""
    if not has_demo_mark():
        raise click.ClickException("Only the demo tells who is matched.")
    try:
        with looking("who is matched") as unit:
            draw = by_no(unit.session, draw_no)
            rows = unit.session.execute(
                select(
                    Account.username, Inspector.name, Agency.code, Assignment.role, Assignment.drawn_target_id
                )
                .join(Inspector, Inspector.id == Assignment.inspector_id)
                .join(Account, Account.id == Inspector.user_id)
                .join(Agency, Agency.id == Assignment.agency_id)
                .where(
                    Assignment.draw_id == draw.id,
                    Assignment.state.in_([AssignmentState.PROPOSED.value, AssignmentState.CONFIRMED.value]),
                )
                .order_by(Agency.code, Assignment.drawn_target_id, Assignment.role, Account.username)
            ).all()
    except DomainError as error:
        raise click.ClickException(explain(error)) from None
    found = [
        {"account": account, "name": name, "agency": agency, "role": role, "drawn_target": drawn}
        for account, name, agency, role, drawn in rows
    ]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for row in found:
        click.echo(f"{row['agency']:<16} {row['account']:<14} {row['role']:<7} {row['name']}")
