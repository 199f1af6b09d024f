"""What the pages of the directory of targets share."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.directories.targets.models import Target
from app.security.context import current_scope, person
from app.security.protection.rules import Kind
from app.security.protection.subjects import Subject
from app.security.rules import RoleName

KEEPERS = frozenset({RoleName.OFFICE_ADMIN, RoleName.AGENCY_ADMIN})

SUBJECT = Subject(
    "target",
    Target,
    {
        "phone": (Kind.PHONE, _l("Telephone")),
        "home_address": (Kind.HOME_ADDRESS, _l("Home address of the operator")),
    },
    lambda target_id: url_for("TargetView.show", target_id=target_id),
    ("can_show", "TargetView"),
)


def may(permission: str) -> bool:
    return bool(current_app.appbuilder.sm.has_access(f"can_{permission}", "TargetView"))


def is_own(target: Target) -> bool:
    who = person()
    if who is None:
        return False
    if target.agency_id is None:
        return RoleName.OFFICE_ADMIN in who.actor.roles and target.region_id in current_scope().region_ids
    return RoleName.AGENCY_ADMIN in who.actor.roles and target.agency_id == who.actor.agency_id


def choice(session: Session, model: type[Any], code: str | None) -> tuple[str, str]:
    found = session.scalars(select(model).where(model.code == code)).first() if code else None
    return (found.code, str(found)) if found is not None else (code or "", code or "")
