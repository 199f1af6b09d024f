"""Who gets an answer where: `matrix.txt`, read and compared."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

FILE = Path(__file__).with_name("matrix.txt")
PUBLIC = "public"
ADMINISTRATORS = ("sysadmin", "secadmin", "auditadmin")
BUSINESS = (
    "region_office",
    "office",
    "office_reviewer",
    "police_admin",
    "police_clerk",
    "police_reviewer",
    "inspector",
    "amr_clerk",
    "health_clerk",
    "auditor",
)
SIGNED_IN = (*BUSINESS, *ADMINISTRATORS)
EVERYBODY = (*SIGNED_IN, PUBLIC)
GROUPS = {"everybody": EVERYBODY, "signed_in": SIGNED_IN, "business": BUSINESS, "nobody": ()}


def read() -> dict[tuple[str, str], frozenset[str]]:
    """`(method, route) -> roles`."""
    found = {}
    for line in FILE.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        route, _, who = line.rpartition("|")
        method, _, path = route.strip().partition(" ")
        found[method, path] = frozenset(name for word in who.split() for name in GROUPS.get(word, (word,)))
    return found


def line(method: str, path: str, roles: Iterable[str]) -> str:
    """A line of the file, with the widest group that fits."""
    wanted = set(roles)
    words = []
    for name, members in GROUPS.items():
        if members and wanted >= set(members):
            words.append(name)
            wanted -= set(members)
    words += [name for name in EVERYBODY if name in wanted]
    return f"{method} {path} | {' '.join(words or ['nobody'])}"
