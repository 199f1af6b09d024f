"""Rows of the frame as lines of text, and what is wrong with those that cannot be one."""

import re
from collections.abc import Iterable
from typing import Any

from app.kernel.errors import Fault

FrameRow = tuple[str, str, int, int, str, str, str]
"""target_id, stratum, weight, eligible (0 or 1), reason, region, tags (comma-separated)."""

FAULTS_SHOWN = 1000
REASONS = ("CAP", "RECENT", "SCHEDULED", "CLOSED", "EXCLUDED", "OTHER")
_ID = r"[0-9A-Z-]{2,40}"
_STRATUM = r"[A-Z0-9_]{1,16}"
_WEIGHT = r"(?:[1-9][0-9]{0,5}|1000000)"
_REGION = r"[0-9]{6}"
_TAG = r"[^\t\r\n\0,\ud800-\udfff]+"
_TAGS = rf"(?:{_TAG}(?:,{_TAG})*)?"
_TARGET = re.compile(_ID)
_TAIL = re.compile(rf"\t{_STRATUM}\t{_WEIGHT}\t(?:1\t|0\t(?:{'|'.join(REASONS)}))\t{_REGION}\t{_TAGS}")
_TAILS_KEPT = 100_000
_COLUMNS = {"target_id": _ID, "stratum": _STRATUM, "weight": _WEIGHT, "region": _REGION, "tags": _TAGS}


def to_lines(rows: Iterable[FrameRow]) -> tuple[list[bytes], list[Fault], int]:
    """Lines in the order of the rows, the first thousand faults, and the number of all faults."""
    lines: list[bytes] = []
    faults: list[Fault] = []
    count = 0
    known: dict[tuple[Any, ...], bytes] = {}
    is_id = _TARGET.fullmatch
    for position, row in enumerate(rows, 1):
        # Most rows share what follows the id with others, so it is checked and written once.
        target_id = row[0]
        shared: tuple[Any, ...] = tuple(row[1:])
        tail = known.get(shared)
        if tail is None:
            tail = known[shared] = _tail(*shared)
            if len(known) > _TAILS_KEPT:
                known.clear()
        if tail and isinstance(target_id, str) and is_id(target_id):
            lines.append(target_id.encode() + tail)
        else:
            found = _faults(position, row)
            count += len(found)
            faults += found[: FAULTS_SHOWN - len(faults)]
    return lines, faults, count


def ordered_tags(tags: str) -> str:
    """Each tag once, by bytes of UTF-8 (which is the order of code points)."""
    return ",".join(sorted(set(tags.split(","))))


def are_sound(lines: list[bytes]) -> bool:
    """Whether every line could have been written by `to_lines`."""
    known: set[bytes] = set()
    is_id = re.compile(_ID.encode()).fullmatch
    for line in lines:
        target_id, tab, rest = line.partition(b"\t")
        if not is_id(target_id) or (rest not in known and not _is_tail(tab + rest)):
            return False
        if len(known) < _TAILS_KEPT:
            known.add(rest)
    return True


def _is_tail(tail: bytes) -> bool:
    try:
        text = tail.decode()
    except UnicodeDecodeError:
        return False
    tags = text[text.rfind("\t") + 1 :]
    return bool(_TAIL.fullmatch(text)) and ordered_tags(tags) == tags


def _tail(stratum: str, weight: int, eligible: int, reason: str, region: str, tags: str) -> bytes:
    """The line after the id; nothing when a field of it is at fault."""
    text = f"\t{stratum}\t{weight}\t{eligible}\t{reason}\t{region}\t{ordered_tags(tags)}"
    return text.encode() if _TAIL.fullmatch(text) else b""


def _faults(position: int, row: FrameRow) -> list[Fault]:
    target_id, stratum, weight, eligible, reason, region, tags = row
    fields = {"target_id": target_id, "stratum": stratum, "weight": weight, "region": region, "tags": tags}
    found = [
        Fault(name, f"draw.frame_{name}", value=value, row=position, column=name)
        for name, value in fields.items()
        if not re.fullmatch(_COLUMNS[name], f"{value}")
    ]
    if f"{eligible}" not in ("0", "1"):
        found.append(
            Fault("eligible", "draw.frame_eligible", value=eligible, row=position, column="eligible")
        )
    elif f"{eligible}" == "1" and reason:
        found.append(
            Fault("reason", "draw.frame_reason_unneeded", value=reason, row=position, column="reason")
        )
    elif f"{eligible}" == "0" and reason not in REASONS:
        found.append(Fault("reason", "draw.frame_reason", value=reason, row=position, column="reason"))
    return found
