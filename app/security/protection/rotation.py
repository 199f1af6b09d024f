"""Another key for what is sealed: a new active key, then every value sealed anew, a batch in a transaction each.

Nothing is remembered about how far it got: every value names its key, so whoever goes on finds what is left. The
keyed digests have a key of their own that stays: with another one every number would have to be opened and every
search would miss meanwhile; `docs/security.md` says what to do when that key is lost to somebody.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Table,
    bindparam,
    column,
    func,
    or_,
    select,
    table,
    update,
)
from sqlalchemy.orm import Session

from app.db import Base, Unit
from app.kernel.errors import Refused
from app.security.protection import keyfile
from app.security.protection.ciphers import HEAD, CipherName
from app.security.protection.columns import sealed
from app.security.protection.keyring import current_keyring
from app.security.protection.models import DataKey
from app.security.protection.start import note_keys
from app.security.rules import RoleName
from app.security.services import note_security

AT_ONCE = 1000
SYSTEM = "system"


def begin(unit: Unit, cipher: CipherName) -> int:
    """A new active key, in the file first and then in the database; gives its number.

    :raises Refused: not for this person, or values wait for the key before
    """
    if not unit.actor.roles & {SYSTEM, RoleName.SYSTEM_ADMIN}:
        raise Refused("role_missing", wanted=[RoleName.SYSTEM_ADMIN.value])
    ring = current_keyring()
    ring.refresh()
    if any(left(unit.session).values()):
        raise Refused("keys_being_changed")
    key = keyfile.add_key(ring.path, cipher, unit.clock.now())
    ring.refresh()
    note_keys(unit.session, unit.clock.now())
    note_security(unit, "key_rotated", "ok", subject=f"key:{key.number}", detail=f"active, {cipher.value}")
    return key.number


def left(session: Session) -> dict[str, int]:
    """By table, how many rows hold something that is not sealed with the active key."""
    return {
        each.name: session.execute(
            select(func.count()).select_from(bare).where(_behind(each, bare))
        ).scalar_one()
        for each, bare in _tables()
    }


def seal_batch(session: Session, reached: dict[str, Any], most: int = AT_ONCE) -> int:
    """Seal up to `most` rows of one table anew; 0 when nothing is left. The caller commits.

    :param reached: by table, the last key of this run; an empty one begins anew, and misses nothing
    """
    ring = current_keyring()
    for each, bare in _tables():
        key = _key(each)
        places = sealed(each)
        rows = session.execute(
            select(bare)
            .where(_behind(each, bare), *_after(bare.c[key], reached.get(each.name)))
            .order_by(bare.c[key])
            .limit(most)
            .with_for_update()
        ).mappings()
        changed: list[dict[str, Any]] = [
            {
                "row_key": row[key],
                **{
                    name: None if row[name] is None else _again(ring, bytes(row[name]), place)
                    for name, place in places.items()
                },
            }
            for row in rows
        ]
        if changed:
            reached[each.name] = changed[-1]["row_key"]
            session.connection().execute(
                update(bare)
                .where(bare.c[key] == bindparam("row_key"))
                .values({name: bindparam(name) for name in places}),
                changed,
            )
            return len(changed)
    return 0


def retire(unit: Unit) -> list[str]:
    """Mark the keys that no value needs any more. They stay in the file: older backups were sealed with them."""
    if any(left(unit.session).values()):
        return []
    known, active = DataKey.__table__, f"key:{current_keyring().active}"
    idle = known.c.code.not_in([active, "digest"]) & known.c.retired_at.is_(None)
    codes = sorted(
        unit.session.execute(
            update(known).where(idle).values(retired_at=unit.clock.now()).returning(known.c.code)
        ).scalars()
    )
    for code in codes:
        note_security(unit, "key_rotated", "ok", subject=code, detail="retired")
    return codes


def described(session: Session) -> list[dict[str, Any]]:
    """The keys as an operator sees them: code, cipher, since when, whether active or retired; never the key."""
    active = f"key:{current_keyring().active}"
    return [
        {
            "code": row.code,
            "cipher": row.cipher,
            "since": row.since.isoformat(timespec="minutes"),
            "state": "active" if row.code in (active, "digest") else _state(row.retired_at),
        }
        for row in session.scalars(select(DataKey).order_by(DataKey.since, DataKey.code))
    ]


def _state(retired_at: datetime | None) -> str:
    return "retired" if retired_at else "in use"


def _again(ring: Any, value: bytes, place: str) -> bytes:
    return ring.seal_bytes(ring.open_bytes(value, place), place)


def _key(each: Table) -> str:
    (only,) = each.primary_key.columns
    return only.name


def _tables() -> Iterator[tuple[Table, Any]]:
    """Every table with sealed columns, and the same past the types that seal and open."""
    for each in Base.metadata.sorted_tables:
        if names := list(sealed(each)):
            key = each.c[_key(each)]
            yield each, table(each.name, column(key.name, key.type), *(column(n, LargeBinary) for n in names))


def _after(key: ColumnElement[Any], last: Any) -> list[ColumnElement[bool]]:
    return [] if last is None else [key > last]


def _behind(each: Table, bare: Any) -> ColumnElement[bool]:
    """Rows with a value whose head is not the active key's."""
    head = current_keyring().head
    return or_(
        *(
            (func.octet_length(bare.c[name]) > 0) & (func.substring(bare.c[name], 1, HEAD) != head)
            for name in sealed(each)
        )
    )
