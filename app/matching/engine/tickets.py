"""The chance in a matching: `h = H(prefix_m || enc(target) || enc(inspector))`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from app.kernel.hashing import DIGEST_SIZE, by_name, enc, tag
from app.matching.engine.eligibility import Ints

_PORTION = 65_536
_BYTES = 5


@dataclass(frozen=True, slots=True)
class Tickets:
    """The tickets of one agency in one batch; `seed` and `code` are raw bytes, no code for batch 0."""

    hash_name: str
    seed: bytes
    draw_no: str
    agency: str
    code: bytes = b""
    prefix: bytes = field(init=False)

    def __post_init__(self) -> None:
        parts = (self.seed, self.draw_no.encode(), self.agency.encode(), self.code)
        data = tag("match") + b"".join(enc(part) for part in parts)
        object.__setattr__(self, "prefix", by_name(self.hash_name).digest(data))

    def of(self, target_id: str, inspector_id: str) -> bytes:
        """All 32 bytes of one pair's h."""
        data = self.prefix + enc(target_id.encode()) + enc(inspector_id.encode())
        return by_name(self.hash_name).digest(data)

    def forty_bits(
        self, targets: Sequence[str], inspectors: Sequence[str], pairs: tuple[Ints, Ints], part: int
    ) -> Ints:
        """Bits `40·part` to `40·part + 39` of h as integers, for pairs given by places (target, inspector).

        Quick when the pairs stand by target. Hashed in portions: millions of digests never stand in memory.
        """
        digests = self._digests(targets, inspectors, pairs)
        found = [np.zeros(0, dtype=np.int64)]
        while portion := b"".join(islice(digests, _PORTION)):
            found.append(_numbers(portion, part))
        return np.concatenate(found)

    def _digests(
        self, targets: Sequence[str], inspectors: Sequence[str], pairs: tuple[Ints, Ints]
    ) -> Iterator[bytes]:
        start = by_name(self.hash_name).from_prefix
        ends = [enc(inspector_id.encode()) for inspector_id in inspectors]
        before = -1
        for target, inspector in zip(pairs[0].tolist(), pairs[1].tolist(), strict=True):
            if target != before:
                digest, before = start(self.prefix + enc(targets[target].encode())), target
            yield digest(ends[inspector])


def _numbers(digests: bytes, part: int) -> Ints:
    all_octets = np.frombuffer(digests, dtype=np.uint8).reshape(-1, DIGEST_SIZE)
    octets = all_octets[:, _BYTES * part : _BYTES * (part + 1)]
    weights = np.array([1 << 32, 1 << 24, 1 << 16, 1 << 8, 1], dtype=np.int64)
    return octets.astype(np.int64) @ weights
