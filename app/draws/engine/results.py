"""Files of a drawn batch, with their digests and roots (protocol section 5)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.draws.engine.frame import Frame
from app.draws.engine.sealing import nonce, row_leaves, salts
from app.draws.engine.selection import Tickets
from app.kernel import merkle

HEADER = b"batch\tstratum\trank\ttarget_id\tticket"
Chosen = Sequence[tuple[str, Sequence[int]]]
"""Per place, in byte order: positions of the drawn rows by rank."""


@dataclass(frozen=True, slots=True)
class BatchResult:
    """One drawn batch. `ids` in file order; `code` is what is revealed with it, None for batch 0.

    `sizes` per stratum or `-`; `keys` (weighted only) of the drawn rows without the certain ones.
    """

    batch: int
    code: bytes | None
    ids: tuple[str, ...] = field(repr=False)
    sizes: dict[str, int]
    text: bytes = field(repr=False)
    digest: bytes
    root: bytes
    drawn_text: bytes = field(repr=False)
    drawn_digest: bytes
    keys: tuple[int, ...] = field(default=(), repr=False)

    @property
    def rows(self) -> int:
        return len(self.ids)

    def entry(self) -> dict[str, int | str]:
        """The batch in the transcript and, with the draw's number, in the log."""
        return {
            "batch": self.batch,
            "rows": self.rows,
            "digest": self.digest.hex(),
            "root": self.root.hex(),
            "drawn_digest": self.drawn_digest.hex(),
        }


def write_result(
    frame: Frame,
    list_secret: bytes,
    batch: int,
    code: bytes | None,
    tickets: Tickets,
    chosen: Chosen,
    keys: tuple[int, ...] = (),
) -> BatchResult:
    """result-<b>.tsv and drawn-<b>.tsv of the chosen rows."""
    algorithm, mode = frame.algorithm, frame.mode
    lines = [
        b"%d\t%s\t%d\t%s\t%s" % (batch, place.encode(), at, frame.ids[index], ticket.hex().encode())
        for place, indexes in chosen
        for at, (index, ticket) in enumerate(zip(indexes, tickets.of_all(indexes), strict=True), 1)
    ]
    ids = [frame.ids[index] for _, indexes in chosen for index in indexes]
    text = b"\n".join([HEADER, *lines, b""])
    row_salts = salts(algorithm, mode, list_secret, "result-salt", ids)
    first = f"#evenhand-draw/1 drawn {nonce(algorithm, mode, list_secret, 'drawn', str(batch))}".encode()
    drawn_text = b"\n".join([first, b"target_id", *sorted(ids), b""])
    return BatchResult(
        batch=batch,
        code=code,
        ids=tuple(target_id.decode() for target_id in ids),
        sizes={place: len(indexes) for place, indexes in chosen},
        text=text,
        digest=algorithm.digest(text),
        root=merkle.root(algorithm, row_leaves(algorithm, row_salts, lines)),
        drawn_text=drawn_text,
        drawn_digest=algorithm.digest(drawn_text),
        keys=keys,
    )
