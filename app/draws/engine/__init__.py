"""The draw protocol `evenhand-draw/1` as pure functions: no clock, no chance, no database.

In the order of a draw: `build_frame`, `freeze`, `Ceremony` with `accept_commitment` or
`accept_contribution`, `close`,
`reveal`, `accept_beacon`, `make_seed`; then `draw_batch`, `next_in_order`, `transcript`, `build_bundle`.
"""

from app.draws.engine.bundle import build_bundle
from app.draws.engine.ceremony import (
    Beacon,
    Ceremony,
    Commitment,
    Contribution,
    accept_beacon,
    accept_commitment,
    accept_contribution,
    close,
    make_seed,
    require_value,
    reveal,
)
from app.draws.engine.drawing import draw_batch, next_in_order
from app.draws.engine.frame import Frame, build_frame, parse_frame
from app.draws.engine.freezing import Frozen, freeze
from app.draws.engine.plan import Plan, Terms, read_plan
from app.draws.engine.proofs import RowProof, frame_row_proof, result_row_proof
from app.draws.engine.refusals import Circumstances
from app.draws.engine.replacement import Replacement, require_reason, write_replacements
from app.draws.engine.results import BatchResult
from app.draws.engine.sealing import Secrets, nonce
from app.draws.engine.sizes import Cut
from app.draws.engine.steering import Conspiracy, who_could_steer
from app.draws.engine.transcript import Drawn, Void, transcript, write_transcript

__all__ = [
    "BatchResult",
    "Beacon",
    "Ceremony",
    "Circumstances",
    "Commitment",
    "Conspiracy",
    "Contribution",
    "Cut",
    "Drawn",
    "Frame",
    "Frozen",
    "Plan",
    "Replacement",
    "RowProof",
    "Secrets",
    "Terms",
    "Void",
    "accept_beacon",
    "accept_commitment",
    "accept_contribution",
    "build_bundle",
    "build_frame",
    "close",
    "draw_batch",
    "frame_row_proof",
    "freeze",
    "make_seed",
    "next_in_order",
    "nonce",
    "parse_frame",
    "read_plan",
    "require_reason",
    "require_value",
    "result_row_proof",
    "reveal",
    "transcript",
    "who_could_steer",
    "write_replacements",
    "write_transcript",
]
