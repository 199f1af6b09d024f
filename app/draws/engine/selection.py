"""Tickets and the order in which rows are drawn (protocol sections 4 and 5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.draws.engine.frame import Frame
from app.draws.engine.sealing import SALT_SIZE
from app.draws.engine.sizes import POOL

TICKET_SPACE = 1 << 256


class Tickets:
    """Tickets of one batch, computed when asked for: ticket_i = H(prefix_b || salt_i || target_id)."""

    def __init__(self, frame: Frame, prefix: bytes) -> None:
        self._frame = frame
        self._digest = frame.algorithm.from_prefix(prefix)

    def of(self, index: int) -> bytes:
        """Ticket of the row at that position of the frame, 32 bytes."""
        return self._digest(self._frame.salt(index) + self._frame.ids[index])

    def of_all(self, indexes: Iterable[int]) -> list[bytes]:
        """Tickets of many rows, in the order given."""
        digest, ids, salts = self._digest, self._frame.ids, self._frame.salts
        if not salts:
            return [digest(ids[index]) for index in indexes]
        size = SALT_SIZE
        return [digest(salts[index * size : index * size + size] + ids[index]) for index in indexes]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Positions of eligible rows in the order in which they are drawn.

    `weighted` only: the first `certain` rows were taken for certain, and `keys[k]` is the key of row
    `certain + k`.
    """

    order: list[int]
    certain: int = 0
    keys: tuple[int, ...] = ()


def places(selection: dict[str, Any], frame: Frame) -> tuple[str, ...]:
    """The strata column of a result, in the order of its rows."""
    return frame.strata if selection["kind"] in ("strata", "total") else (POOL,)


def place_of(selection: dict[str, Any], frame: Frame, index: int) -> str:
    """The place in which a row competes."""
    return frame.strata[frame.stratum_of[index]] if selection["kind"] in ("strata", "total") else POOL


def rank(selection: dict[str, Any], frame: Frame, tickets: Tickets, place: str) -> Ranking:
    """The order of one stratum, or of the whole pool for `-`."""
    if place == POOL:
        rows = [index for index, may_be_drawn in enumerate(frame.eligible) if may_be_drawn]
    else:
        wanted = frame.strata.index(place)
        rows = [
            index
            for index, (may_be_drawn, stratum) in enumerate(
                zip(frame.eligible, frame.stratum_of, strict=True)
            )
            if may_be_drawn and stratum == wanted
        ]
    if selection["kind"] == "weighted":
        return _by_key(selection["n"], frame, tickets, rows)
    return Ranking(_by_ticket(tickets, rows))


def _by_ticket(tickets: Tickets, rows: list[int]) -> list[int]:
    # Sorting is stable and the rows come in the order of their ids, which settles equal tickets.
    drawn_at = tickets.of_all(rows)
    return [rows[position] for position in sorted(range(len(rows)), key=drawn_at.__getitem__)]


def _by_key(n: int, frame: Frame, tickets: Tickets, rows: list[int]) -> Ranking:
    """Pareto order sampling (Rosén 1997) in integers, after the rows whose probability would reach one."""
    weights = frame.weights
    n = min(n, len(rows))
    weight_left = sum(weights[index] for index in rows)
    heaviest = sorted(rows, key=lambda index: -weights[index])
    certain = 0
    while certain < len(heaviest) and n * weights[heaviest[certain]] >= weight_left:
        weight_left -= weights[heaviest[certain]]
        n -= 1
        certain += 1
    if n == 0:
        return Ranking(heaviest[:certain], certain)
    others = sorted(heaviest[certain:])
    by_ticket = _by_ticket(tickets, others)
    keys = [_key(int.from_bytes(tickets.of(i), "big"), n, weights[i], weight_left) for i in by_ticket]
    in_order = sorted(range(len(by_ticket)), key=keys.__getitem__)
    return Ranking(
        heaviest[:certain] + [by_ticket[position] for position in in_order],
        certain,
        tuple(keys[position] for position in in_order),
    )


def _key(ticket: int, n: int, weight: int, weight_left: int) -> int:
    return ((ticket * (weight_left - n * weight)) << 128) // ((TICKET_SPACE - ticket) * n * weight)
