"""What anybody may have checked: the public bundle through the verifier, the own case, proofs of the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.models import LogHead, SealedEntry
from app.audit.queries import consistency_proof, inclusion_proofs, latest_head, log_json
from app.draws.models import Draw
from app.draws.queries import bundle, by_no
from app.inspections.queries import visit_of_token
from app.kernel.clock import today
from app.publicity.models import PublicRecord
from app.publicity.plain_words import PlainCheck, in_plain_words
from app.publicity.queries import find_record
from app.publicity.rules import PublicKind
from app.security.context import current_clock
from app.security.scoping import unscoped
from app.verifier import verify

MOST_ROWS = 20_000
"""Larger open lists are recomputed by whoever wants to, on the own machine."""
LONGEST_TOKEN = 60
ORDER = ("draw.frozen", "draw.committed", "draw.closing", "draw.revealed", "draw.drawn", "draw.opened")


@dataclass(frozen=True)
class Checked:
    """`checks` empty: the bundle is too large for a page, `too_large` says so."""

    checks: tuple[PlainCheck, ...]
    too_large: bool = False

    def count(self, outcome: str) -> int:
        return sum(check.outcome == outcome for check in self.checks)


@dataclass(frozen=True)
class LogLine:
    index: int
    at: str
    tag: str


@dataclass(frozen=True)
class OwnCase:
    """`listed` None while the draw is sealed; `name` only once it is opened."""

    draw_no: str
    opened: bool
    void: bool
    in_order: bool
    lines: tuple[LogLine, ...]
    listed: bool | None
    name: str


def public_bundle(session: Session, record: PublicRecord) -> bytes:
    """The public edition of a draw that has a public record."""
    with unscoped(session, "the public edition of a published draw"):
        return bundle(session, by_no(session, record.key), edition="public")


def check_draw(session: Session, record: PublicRecord) -> Checked:
    """What `verify.py` says of the public bundle, in plain words."""
    if record.payload["mode"] == "open" and (record.payload["targets"] or 0) > MOST_ROWS:
        return Checked((), too_large=True)
    result = verify.verify(public_bundle(session, record))
    return Checked(tuple(in_plain_words(check) for check in result["checks"]))


def own_case(session: Session, token: str) -> OwnCase | None:
    """The case behind the token on a notice; None for a token that nobody was given."""
    written = "".join(token.split()).replace("-", "")
    if not written or len(written) > LONGEST_TOKEN:
        return None
    visit = visit_of_token(session, written)
    if visit is None:
        return None
    with unscoped(session, "the draw of a visit whose token was given"):
        draw_no = session.scalar(select(Draw.draw_no).where(Draw.id == visit.drawn_target.draw_id))
    record = find_record(session, PublicKind.DRAW, draw_no or "", today(current_clock()))
    if record is None:
        return None
    lines = entries_of_draw(session, record.key)
    payload = record.payload
    opened = bool(payload["opened_at"])
    # A replacement is not on the list as drawn; the replacements of the bundle show how it came in.
    listed = any(row["code"] == visit.drawn_target.code for row in payload["rows"]) if opened else None
    return OwnCase(
        draw_no=record.key,
        opened=opened,
        void=payload["state"] == "void",
        in_order=is_in_order([line.tag for line in lines]),
        lines=tuple(lines),
        listed=listed,
        name=visit.target.name if opened else "",
    )


def is_in_order(tags: list[str]) -> bool:
    """Whether the steps of the ceremony follow on one another as the protocol wants them (section 3)."""
    steps = [ORDER.index(tag) for tag in tags if tag in ORDER]
    wanted = {ORDER.index("draw.frozen"), ORDER.index("draw.closing"), ORDER.index("draw.drawn")}
    return steps == sorted(steps) and wanted <= set(steps)


def entries_of_draw(session: Session, draw_no: str) -> list[LogLine]:
    """The sealed events of a draw in the order of the log; replacements stay inside until it is opened."""
    key_dir = Path(current_app.extensions["settings"].log_key_dir)
    entries = log_json(session, f"draw:{draw_no}", key_dir)["entries"]
    return [
        LogLine(entry["index"], entry["event"]["at"], entry["event"]["tag"])
        for entry in entries
        if entry["event"]["tag"] in ORDER or entry["event"]["tag"] == "draw.void"
    ]


def read_proof(session: Session, given: Mapping[str, str]) -> dict[str, Any] | None:
    """Inclusion of `index` in the first `size` entries, or consistency of `old` with it; None outside."""
    size, index, old = (_number(given.get(name)) for name in ("size", "index", "old"))
    head = latest_head(session)
    if head is None or size is None or not 0 < size <= head.size:
        return None
    found: dict[str, Any] = {"size": size, "root": _root(session, size)}
    if index is not None and 0 <= index < size:
        leaf = session.scalar(select(SealedEntry.leaf).where(SealedEntry.index == index))
        proof = inclusion_proofs(session, [index], size)[index]
        return {
            **found,
            "index": index,
            "leaf": leaf.hex() if leaf else "",
            "proof": [h.hex() for h in proof],
        }
    if old is not None and 0 < old <= size:
        proof = consistency_proof(session, old, size)
        return {**found, "old": old, "old_root": _root(session, old), "proof": [h.hex() for h in proof]}
    return None


def _root(session: Session, size: int) -> str | None:
    """Of a signed head over so many entries; None where none was signed."""
    root = session.scalar(select(LogHead.root).where(LogHead.size == size))
    return root.hex() if root else None


def _number(text: str | None) -> int | None:
    if not text or not text.isascii() or not text.isdecimal() or len(text) > 15:
        return None
    return int(text)
