"""Why the rule of a library takes a target in, or what of it does not fit, in plain words: part by part."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from app.directories.libraries.rules import SelectionRule
from app.directories.permits.models import Permit
from app.directories.permits.rules import PermitStatus
from app.directories.premises.models import Premises
from app.directories.premises.rules import PremisesStatus
from app.directories.targets.models import Industry, Target
from app.directories.targets.rules import TargetStatus
from app.security.models import Region
from app.security.protection.rules import Kind
from app.security.protection.showing import i_see


@dataclass(frozen=True)
class Reason:
    """One part of a rule against one target: what the target has of it, and whether that fits."""

    label: str
    words: str
    fits: bool


class Reasons:
    """What some rules look at in one target; each thing is read once for all of them, and only where one asks for
    it: four queries at most.
    """

    def __init__(self, session: Session, target: Target, day: date, rules: Sequence[SelectionRule]) -> None:
        self._session, self._target, self._day = session, target, day
        self._regions = self._read_regions({code for rule in rules for code in rule.regions})
        self._industries = self._read_industries({code for rule in rules for code in rule.industries})
        self._held: list[tuple[str, str, date | None]] | None = None
        self._used: list[tuple[str, str]] | None = None

    def of(self, rule: SelectionRule) -> list[Reason]:
        parts: list[tuple[str, Sequence[str], Callable[[Sequence[str]], tuple[str, bool]]]] = [
            (_("Who belongs"), rule.by_hand, lambda values: (_("Only who is added by hand"), False)),
            (_("Kind of target"), rule.kinds, self._kind),
            (_("Industry"), rule.industries, self._industry),
            (_("Region"), rule.regions, self._region),
            (_("Credit risk"), rule.classes if i_see(Kind.RISK_CLASS) else (), self._class),
            (_("Specialties needed"), rule.tags, self._tags),
            (_("Permits"), rule.permits, self._permits),
            (_("Premises"), rule.premises, self._premises),
            (_("Last check"), rule.not_checked_since, lambda values: self._checked(rule)),
            (_("Status"), rule.status, self._status),
        ]
        return [Reason(label, *judge(values)) for label, values, judge in parts if values]

    def _kind(self, codes: Sequence[str]) -> tuple[str, bool]:
        return str(self._target.kind_row), self._target.kind in codes

    def _class(self, letters: Sequence[str]) -> tuple[str, bool]:
        return self._target.risk_class, self._target.risk_class in letters

    def _status(self, values: Sequence[str]) -> tuple[str, bool]:
        return _(TargetStatus(self._target.status).label), self._target.status in values

    def _tags(self, names: Sequence[str]) -> tuple[str, bool]:
        common = [name for name in self._target.tags if name in names]
        return _listed(common) if common else _("none of these"), bool(common)

    def _industry(self, codes: Sequence[str]) -> tuple[str, bool]:
        industry = self._target.industry
        if industry is None:
            return _("none is stored"), False
        above = {code: name for code, name in self._industries.items() if code in codes}
        return _within(str(industry), above, industry.code), bool(above)

    def _region(self, codes: Sequence[str]) -> tuple[str, bool]:
        region = self._target.region
        above = {code: name for code, name in self._regions.items() if code in codes}
        return _within(region.name, above, region.code), bool(above)

    def _read_regions(self, codes: Collection[str]) -> dict[str, str]:
        """Of these regions those that the target lies in, with their names."""
        if not codes:
            return {}
        path = self._target.region.path
        rows = self._session.execute(
            select(Region.code, Region.name, Region.path).where(Region.code.in_(codes))
        )
        return {code: name for code, name, top in rows if path == top or path.startswith(top + "/")}

    def _read_industries(self, codes: Collection[str]) -> dict[str, str]:
        """Of these sections and beginnings of codes those that the target falls under, with their names."""
        industry = self._target.industry
        if not codes or industry is None:
            return {}
        own = [industry.code[:length] for length in (2, 3, 4)]
        section = select(Industry.parent_code).where(Industry.code == own[0]).scalar_subquery()
        query = select(Industry.code, Industry.name).where(
            Industry.code.in_(codes), or_(Industry.code.in_(own), Industry.code == section)
        )
        return {code: f"{code} {name}" for code, name in self._session.execute(query)}

    def _permits(self, kinds: Sequence[str]) -> tuple[str, bool]:
        if self._held is None:
            valid = select(Permit).where(
                Permit.target_id == self._target.id,
                Permit.status == PermitStatus.VALID.value,
                or_(Permit.valid_until.is_(None), Permit.valid_until >= self._day),
                or_(Permit.valid_from.is_(None), Permit.valid_from <= self._day),
            )
            rows = self._session.scalars(valid.options(joinedload(Permit.kind_row)))
            self._held = [(row.kind, f"{row.kind_row.name} {row.number}", row.valid_until) for row in rows]
        found = [(words, until) for kind, words, until in self._held if kind in kinds]
        if not found:
            return _("none of these is valid today"), False
        said = [
            _("%(permit)s, valid until %(day)s", permit=words, day=until.isoformat()) if until else words
            for words, until in found
        ]
        return _listed(said), True

    def _premises(self, kinds: Sequence[str]) -> tuple[str, bool]:
        if self._used is None:
            query = select(Premises.kind, Premises.name).where(
                Premises.target_id == self._target.id, Premises.status == PremisesStatus.USED.value
            )
            self._used = [(kind, name) for kind, name in self._session.execute(query)]
        found = [name for kind, name in self._used if kind in kinds]
        return _listed(found) if found else _("none of these"), bool(found)

    def _checked(self, rule: SelectionRule) -> tuple[str, bool]:
        last = self._target.last_checked_on
        if last is None:
            return _("never checked"), True
        before = rule.checked_before(self._day)
        return last.isoformat(), before is not None and last < before


def _within(own: str, above: Mapping[str, str], code: str) -> str:
    """The target's own value, and under which value of the rule it falls where that is a wider one."""
    if not above or code in above:
        return own
    return _("%(own)s, part of %(above)s", own=own, above=next(iter(above.values())))


def _listed(words: Iterable[str]) -> str:
    return "、".join(words)
