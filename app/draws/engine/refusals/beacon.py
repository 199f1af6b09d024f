"""The beacon: a public value that does not exist yet when contributions close."""

from collections.abc import Iterator
from typing import Any

from app.draws.engine import times
from app.draws.engine.beacons import CHAINS, comes_at
from app.draws.engine.plan import Terms
from app.draws.engine.refusals.shapes import is_hex32, is_integer, is_text
from app.kernel.errors import Fault

_FIELDS = {"drand": {"kind", "chain", "round"}, "declared": {"kind", "source", "not_before"}}


def faults(terms: Terms) -> Iterator[Fault]:
    beacon = terms.beacon
    if beacon is None:
        return
    found = list(_shape(beacon))
    yield from found
    until = terms.contributions_until
    if found or not times.is_moment(until):
        return
    if comes_at(beacon) <= times.seconds(until):
        yield Fault("beacon", "draw.beacon_too_early", comes_at=comes_at(beacon), until=until)


def _shape(beacon: dict[str, Any]) -> Iterator[Fault]:
    kind = beacon.get("kind") if isinstance(beacon, dict) else None
    if kind not in ("drand", "declared") or beacon.keys() != _FIELDS[kind]:
        yield Fault("beacon", "draw.beacon_shape", value=beacon)
    elif kind == "drand":
        if not is_hex32(beacon["chain"]) or beacon["chain"] not in CHAINS:
            yield Fault("beacon", "draw.beacon_chain_unknown", value=beacon["chain"])
        if not is_integer(beacon["round"], 1):
            yield Fault("beacon", "draw.integer_out_of_range", value=beacon["round"], name="round", least=1)
    else:
        if not is_text(beacon["source"]):
            yield Fault("beacon", "draw.text_missing", value=beacon["source"], name="source")
        if not times.is_moment(beacon["not_before"]):
            yield Fault("beacon", "draw.not_a_moment", value=beacon["not_before"], name="not_before")
