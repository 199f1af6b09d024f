"""Which nodes of the log's tree are needed for what, and how they grow. Pure; RFC 6962 shape over SHA-256.

A node `(level, position)` is the head of the complete subtree over the leaves
`position * 2**level` to `(position + 1) * 2**level - 1`; level 0 are the leaves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.kernel.hashing import SHA256

Node = tuple[int, int]
EMPTY_ROOT = SHA256.digest(b"")
join = SHA256.from_prefix(b"\x01")


def nodes_of(start: int, end: int) -> list[Node]:
    """The complete subtrees that make up the leaves from `start` to `end`, from left to right. `start` is a
    multiple of the largest power of two in the range.
    """
    found = []
    for level in range((end - start).bit_length() - 1, -1, -1):
        if (end - start) >> level & 1:
            found.append((level, start >> level))
            start += 1 << level
    return found


def fold(parts: Sequence[bytes]) -> bytes:
    """One head over neighbouring subtrees that get smaller to the right."""
    reached = parts[-1]
    for part in parts[-2::-1]:
        reached = join(part + reached)
    return reached


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """The ranges of leaves whose heads are the audit path of a leaf, from the leaf upwards.

    :raises IndexError: outside the tree
    """
    if not 0 <= index < size:
        raise IndexError(index)
    ranges, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[tuple[int, int]]:
    """The ranges whose heads prove that `old` leaves are a prefix of `new` (RFC 9162, 2.1.4).

    :raises IndexError: when `old` is the larger one
    """
    if not 0 <= old <= new:
        raise IndexError(old)
    if old in (0, new):
        return []
    ranges, start, end = [], 0, new
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:
        ranges.append((start, end))
    return ranges[::-1]


def heads_of(ranges: Sequence[tuple[int, int]], nodes: Mapping[Node, bytes]) -> list[bytes]:
    """The heads of ranges, from the nodes that `nodes_of` names for each."""
    return [fold([nodes[node] for node in nodes_of(start, end)]) for start, end in ranges]


class Growth:
    """The right edge of the tree: takes leaves, says which nodes come into being."""

    def __init__(self, size: int, edge: Sequence[bytes]) -> None:
        """
        :param edge: the heads of `nodes_of(0, size)`
        """
        if len(edge) != size.bit_count():
            raise ValueError("the edge does not fit the size")
        self.size = size
        self._edge = list(edge)

    def append(self, leaf: bytes) -> list[tuple[Node, bytes]]:
        """Add a leaf; gives the complete subtrees above it, the smallest first."""
        made, level, at = [], 0, self.size
        while at >> level & 1:
            level += 1
            leaf = join(self._edge.pop() + leaf)
            made.append(((level, at >> level), leaf))
        self._edge.append(leaf)
        self.size += 1
        return made

    def root(self) -> bytes:
        return fold(self._edge) if self._edge else EMPTY_ROOT


def _split(count: int) -> int:
    return 1 << ((count - 1).bit_length() - 1)
