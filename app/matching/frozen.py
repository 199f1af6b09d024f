"""The frozen inputs of one agency's matching, read back from the record of the draw."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.draws.models import Draw, DrawnTarget
from app.draws.queries import read_file
from app.matching import engine

FIRST_CODE = b""
"""Code of batch 0."""


@dataclass(frozen=True)
class Frozen:
    """Roster, recusals and needs of `agency`, as they were before the seed."""

    agency: str
    needs: engine.Needs
    roster: tuple[engine.Inspector, ...]
    recusals: tuple[engine.Recusal, ...]
    tickets: engine.Tickets | None


def agency_codes(draw: Draw) -> list[str]:
    return sorted((draw.plan or {}).get("matching") or {})


def read_frozen(session: Session, draw: Draw, agency: str) -> Frozen:
    """:raises NotFound: when the draw knows no such agency"""
    plan = draw.plan or {}
    _, roster = engine.parse_roster(read_file(session, draw.id, f"matching/{agency}/roster.tsv").decode())
    _, recusals = engine.parse_recusals(
        read_file(session, draw.id, f"matching/{agency}/recusals.tsv").decode()
    )
    needs = engine.AgencyPlan.read(plan["matching"][agency]).needs
    tickets = None
    if draw.seed is not None:
        tickets = engine.Tickets(plan["hash"], bytes.fromhex(draw.seed), draw.draw_no, agency, FIRST_CODE)
    return Frozen(agency, needs, roster, recusals, tickets)


def target_of(row: DrawnTarget) -> engine.Target:
    return engine.Target(row.code, row.region_code, tuple(tag for tag in row.tags.split(",") if tag))
