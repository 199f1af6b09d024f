"""Define a list, change its definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.audit.services import record
from app.db import Unit
from app.designer.models import ListType
from app.designer.queries import has_rows
from app.designer.rules import SLUG, FieldSpec, read_fields, retyped
from app.kernel.errors import Fault, Invalid, NotFound, Stale
from app.security.grants import grant
from app.security.rules import RoleName, may_act
from app.security.scoping import unscoped

OFFICE = frozenset({RoleName.OFFICE_ADMIN})
READERS = frozenset(
    {RoleName.OFFICE_ADMIN, RoleName.AGENCY_ADMIN, RoleName.CLERK, RoleName.REVIEWER, RoleName.AUDITOR}
)
WRITERS = frozenset({RoleName.OFFICE_ADMIN, RoleName.AGENCY_ADMIN, RoleName.CLERK})


def permission_name(slug: str) -> str:
    """The name under which the rights of a list are kept."""
    return f"List:{slug}"


def define_list(unit: Unit, slug: str, name: str, rows: Sequence[Mapping[str, Any]]) -> ListType:
    """A new list of the actor's office, usable at once in every process.

    :raises Invalid: with every fault of name, short name and fields
    """
    may_act(unit.actor.roles, None, OFFICE, None).require()
    fields, faults = read_fields(rows)
    faults += _name_faults(unit, slug, name)
    if faults or unit.actor.agency_id is None:
        raise Invalid(faults=faults)
    made = ListType(
        slug=slug,
        name=name.strip(),
        agency_id=unit.actor.agency_id,
        fields=[f.as_data() for f in fields],
        created_by=unit.actor.code,
        created_at=unit.clock.now(),
    )
    unit.session.add(made)
    unit.session.flush()
    grant(
        unit.session,
        permission_name(slug),
        {
            "can_list": READERS,
            "can_show": READERS,
            "can_add": WRITERS,
            "can_edit": WRITERS,
            "can_delete": WRITERS,
        },
    )
    record(unit, "list.defined", f"list:{slug}", {"fields": len(fields)})
    return made


def change_list(
    unit: Unit, slug: str, version: int, name: str, rows: Sequence[Mapping[str, Any]]
) -> ListType:
    """The next version of a definition. A field that is left out is no longer shown; its values stay.

    :raises Stale: when somebody changed it meanwhile
    :raises Invalid: also when a field with rows would get another type
    """
    may_act(unit.actor.roles, None, OFFICE, None).require()
    kept = unit.session.scalars(select(ListType).where(ListType.slug == slug).with_for_update()).first()
    if kept is None or kept.agency_id != unit.actor.agency_id:
        raise NotFound("not_in_scope")
    if kept.version != version:
        raise Stale("stale", version=kept.version)
    fields, faults = read_fields(rows)
    if not name.strip():
        faults.append(Fault("name", "required"))
    before = [FieldSpec.from_data(f) for f in kept.fields]
    if has_rows(unit.session, kept.id):
        faults += [Fault("fields", "designer_retyped", label=old.label) for old, _ in retyped(before, fields)]
    if faults:
        raise Invalid(faults=faults)
    kept.name = name.strip()
    kept.fields = [f.as_data() for f in fields]
    unit.session.flush()
    record(unit, "list.changed", f"list:{slug}", {"fields": len(fields), "version": kept.version})
    return kept


def _name_faults(unit: Unit, slug: str, name: str) -> list[Fault]:
    faults = []
    if not name.strip():
        faults.append(Fault("name", "required"))
    elif len(name.strip()) > 120:
        faults.append(Fault("name", "too_long", value=name[:40], most=120, found=len(name)))
    if not SLUG.match(slug):
        faults.append(Fault("slug", "designer_slug", value=slug))
    else:
        with unscoped(unit.session, "short names are unique over all offices"):
            if unit.session.scalars(select(ListType.id).where(ListType.slug == slug)).first():
                faults.append(Fault("slug", "designer_slug_taken", value=slug))
    return faults
