"""On a target's page: the libraries it belongs to, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, render_template
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.directories.libraries.queries.belonging import Belonging, libraries_of
from app.directories.libraries.rules import LibraryKind, SelectionRule
from app.directories.libraries.views.why import Reason, Reasons
from app.directories.targets import Panel, panels
from app.kernel.clock import today
from app.security.context import current_clock


@dataclass(frozen=True)
class Line:
    """`reasons`: of a target that the rule takes in every part of it, of another one the parts that do not fit."""

    one: Belonging
    kind: LibraryKind
    reasons: list[Reason]


def _render(session: Session, target: Any) -> str | None:
    if not current_app.appbuilder.sm.has_access("can_list", "LibraryView"):
        return None
    found = libraries_of(session, target.id)
    if not found:
        return None
    rules = [SelectionRule.from_json(one.library.rule) for one in found]
    why = Reasons(session, target, today(current_clock()), rules)
    lines = [_line(one, why.of(rule)) for one, rule in zip(found, rules, strict=True)]
    return render_template("libraries/_panel.html", lines=lines)


def _line(one: Belonging, said: list[Reason]) -> Line:
    return Line(one, LibraryKind(one.library.kind), [part for part in said if part.fits == one.by_rule])


PANEL = Panel(_l("Libraries"), _render)


def register() -> None:
    panels.add(PANEL, 30)
