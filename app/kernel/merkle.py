"""Merkle trees in the shape of RFC 6962 (RFC 9162 section 2.1) over any 32-byte hash. Leaves come in
already hashed."""

from collections.abc import Callable, Iterable, Sequence

from app.kernel.hashing import DIGEST_SIZE, Hash


def leaf_hash(algorithm: Hash, data: bytes) -> bytes:
    """H(00 || data), the leaf of RFC 6962."""
    return algorithm.digest(b"\x00" + data)


def root(algorithm: Hash, leaves: Sequence[bytes]) -> bytes:
    """Tree head of the leaf hashes in order; H("") for none. O(n), a level at a time."""
    if not leaves:
        return algorithm.digest(b"")
    node = algorithm.from_prefix(b"\x01")
    level = leaves
    while len(level) > 1:
        pairs = iter(level)
        above = [node(left + right) for left, right in zip(pairs, pairs, strict=False)]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


def inclusion_path(algorithm: Hash, leaves: Iterable[bytes], index: int) -> list[bytes]:
    """Audit path of one leaf, from the leaf upwards. Raises IndexError outside the tree."""
    tree = Tree(algorithm, leaves)
    return tree.inclusion_path(index, tree.size)


def verify_inclusion(
    algorithm: Hash, leaf: bytes, index: int, size: int, path: Sequence[bytes], expected_root: bytes
) -> bool:
    """Whether the path proves that `leaf` is at `index` of the tree with `size` leaves and that root."""
    if not 0 <= index < size:
        return False
    node = algorithm.from_prefix(b"\x01")
    position, last, reached = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if position % 2 or position == last:
            reached = node(sibling + reached)
            while position and not position % 2:
                position, last = position >> 1, last >> 1
        else:
            reached = node(reached + sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and reached == expected_root


def consistency_proof(algorithm: Hash, leaves: Iterable[bytes], old_size: int) -> list[bytes]:
    """Proof that the first `old_size` leaves are a prefix of all. Raises IndexError when there are fewer."""
    tree = Tree(algorithm, leaves)
    return tree.consistency_proof(old_size, tree.size)


def verify_consistency(
    algorithm: Hash, old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> bool:
    """Whether the tree with `new_size` leaves continues the one with `old_size` (RFC 9162 section
    2.1.4.2)."""
    if not 0 <= old_size <= new_size:
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    if old_size == 0:
        return not proof and old_root == algorithm.digest(b"")
    nodes = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not nodes:
        return False
    node = algorithm.from_prefix(b"\x01")
    position, last = old_size - 1, new_size - 1
    while position % 2:
        position, last = position >> 1, last >> 1
    old, new = nodes[0], nodes[0]
    for sibling in nodes[1:]:
        if last == 0:
            return False
        if position % 2 or position == last:
            old, new = node(sibling + old), node(sibling + new)
            while position and not position % 2:
                position, last = position >> 1, last >> 1
        else:
            new = node(new + sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root


class Tree:
    """A growing tree that keeps the hash of every complete subtree (64 bytes a leaf) and proves in O(log
    n) to O(log^2 n)."""

    def __init__(self, algorithm: Hash, leaves: Iterable[bytes] = ()) -> None:
        self._algorithm = algorithm
        self._node = algorithm.from_prefix(b"\x01")
        self._levels: list[bytearray] = [bytearray()]
        for leaf in leaves:
            self.append(leaf)

    @property
    def size(self) -> int:
        return len(self._levels[0]) // DIGEST_SIZE

    def append(self, leaf: bytes) -> None:
        for depth in range(len(self._levels) + 1):
            if depth == len(self._levels):
                self._levels.append(bytearray())
            level = self._levels[depth]
            level += leaf
            if len(level) % (2 * DIGEST_SIZE):
                return
            leaf = self._node(bytes(level[-2 * DIGEST_SIZE :]))

    def root(self, size: int | None = None) -> bytes:
        """Head of the tree as it was with `size` leaves (now, when None)."""
        size = self.size if size is None else self._within(size)
        return self._range(0, size) if size else self._algorithm.digest(b"")

    def inclusion_path(self, index: int, size: int) -> list[bytes]:
        """Audit path of leaf `index` in the tree of the first `size` leaves."""
        if not 0 <= index < self._within(size):
            raise IndexError(index)
        path, start, end = [], 0, size
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                path.append(self._range(middle, end))
                end = middle
            else:
                path.append(self._range(start, middle))
                start = middle
        return path[::-1]

    def consistency_proof(self, old_size: int, new_size: int) -> list[bytes]:
        """Proof from the tree of the first `old_size` leaves to that of the first `new_size`; empty for 0
        or equal."""
        if not 0 <= old_size <= self._within(new_size):
            raise IndexError(old_size)
        if old_size in (0, new_size):
            return []
        proof, start, end = [], 0, new_size
        while end != old_size:
            middle = start + _split(end - start)
            if old_size <= middle:
                proof.append(self._range(middle, end))
                end = middle
            else:
                proof.append(self._range(start, middle))
                start = middle
        if start:
            proof.append(self._range(start, end))
        return proof[::-1]

    def _within(self, size: int) -> int:
        if not 0 <= size <= self.size:
            raise IndexError(size)
        return size

    def _range(self, start: int, end: int) -> bytes:
        """Head over leaves start..end, where start is a multiple of the largest power of two in the range."""
        parts = []
        for depth in range((end - start).bit_length() - 1, -1, -1):
            if (end - start) >> depth & 1:
                at = (start >> depth) * DIGEST_SIZE
                parts.append(bytes(self._levels[depth][at : at + DIGEST_SIZE]))
                start += 1 << depth
        return _fold(self._node, parts)


class Frontier:
    """Compact range: only the heads of the complete subtrees from left to right, enough to append and to
    give the root."""

    def __init__(self, algorithm: Hash, size: int = 0, nodes: Sequence[bytes] = ()) -> None:
        if size < 0 or len(nodes) != size.bit_count() or any(len(node) != DIGEST_SIZE for node in nodes):
            raise ValueError("nodes do not fit the size")
        self._algorithm = algorithm
        self._node = algorithm.from_prefix(b"\x01")
        self.size = size
        self.nodes = list(nodes)

    def append(self, leaf: bytes) -> None:
        merges = (~self.size & (self.size + 1)).bit_length() - 1
        for _ in range(merges):
            leaf = self._node(self.nodes.pop() + leaf)
        self.nodes.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        return _fold(self._node, self.nodes) if self.nodes else self._algorithm.digest(b"")


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def _fold(node: Callable[[bytes], bytes], parts: Sequence[bytes]) -> bytes:
    reached = parts[-1]
    for part in parts[-2::-1]:
        reached = node(part + reached)
    return reached
