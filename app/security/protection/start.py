"""What happens with the keys when a process starts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import inspect, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.security.protection import keyfile
from app.security.protection.ciphers import CipherName
from app.security.protection.keyring import KeyFault, Keyring, current_keyring, install
from app.security.protection.models import DataKey
from config import Settings


def install_keys(settings: Settings, now: datetime) -> Keyring:
    """Load the keys; outside production a file that is not there is made, once, whoever comes first.

    :raises KeyFault: the file is missing in production, damaged, or open to others
    """
    if settings.env != "production":
        keyfile.make(settings.data_key_file, CipherName(settings.data_cipher), now)
    return install(settings.data_key_file)


def check_keys(session: Session) -> None:
    """The file must hold every key that the database was sealed with. Before the first migration there is none.

    :raises KeyFault: naming what is missing
    """
    if not inspect(session.connection()).has_table(DataKey.__tablename__):
        session.rollback()
        return
    table, ring = DataKey.__table__.c, current_keyring()
    known = dict(
        session.execute(select(table.code, table.fingerprint).where(table.retired_at.is_(None))).all()
    )
    session.rollback()
    have = fingerprints(ring)
    strange = sorted(code for code, mark in known.items() if have.get(code) != mark)
    if strange:
        raise KeyFault(
            f"The key file {ring.path} does not fit this database: it lacks {', '.join(strange)}. "
            "Bring back the file that belongs to it; without it the personal data cannot be read."
        )


def fingerprints(ring: Keyring) -> dict[str, str]:
    """Of all keys of the file, by the codes of `DataKey`."""
    found = {f"key:{key.number}": key.fingerprint for key in ring.file.keys}
    return {**found, "digest": keyfile.fingerprint(ring.file.digest_secret)}


def note_keys(session: Session, now: datetime) -> None:
    """Write down which keys this database is sealed with from now on. Safe to repeat."""
    ring = current_keyring()
    ciphers = {f"key:{key.number}": key.cipher.value for key in ring.file.keys}
    rows = [
        {"code": code, "cipher": ciphers.get(code, ring.file.digest.value), "fingerprint": mark, "since": now}
        for code, mark in fingerprints(ring).items()
    ]
    session.execute(insert(DataKey.__table__).values(rows).on_conflict_do_nothing())
