"""Rules in words, choices of their forms, and rules as filters of the list and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.directories.libraries.forms import SelectionForm, since_data
from app.directories.libraries.models import Library
from app.directories.libraries.rules import SelectionRule
from app.directories.permits.models import PermitKind
from app.directories.premises.models import PremisesKind
from app.directories.targets.models import Industry
from app.directories.targets.queries import kinds as target_kinds
from app.directories.targets.queries import specialty_names
from app.directories.targets.rules import TargetStatus
from app.directories.targets.since import Since, checked_before, widest
from app.kernel.clock import today
from app.security.context import current_clock
from app.security.models import Region
from app.security.protection.rules import Kind
from app.security.protection.showing import i_see

FILTERS = {
    "kind": "kinds",
    "industry": "industries",
    "region": "regions",
    "risk_class": "classes",
    "status": "status",
    "tag": "tags",
    "permit": "permits",
    "premises": "premises",
    "not_checked_since": "not_checked_since",
}
"""Filters of the list of targets, and the parts of a rule that say the same."""


def offer_choices(session: Session, form: SelectionForm) -> None:
    """The choices of a selection's form, with the names of what is chosen."""
    names = {
        "industries": _names(session, Industry, form.industries.data or []),
        "regions": _names(session, Region, form.regions.data or []),
    }
    form.offer(
        [(kind.code, kind.name) for kind in target_kinds(session)],
        specialty_names(session),
        names,
        _vocabulary(session, PermitKind),
        _vocabulary(session, PremisesKind),
    )
    if not i_see(Kind.RISK_CLASS):
        form.classes.choices = []


def _vocabulary(session: Session, model: Any) -> list[tuple[str, str]]:
    return [
        (row.code, row.name) for row in session.scalars(select(model).order_by(model.position, model.code))
    ]


def _names(session: Session, model: Any, codes: Sequence[str]) -> dict[str, str]:
    if not codes:
        return {}
    return {row.code: str(row) for row in session.scalars(select(model).where(model.code.in_(codes)))}


def rule_words(session: Session, rule: SelectionRule) -> list[tuple[str, str]]:
    """The parts of a selection in words, for a list of facts."""
    kinds = {kind.code: kind.name for kind in target_kinds(session)} if rule.kinds else {}
    industries = _names(session, Industry, rule.industries)
    regions = _names(session, Region, rule.regions)
    permits = dict(_vocabulary(session, PermitKind)) if rule.permits else {}
    premises = dict(_vocabulary(session, PremisesKind)) if rule.premises else {}
    named: dict[str, str] = {}
    if rule.libraries:
        ids = [int(value) for value in rule.libraries]
        query = select(Library.id, Library.name).where(Library.id.in_(ids))
        named = {str(number): name for number, name in session.execute(query)}
    parts = [
        (_("Who belongs"), [_("Only who is added by hand")] if rule.by_hand else []),
        (_("Libraries"), [named.get(value, value) for value in rule.libraries]),
        (_("Kinds of targets"), [kinds.get(code, code) for code in rule.kinds]),
        (_("Industries"), [industries.get(code, code) for code in rule.industries]),
        (_("Regions"), [regions.get(code, code) for code in rule.regions]),
        (_("Credit-risk classes"), list(rule.classes) if i_see(Kind.RISK_CLASS) else []),
        (_("Specialties needed"), list(rule.tags)),
        (_("Holds a permit"), [permits.get(code, code) for code in rule.permits]),
        (_("Uses premises"), [premises.get(code, code) for code in rule.premises]),
        (_("Not checked since"), [since_words(value) for value in rule.not_checked_since]),
        (_("Status"), [_(TargetStatus(status).label) for status in rule.status]),
    ]
    return [(label, "、".join(words)) for label, words in parts if words]


def to_filters(rule: SelectionRule) -> dict[str, list[str]]:
    """The rule as arguments of the list of targets."""
    parts = rule.to_json()
    return {key: parts[part] for key, part in FILTERS.items() if part in parts}


def from_filters(filters: Mapping[str, Sequence[str]]) -> tuple[dict[str, Any], list[str]]:
    """Data of the form, and the keys of filters that no rule can say."""
    found: dict[str, Any] = {}
    left: list[str] = []
    for key, values in filters.items():
        part = FILTERS.get(key)
        if part is None:
            left.append(key)
        elif part == "not_checked_since":
            found |= since_data(widest(values, today(current_clock())))
        else:
            found[part] = list(values)
    return found, left


def since_words(value: str) -> str:
    """What a rule says of the last check; what is relative with the day that it means now."""
    if value not in set(Since):
        return value
    before = checked_before(value, today(current_clock()))
    words = _(Since(value).label)
    return (
        words if before is None else _("%(words)s (now: before %(day)s)", words=words, day=before.isoformat())
    )
