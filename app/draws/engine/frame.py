"""The frozen list: its text, nonce, salts, digest and Merkle root (protocol section 2)."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from operator import lt

from app.draws.engine import frame_rows
from app.draws.engine.sealing import SALT_SIZE, nonce, row_leaves, salts
from app.kernel import merkle
from app.kernel.errors import Fault, Invalid
from app.kernel.hashing import Hash

HEADER = b"target_id\tstratum\tweight\teligible\treason\tregion\ttags"


@dataclass(frozen=True, slots=True)
class Frame:
    """A list of n rows in the order of their ids, as columns: no object per row, so that a million rows fit.

    `text` is frame.tsv; `salts` n times 16 bytes, empty in open mode; `stratum_of[i]` indexes `strata`.
    """

    algorithm: Hash
    mode: str
    nonce: str
    text: bytes = field(repr=False)
    digest: bytes
    root: bytes
    ids: list[bytes] = field(repr=False)
    salts: bytes = field(repr=False)
    strata: tuple[str, ...]
    stratum_of: "array[int]" = field(repr=False)
    weights: "array[int]" = field(repr=False)
    eligible: bytearray = field(repr=False)

    @property
    def eligible_count(self) -> int:
        return self.eligible.count(1)

    def __len__(self) -> int:
        return len(self.ids)

    def salt(self, index: int) -> bytes:
        return self.salts[index * SALT_SIZE : (index + 1) * SALT_SIZE]

    def index_of(self, target_id: str) -> int:
        """Position of the row. Raises KeyError when it is not on the list."""
        wanted = target_id.encode()
        index = bisect_left(self.ids, wanted)
        if index == len(self.ids) or self.ids[index] != wanted:
            raise KeyError(target_id)
        return index

    def counts(self) -> dict[str, tuple[int, int]]:
        """Per stratum, in byte order: (rows, eligible rows)."""
        rows, eligible = [0] * len(self.strata), [0] * len(self.strata)
        for stratum, may_be_drawn in zip(self.stratum_of, self.eligible, strict=True):
            rows[stratum] += 1
            eligible[stratum] += may_be_drawn
        return {code: (rows[i], eligible[i]) for i, code in enumerate(self.strata)}


def build_frame(rows: Iterable[frame_rows.FrameRow], algorithm: Hash, mode: str, list_secret: bytes) -> Frame:
    """Freeze rows given in any order; tags are brought into byte order.

    Raises Invalid `draw.frame_faulty` with every fault (row = position from 1), the first thousand in detail.
    """
    lines, faults, count = frame_rows.to_lines(rows)
    lines.sort()
    ids = _ids(lines)
    for target_id, after in zip(ids, islice(ids, 1, None), strict=False):
        if target_id == after:
            count += 1
            if len(faults) < frame_rows.FAULTS_SHOWN:
                faults.append(Fault("target_id", "draw.frame_target_twice", value=target_id.decode()))
    if count:
        raise Invalid("draw.frame_faulty", faults, count=count)
    text = b"\n".join([*_head(algorithm, mode, list_secret), *lines, b""])
    return _assemble(text, lines, ids, algorithm, mode, list_secret)


def parse_frame(text: bytes, algorithm: Hash, mode: str, list_secret: bytes) -> Frame:
    """The frame of a stored frame.tsv. Raises Invalid `draw.frame_text_faulty` unless it is exactly as it
    was built."""
    lines = text.split(b"\n")
    whole = len(lines) >= 3 and lines[:2] == _head(algorithm, mode, list_secret) and lines[-1] == b""
    del lines[:2], lines[-1:]
    if not whole or not frame_rows.are_sound(lines):
        raise Invalid("draw.frame_text_faulty")
    ids = _ids(lines)
    if not all(map(lt, ids, islice(ids, 1, None))):
        raise Invalid("draw.frame_text_faulty")
    return _assemble(text, lines, ids, algorithm, mode, list_secret)


def _head(algorithm: Hash, mode: str, list_secret: bytes) -> list[bytes]:
    return [f"#evenhand-draw/1 frame {nonce(algorithm, mode, list_secret, 'frame')}".encode(), HEADER]


def _ids(lines: list[bytes]) -> list[bytes]:
    return [line[: line.index(b"\t")] for line in lines]


def _assemble(
    text: bytes, lines: list[bytes], ids: list[bytes], algorithm: Hash, mode: str, list_secret: bytes
) -> Frame:
    row_salts = salts(algorithm, mode, list_secret, "salt", ids)
    root = merkle.root(algorithm, row_leaves(algorithm, row_salts, lines))
    codes: dict[bytes, int] = {}
    stratum_of, weights, eligible = array("L"), array("L"), bytearray()
    for line in lines:
        _, stratum, weight, may_be_drawn, _ = line.split(b"\t", 4)
        stratum_of.append(codes.setdefault(stratum, len(codes)))
        weights.append(int(weight))
        eligible.append(may_be_drawn == b"1")
    in_order = sorted(codes)
    place = {codes[code]: position for position, code in enumerate(in_order)}
    return Frame(
        algorithm=algorithm,
        mode=mode,
        nonce=nonce(algorithm, mode, list_secret, "frame"),
        text=text,
        digest=algorithm.digest(text),
        root=root,
        ids=ids,
        salts=row_salts,
        strata=tuple(code.decode() for code in in_order),
        stratum_of=array("L", [place[number] for number in stratum_of]),
        weights=weights,
        eligible=eligible,
    )
