"""One row shown to its owner: the row, its salt and the path to the published root, nobody else's."""

from dataclasses import dataclass

from app.draws.engine.frame import Frame
from app.draws.engine.results import BatchResult
from app.draws.engine.sealing import SALT_SIZE, row_leaves, salts
from app.kernel import merkle


@dataclass(frozen=True, slots=True)
class RowProof:
    """`row` without LF; leaf = H(00 || enc(salt) || row); `path` from the leaf upwards, for `index` of
    `size` rows."""

    row: str
    salt: bytes
    index: int
    size: int
    path: tuple[bytes, ...]


def frame_row_proof(frame: Frame, target_id: str) -> RowProof:
    """That the row is on the frozen list. Raises KeyError when it is not."""
    return _proof(frame, frame.text.split(b"\n")[2:-1], frame.salts, frame.index_of(target_id))


def result_row_proof(frame: Frame, list_secret: bytes, result: BatchResult, target_id: str) -> RowProof:
    """That the row was drawn in that batch, with rank and ticket. Raises KeyError when it was not."""
    if target_id not in result.ids:
        raise KeyError(target_id)
    ids = [drawn.encode() for drawn in result.ids]
    row_salts = salts(frame.algorithm, frame.mode, list_secret, "result-salt", ids)
    return _proof(frame, result.text.split(b"\n")[1:-1], row_salts, result.ids.index(target_id))


def _proof(frame: Frame, rows: list[bytes], row_salts: bytes, index: int) -> RowProof:
    leaves = row_leaves(frame.algorithm, row_salts, rows)
    salt = row_salts[index * SALT_SIZE : (index + 1) * SALT_SIZE]
    path = merkle.inclusion_path(frame.algorithm, leaves, index)
    return RowProof(rows[index].decode(), salt, index, len(rows), tuple(path))
