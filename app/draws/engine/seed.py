"""Commitments, codes of the batches and the seed (protocol sections 3 and 4). Bytes in, 32 bytes out."""

from collections.abc import Iterable
from typing import Any

from app.kernel.hashing import Hash, enc, tag


def operator_commit(algorithm: Hash, draw_no: str, operator_secret: bytes) -> bytes:
    """The operator's promise of x0, in the plan."""
    return algorithm.digest(tag("commit") + enc(draw_no.encode()) + enc(operator_secret))


def witness_commitment(algorithm: Hash, plan_hash: bytes, witness: str, value: str, nonce: bytes) -> bytes:
    """The witness's promise of a value; `nonce` is the 16 raw bytes of the witness's own browser."""
    message = tag("witness") + enc(plan_hash) + enc(witness.encode()) + enc(value.encode()) + enc(nonce)
    return algorithm.digest(message)


def beacon_bytes(beacon: dict[str, Any] | None, value: str | None) -> bytes:
    """What the beacon puts into the seed: 32 bytes of drand (given as hex), the UTF-8 of a declared text,
    or nothing."""
    if beacon is None or value is None:
        return b""
    return bytes.fromhex(value) if beacon["kind"] == "drand" else value.encode()


def seed(
    algorithm: Hash,
    plan_hash: bytes,
    operator_secret: bytes,
    values: Iterable[str | None],
    closing: bytes,
    beacon: bytes,
) -> bytes:
    """The seed. `values` are the contributions in the order of the plan's witnesses, None for an absent
    one."""
    contributed = b"".join(enc((value or "").encode()) for value in values)
    message = enc(plan_hash) + enc(operator_secret) + contributed + enc(closing) + enc(beacon)
    return algorithm.digest(tag("seed") + message)


def batch_code(algorithm: Hash, chain_secret: bytes, length: int, batch: int) -> bytes:
    """code_b = H^(length - b)(xc), revealed with batch b; empty for batch 0."""
    return algorithm.repeat(chain_secret, length - batch) if batch else b""


def ticket_prefix(algorithm: Hash, seed_value: bytes, draw_no: str, code: bytes) -> bytes:
    """prefix_b, with which every ticket of batch b begins."""
    return algorithm.digest(tag("ticket") + enc(seed_value) + enc(draw_no.encode()) + enc(code))
