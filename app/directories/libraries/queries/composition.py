"""What a library consists of: figures by class, kind, region and section of industry, kept while they are dear."""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.directories.libraries.models import Library
from app.directories.libraries.queries.selecting import in_libraries
from app.directories.outside.queries import is_outside
from app.directories.targets.models import Industry, Target, TargetKind
from app.directories.targets.rules import TargetStatus
from app.security.models import Region
from app.security.scoping import scope_of, scoped_select

DEAR = 1.0
"""Seconds from which on figures are kept."""
FRESH = timedelta(minutes=10)
MOST_KEPT = 200
MOST_LINES = 15

_T = Target.__table__.c
_Figures = dict[Any, tuple[int, int]]


@dataclass(frozen=True)
class Line:
    """One bar: code, name and number; `eligible` of them can be drawn."""

    code: str
    name: str
    rows: int
    eligible: int


@dataclass(frozen=True)
class Composition:
    """Figures at `counted_at`, which took `seconds`; regions beyond the first lines stand together."""

    total: int
    eligible: int
    outside: int
    classes: tuple[Line, ...]
    kinds: tuple[Line, ...]
    regions: tuple[Line, ...]
    sections: tuple[Line, ...]
    counted_at: datetime
    seconds: float
    kept: bool = False


_kept: OrderedDict[tuple[Any, ...], Composition] = OrderedDict()


def composition(session: Session, library: Library, now: datetime, *, anew: bool = False) -> Composition:
    """The figures as they are now, or those that took more than a second, for ten minutes.

    :param anew: count again, whatever is kept
    """
    key = (
        str(session.get_bind().engine.url),
        library.id,
        library.version,
        library.changed_at,
        scope_of(session).settings,
    )
    known = _kept.get(key)
    if known is not None and not anew and now - known.counted_at < FRESH:
        return known
    begun = perf_counter()
    found = _count(session, library, now, begun)
    if found.seconds >= DEAR:
        _kept[key] = Composition(**{**found.__dict__, "kept": True})
        _kept.move_to_end(key)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return found


def _count(session: Session, library: Library, now: datetime, begun: float) -> Composition:
    """One pass over the members for each part, one over those outside random selection, and the names.

    A grouping by one part is small and shared by several processes; one by all parts at once, or grouping sets,
    took longer at a million rows.
    """
    parts = (_T.risk_class, _T.kind, _T.region_id, func.substr(_T.industry_code, 1, 2))
    able = func.count().filter(_T.status != TargetStatus.CLOSED.value)
    inside = in_libraries(session, [library.id])
    figures: list[_Figures] = []
    for part in parts:
        grouped = scoped_select(session, Target, part, func.count(), able).where(inside).group_by(part)
        figures.append({key: (rows, eligible) for key, rows, eligible in session.execute(grouped)})
    marked = scoped_select(session, Target, *parts, able, func.count())
    marked = marked.where(inside, is_outside()).group_by(*parts)
    left_out = 0
    for *keys, eligible, number in session.execute(marked):
        left_out += number
        for figure, key in zip(figures, keys, strict=True):
            figure[key] = (figure[key][0], figure[key][1] - eligible)
    classes, kinds, regions, divisions = figures
    return Composition(
        total=sum(n for n, _ in classes.values()),
        eligible=sum(n for _, n in classes.values()),
        outside=left_out,
        classes=tuple(Line(c, c, *classes[c]) for c in sorted(classes)),
        kinds=_named(session, kinds, TargetKind.code, TargetKind.name),
        regions=_shortened(_named(session, regions, Region.id, Region.name)),
        sections=_sections(session, divisions),
        counted_at=now,
        seconds=perf_counter() - begun,
    )


def _named(session: Session, figures: _Figures, key: Any, name: Any) -> tuple[Line, ...]:
    names = dict(session.execute(select(key, name).where(key.in_(list(figures)))).all()) if figures else {}
    lines = [Line(str(code), names.get(code, str(code)), *n) for code, n in figures.items()]
    return tuple(sorted(lines, key=lambda line: (-line.rows, line.code)))


def _shortened(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    if len(lines) <= MOST_LINES:
        return lines
    rest = lines[MOST_LINES - 1 :]
    others = Line("", "", sum(line.rows for line in rest), sum(line.eligible for line in rest))
    return (*lines[: MOST_LINES - 1], others)


def _sections(session: Session, figures: _Figures) -> tuple[Line, ...]:
    """Divisions put together to sections; targets without an industry stand last, under no code."""
    rows = session.execute(
        select(Industry.code, Industry.parent_code, Industry.name).where(func.length(Industry.code) <= 2)
    ).all()
    above = {code: parent for code, parent, _ in rows}
    names = {code: name for code, _, name in rows}
    whole, able = Counter[str](), Counter[str]()
    for division, (n, eligible) in figures.items():
        section = above.get(division) or "" if division else ""
        whole[section] += n
        able[section] += eligible
    return tuple(
        Line(code, names.get(code, ""), whole[code], able[code])
        for code in sorted(whole, key=lambda code: (not code, code))
    )
