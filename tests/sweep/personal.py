"""The telephone numbers of everybody in the database, and those that stand in a page or a packed file."""

from __future__ import annotations

import io
import re
import zipfile

from sqlalchemy import select

from app.db import db
from app.directories.inspectors.models import Expert, Inspector
from app.directories.targets.models import Target
from app.security.models import Account
from app.security.scope import Scope

NUMBER = re.compile(r"(?<![0-9])(?:1[0-9]{10}|0[0-9]{2,3}-?[0-9]{7,8})(?![0-9])")


def known_numbers() -> frozenset[str]:
    session = db.session()
    session.info["scope"] = Scope.system("all numbers")
    found: set[str] = set()
    for model in (Target, Inspector, Expert, Account):
        numbers = session.execute(select(model.__table__.c.phone)).scalars()
        found |= {number for number in numbers if number and NUMBER.fullmatch(number)}
    session.rollback()
    return frozenset(found)


def numbers_in(content: str, data: bytes) -> set[str]:
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            content = "\n".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())
    return set(NUMBER.findall(content))
