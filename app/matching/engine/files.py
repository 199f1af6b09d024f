"""The three files of a matching: `roster.tsv`, `recusals.tsv`, `assignment.tsv`.

UTF-8, tabs, every line ends with LF, no quoting, rows in one order only: a file has one digest.
Ids are ASCII, so comparing text compares bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.kernel.hashing import by_name, enc, tag
from app.matching.engine.errors import FileFault

RECUSAL_REASONS = ("DECLARED", "EMPLOYER", "RELATIVE", "ROTATION")
ROLES = ("lead", "member")
OPEN_NONCE = "0" * 32

_MARK = "#evenhand-draw/1"
_ROSTER = ("inspector_id", "leader", "load", "cap", "regions", "tags")
_RECUSALS = ("inspector_id", "target_id", "reason")
_ASSIGNMENT = ("target_id", "inspector_id", "role")
_ID = re.compile(r"[!-~]{1,64}")
_REGION = re.compile(r"[0-9]{6}")
_NONCE = re.compile(r"[0-9a-f]{32}")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,8}")
_FORBIDDEN = re.compile(r"[\t\r\n\0]")


@dataclass(frozen=True, slots=True)
class Inspector:
    """One row of the roster; a standing group is one entry.

    `load`: visits already this year; `cap`: most visits in this draw; `regions`: GB/T 2260, home first.
    """

    id: str
    leader: bool
    load: int
    cap: int
    regions: tuple[str, ...]
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Recusal:
    """One pair that must never meet, and why (article 25)."""

    inspector_id: str
    target_id: str
    reason: str


@dataclass(frozen=True, slots=True, order=True)
class Assigned:
    """One inspector at one target; `role` is `lead` or `member`."""

    target_id: str
    inspector_id: str
    role: str


def roster_nonce(hash_name: str, list_secret: bytes | None, agency: str) -> str:
    """Hex of 16 bytes; `list_secret` None is open mode."""
    return _nonce(hash_name, "roster", list_secret, agency)


def recusals_nonce(hash_name: str, list_secret: bytes | None, agency: str) -> str:
    """Hex of 16 bytes; `list_secret` None is open mode."""
    return _nonce(hash_name, "recusals", list_secret, agency)


def roster_text(roster: Iterable[Inspector], nonce: str) -> str:
    """The file, whatever the order of `roster`. Raises FileFault."""
    rows = sorted(roster, key=lambda inspector: inspector.id)
    for inspector in rows:
        _check_inspector(inspector)
    _check_rising([row.id for row in rows], "DUPLICATE_INSPECTOR")
    return _text("roster", nonce, _ROSTER, (_roster_fields(row) for row in rows))


def parse_roster(text: str) -> tuple[str, tuple[Inspector, ...]]:
    """Nonce and rows. Raises FileFault where the text is not exactly what `roster_text` writes."""
    nonce, rows = _rows(text, "roster", _ROSTER)
    roster = tuple(_inspector(line, row) for line, row in rows)
    _check_same(text, roster_text(roster, nonce))
    return nonce, roster


def recusals_text(recusals: Iterable[Recusal], nonce: str) -> str:
    """The file, whatever the order of `recusals`. Raises FileFault (one reason per pair)."""
    rows = sorted(recusals)
    for row in rows:
        _check_id(row.inspector_id)
        _check_id(row.target_id)
        if row.reason not in RECUSAL_REASONS:
            raise FileFault("UNKNOWN_REASON", reason=row.reason, inspector_id=row.inspector_id)
    _check_rising([(row.inspector_id, row.target_id) for row in rows], "DUPLICATE_RECUSAL")
    return _text("recusals", nonce, _RECUSALS, ((r.inspector_id, r.target_id, r.reason) for r in rows))


def parse_recusals(text: str) -> tuple[str, tuple[Recusal, ...]]:
    """Nonce and rows. Raises FileFault where the text is not exactly what `recusals_text` writes."""
    nonce, rows = _rows(text, "recusals", _RECUSALS)
    recusals = tuple(Recusal(*row) for _, row in rows)
    _check_same(text, recusals_text(recusals, nonce))
    return nonce, recusals


def assignment_text(rows: Iterable[Assigned]) -> str:
    """The file, whatever the order of `rows`. It has no first line with a nonce. Raises FileFault."""
    ordered = sorted(rows)
    for row in ordered:
        _check_id(row.target_id)
        _check_id(row.inspector_id)
        if row.role not in ROLES:
            raise FileFault("UNKNOWN_ROLE", role=row.role, target_id=row.target_id)
    _check_rising([(row.target_id, row.inspector_id) for row in ordered], "DUPLICATE_VISIT")
    lines = [_ASSIGNMENT, *((row.target_id, row.inspector_id, row.role) for row in ordered)]
    return "".join("\t".join(line) + "\n" for line in lines)


def parse_assignment(text: str) -> tuple[Assigned, ...]:
    """Rows of the file. Raises FileFault where the text is not exactly what `assignment_text` writes."""
    rows = tuple(Assigned(*row) for _, row in _table(text.split("\n"), _ASSIGNMENT, first=1))
    _check_same(text, assignment_text(rows))
    return rows


def _nonce(hash_name: str, kind: str, list_secret: bytes | None, agency: str) -> str:
    if list_secret is None:
        return OPEN_NONCE
    return by_name(hash_name).digest(tag(kind) + enc(list_secret) + enc(agency.encode()))[:16].hex()


def _roster_fields(row: Inspector) -> tuple[str, ...]:
    lists = (",".join(row.regions), ",".join(row.tags))
    return (row.id, "1" if row.leader else "0", str(row.load), str(row.cap), *lists)


def _inspector(line: int, row: Sequence[str]) -> Inspector:
    name, leader, load, cap, regions, tags = row
    if leader not in ("0", "1") or not _DECIMAL.fullmatch(load) or not _DECIMAL.fullmatch(cap):
        raise FileFault("BAD_NUMBER", line=line)
    split = tuple(tuple(field.split(",")) if field else () for field in (regions, tags))
    return Inspector(name, leader == "1", int(load), int(cap), split[0], split[1])


def _check_inspector(row: Inspector) -> None:
    _check_id(row.id)
    for name, value in (("load", row.load), ("cap", row.cap)):
        if not 0 <= value < 10**9:
            raise FileFault("BAD_NUMBER", inspector_id=row.id, field=name, value=value)
    if not row.regions or not all(_REGION.fullmatch(code) for code in row.regions):
        raise FileFault("BAD_REGION", inspector_id=row.id, regions=row.regions)
    if not all(word and "," not in word and not _FORBIDDEN.search(word) for word in row.tags):
        raise FileFault("BAD_TAG", inspector_id=row.id, tags=row.tags)


def _check_id(value: str) -> None:
    if not _ID.fullmatch(value):
        raise FileFault("BAD_ID", value=value)


def _check_rising(keys: Sequence[object], code: str) -> None:
    for before, after in pairwise(keys):
        if before == after:
            raise FileFault(code, key=before)


def _check_same(given: str, canonical: str) -> None:
    if given != canonical:
        raise FileFault("NOT_CANONICAL")


def _text(kind: str, nonce: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    if not _NONCE.fullmatch(nonce):
        raise FileFault("BAD_NONCE", kind=kind)
    lines = [f"{_MARK} {kind} {nonce}\n", "\t".join(header) + "\n"]
    lines.extend("\t".join(row) + "\n" for row in rows)
    return "".join(lines)


def _rows(text: str, kind: str, header: Sequence[str]) -> tuple[str, list[tuple[int, list[str]]]]:
    first, _, rest = text.partition("\n")
    mark, _, nonce = first.rpartition(" ")
    if mark != f"{_MARK} {kind}" or not _NONCE.fullmatch(nonce):
        raise FileFault("BAD_FIRST_LINE", kind=kind)
    return nonce, _table(rest.split("\n"), header, first=2)


def _table(lines: list[str], header: Sequence[str], first: int) -> list[tuple[int, list[str]]]:
    if lines[0] != "\t".join(header) or lines[-1] != "":
        raise FileFault("BAD_HEADER_OR_END", header=tuple(header))
    rows = [(first + place, line.split("\t")) for place, line in enumerate(lines[1:-1], 1)]
    for line, row in rows:
        if len(row) != len(header):
            raise FileFault("BAD_WIDTH", line=line)
    return rows
