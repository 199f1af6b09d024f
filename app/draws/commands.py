"""`flask --app run draw ...`: verify a bundle, write one, make a commitment without a browser."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import click
from flask.cli import AppGroup

from app.audit.services import record
from app.directories.commands import acting
from app.draws import engine, queries
from app.draws.engine.seed import witness_commitment
from app.draws.queries.bundles import FULL, PUBLIC
from app.draws.rules import may_take_bundle
from app.kernel.errors import DomainError
from app.kernel.hashing import SHA256
from app.security.explain import explain
from app.security.rules import RoleName
from app.tasks.queries import active_agencies
from app.verifier import verify as verifier

draw_group = AppGroup("draw", help="Random draws: verify and take bundles, make a commitment.")


@draw_group.command("verify")
@click.argument("bundle", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(bundle: Path, as_json: bool) -> None:
    """Check a bundle with the independent verifier. Exit 0: no check failed, 1: one failed, 2: damaged."""
    if not bundle.is_file():
        raise click.UsageError(f"There is no file {bundle}.")
    raise SystemExit(verifier.main([str(bundle), *(["--json"] if as_json else [])]))


@draw_group.command("bundle")
@click.argument("draw_no")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where to write it."
)
@click.option("--edition", type=click.Choice([FULL, PUBLIC]), default=FULL, show_default=True)
@click.option("--as", "username", metavar="USER", required=True, help="The account that takes it.")
def bundle(draw_no: str, out: Path, edition: str, username: str) -> None:
    """Write the bundle of a draw; the full edition only for those who may have it, and logged."""
    try:
        with acting(username) as unit:
            draw = queries.by_no(unit.session, draw_no)
            if edition == FULL:
                actor = unit.actor
                own = queries.contribution_for(draw, actor.user_id, actor.agency_id)
                agencies = [agency.id for agency in active_agencies(draw.task)]
                auditor = RoleName.AUDITOR in actor.roles
                may_take_bundle(actor.agency_id, agencies, own is not None, auditor).require()
            content = queries.bundle(unit.session, draw, edition)
            record(unit, "bundle.taken", f"bundle:{draw_no}", {"draw_no": draw_no, "edition": edition})
    except DomainError as error:
        raise click.ClickException(explain(error)) from None
    out.write_bytes(content)
    click.echo(f"{out} ({len(content):,} bytes)")


@draw_group.command("commitment")
@click.argument("plan_hash")
@click.argument("witness")
@click.option("--number", prompt="Your number", hide_input=True, help="1 to 200 characters.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def commitment(plan_hash: str, witness: str, number: str, as_json: bool) -> None:
    """Make a commitment where no browser can. Keep the check code: it is needed for the reveal."""
    try:
        promised = bytes.fromhex(plan_hash)
        engine.require_value(number)
    except ValueError:
        raise click.UsageError("The hash of the plan has 64 hexadecimal digits.") from None
    except DomainError as error:
        raise click.ClickException(explain(error)) from None
    nonce = secrets.token_bytes(16)
    digest = witness_commitment(SHA256, promised, witness, number, nonce).hex()
    if as_json:
        click.echo(json.dumps({"commitment": digest, "nonce": nonce.hex()}))
    else:
        click.echo(f"commitment  {digest}\ncheck code  {nonce.hex()}")


GROUPS = [draw_group]
