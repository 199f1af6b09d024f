"""To which libraries one target belongs, and why."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import false, literal, or_, select, true
from sqlalchemy.orm import Session

from app.directories.libraries.models import Library, LibraryPick
from app.directories.libraries.queries.reading import libraries
from app.directories.libraries.queries.selecting import rule_criterion
from app.directories.libraries.rules import LibrarySubject, SelectionRule
from app.directories.targets.models import Target
from app.security.models import Region
from app.security.scoping import scoped_select


@dataclass(frozen=True)
class Belonging:
    """`by_rule`: the rule takes it in; `pick`: added or excluded by hand, with the reason."""

    library: Library
    by_rule: bool
    pick: LibraryPick | None

    @property
    def belongs(self) -> bool:
        return self.pick.included if self.pick is not None else self.by_rule


def libraries_of(session: Session, target_id: int) -> list[Belonging]:
    """Libraries within reach to which the target belongs, or from which it is excluded by hand. Five queries."""
    known = libraries(session, subject=LibrarySubject.TARGETS.value)
    if not known:
        return []
    rules = [SelectionRule.from_json(library.rule) for library in known]
    around = _regions_around(session, target_id, {code for rule in rules for code in rule.regions})
    fits = [
        rule_criterion(
            session, rule, within=lambda codes: true() if around.intersection(codes) else false()
        ).label(f"fits_{library.id}")
        for library, rule in zip(known, rules, strict=True)
    ]
    row = session.execute(
        scoped_select(session, Target, literal(1), *fits).where(Target.__table__.c.id == target_id)
    ).first()
    picks = {
        pick.library_id: pick
        for pick in session.scalars(
            select(LibraryPick).where(
                LibraryPick.target_id == target_id, LibraryPick.library_id.in_([one.id for one in known])
            )
        )
    }
    found = [
        Belonging(library, bool(row and row[1 + place]), picks.get(library.id))
        for place, library in enumerate(known)
    ]
    return [one for one in found if one.belongs or one.pick is not None]


def _regions_around(session: Session, target_id: int, codes: set[str]) -> set[str]:
    """Of these regions those in which the target lies: one question for the rules of all libraries."""
    if not codes:
        return set()
    own, top = Region.__table__.alias("own"), Region.__table__.alias("top")
    target = Target.__table__.c
    query = (
        scoped_select(session, Target, top.c.code)
        .join(own, own.c.id == target.region_id)
        .join(top, or_(own.c.path == top.c.path, own.c.path.like(top.c.path + "/%")))
        .where(target.id == target_id, top.c.code.in_(sorted(codes)))
    )
    return set(session.scalars(query))
