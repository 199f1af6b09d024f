"""Who gets an answer about a row of another unit: `relations.txt`, read and written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.sweep.matrix import EVERYBODY, GROUPS
from tests.sweep.units import UNITS

FILE = Path(__file__).with_name("relations.txt")
RELATIONS = tuple(place.relation for place in UNITS)
SEES_AROUND = {
    "sibling": frozenset({"region_office"}),
    "upper": frozenset({"region_office"}),
}
"""Whoever may see anything at all of the unit. Beside and above the city that is the office of the region alone."""

OFFERED_BELOW = frozenset({"/lists/<slug>/list/", "/lists/<slug>/add", "/roles/<int:role_id>"})
"""A low-code list of an office is offered to all agencies below it; each sees its own records in it. So is a role that
an office composed.
"""


def read() -> dict[tuple[str, str], dict[str, frozenset[str]]]:
    """`(method, route) -> relation -> accounts`."""
    found = {}
    for row in FILE.read_text().splitlines():
        if not row.strip() or row.startswith("#"):
            continue
        route, *parts = (part.strip() for part in row.split("|"))
        method, _, path = route.partition(" ")
        found[method, path] = {name: _accounts(who) for name, _, who in (p.partition(":") for p in parts)}
    return found


def line(method: str, path: str, seen: Mapping[str, Iterable[str]]) -> str:
    parts = (f"{name}: {_words(set(seen.get(name, ())))}" for name in RELATIONS)
    return f"{method} {path} | " + " | ".join(parts)


def _accounts(words: str) -> frozenset[str]:
    return frozenset(name for word in words.split() for name in GROUPS.get(word, (word,)))


def _words(accounts: set[str]) -> str:
    words = []
    for name, members in GROUPS.items():
        if members and accounts >= set(members):
            words.append(name)
            accounts -= set(members)
    return " ".join([*words, *(name for name in EVERYBODY if name in accounts)] or ["nobody"])
