"""Keep who said what of a target."""

from __future__ import annotations

from collections.abc import Iterable

from app.db import Unit
from app.directories.sources.rules import BASE, FIELDS, Origin, agency_source, origin, stamped, whole
from app.directories.targets.models import Target
from app.kernel.clock import today


def note_sources(unit: Unit, target: Target, fields: Iterable[str], source: str) -> None:
    """From today on these fields are what `source` says; all of them: the whole row is."""
    named, day = set(fields), today(unit.clock)
    target.field_sources = (
        whole(source, day)
        if named >= set(FIELDS)
        else stamped(target.field_sources or {}, sorted(named), source, day)
    )


def source_of(target: Target, field: str) -> Origin:
    """Who said a field of the target, and since when."""
    return origin(target.field_sources or {}, field, source_name_of(target))


def source_name_of(target: Target) -> str:
    """The row's own source, for what was said before each field's was kept."""
    return agency_source(target.agency.code) if target.agency is not None else BASE
