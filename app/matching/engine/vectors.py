"""The public vectors: every case computed anew and compared with what the file expects."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

from app.kernel.errors import DomainError
from app.kernel.hashing import by_name
from app.matching.engine.eligibility import Target
from app.matching.engine.files import (
    Inspector,
    Recusal,
    recusals_nonce,
    recusals_text,
    roster_nonce,
    roster_text,
)
from app.matching.engine.impossible import Impossible
from app.matching.engine.optimum import match
from app.matching.engine.plan import Needs
from app.matching.engine.tickets import Tickets

SUMS = ("balance", "mismatch", "tickets")


def compute(case: Mapping[str, Any]) -> dict[str, Any]:
    """The values of one case in the shape of its `expected`; `short` alone where it cannot be matched."""
    hash_name, agency = case["hash"], case["agency"]
    secret = bytes.fromhex(case["list_secret"]) if case["mode"] == "sealed" else None
    roster = [
        Inspector(name, leader == 1, load, cap, _words(regions), _words(tags))
        for name, leader, load, cap, regions, tags in case["roster"]
    ]
    recusals = [Recusal(*row) for row in case["recusals"]]
    targets = [Target(row[0], row[1], _words(row[2])) for row in case["targets"]]
    tickets = Tickets(hash_name, bytes.fromhex(case["seed"]), case["draw_no"], agency)
    needs = Needs(tuple(case["tags"]), case["need"], case["leaders"])
    matched = match(targets, roster, recusals, needs, tickets)
    if isinstance(matched, Impossible):
        return {"short": matched.short}
    roster_file = roster_text(roster, roster_nonce(hash_name, secret, agency))
    recusals_file = recusals_text(recusals, recusals_nonce(hash_name, secret, agency))
    return {
        "roster_digest": by_name(hash_name).digest(roster_file.encode()).hex(),
        "recusals_digest": by_name(hash_name).digest(recusals_file.encode()).hex(),
        "pairs": matched.pairs,
        "prefix_m": tickets.prefix.hex(),
        **{name: str(getattr(matched, name)) for name in SUMS},
        **({} if matched.tickets2 is None else {"tickets2": str(matched.tickets2)}),
        "assignment": [[row.target_id, row.inspector_id, row.role] for row in matched.rows],
    }


def first_difference(case: Mapping[str, Any]) -> str | None:
    """The first value that differs from the case's `expected`, as a sentence; None if all agree."""
    try:
        computed = compute(case)
        expected = dict(case["expected"])
    except (DomainError, LookupError, TypeError, ValueError) as error:
        return f"cannot be computed: {type(error).__name__}: {error}"
    for name in [*expected, *(set(computed) - set(expected))]:
        if name not in expected or name not in computed or expected[name] != computed[name]:
            return _difference(name, expected.get(name), computed.get(name))
    return None


def _difference(name: str, expected: Any, computed: Any) -> str:
    if isinstance(expected, list) and isinstance(computed, list):
        rows = enumerate(zip_longest(expected, computed))
        place, (expected, computed) = next((at, pair) for at, pair in rows if pair[0] != pair[1])
        name = f"{name}[{place}]"
    return f"{name}: expected {expected}, computed {computed}"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()
