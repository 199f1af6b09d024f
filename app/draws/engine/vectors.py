"""Recompute published test vectors from their inputs. Computes only: refusals of the freeze do not apply
here."""

import json
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from app.draws.engine.drawing import draw_batch
from app.draws.engine.frame import build_frame
from app.draws.engine.plan import Terms, write_plan
from app.draws.engine.results import BatchResult
from app.draws.engine.sealing import Secrets, row_leaves
from app.draws.engine.seed import beacon_bytes, seed, ticket_prefix, witness_commitment
from app.draws.engine.selection import Tickets
from app.kernel.hashing import by_name

Case = dict[str, Any]


def differences(case: Case) -> Iterator[tuple[str, Any, Any]]:
    """(field, expected, computed) for every value of the case that does not agree, fields of one side only
    included."""
    computed = compute(case)
    expected = {"plan_canonical": case["plan_canonical"], **case["expected"]}
    for name in [*expected, *(name for name in computed if name not in expected)]:
        published, found = expected.get(name, "(absent)"), computed.get(name, "(not computed)")
        if published != found:
            yield name, published, found


def compute(case: Case) -> dict[str, Any]:
    """Everything that a case expects, in the shape of the file."""
    algorithm = by_name(case["hash"])
    secrets = Secrets(*(bytes.fromhex(case[n]) for n in ("operator_secret", "list_secret", "code_seed")))
    frame = build_frame(case["rows"], algorithm, case["mode"], secrets.list)
    plan = write_plan(_terms(case), frame, secrets)
    values = [value for _, value in case["contributions"]]
    beacon = beacon_bytes(case["beacon"], case["beacon_value"])
    drawn_seed = seed(
        algorithm, plan.plan_hash, secrets.operator, values, bytes.fromhex(case["closing"]), beacon
    )
    prefix = ticket_prefix(algorithm, drawn_seed, plan.draw_no, b"")
    results: list[BatchResult] = []
    for batch in range(plan.batches):
        drawn = [target_id for result in results for target_id in result.ids]
        results.append(draw_batch(plan, frame, secrets, drawn_seed, batch, drawn))
    ordered = case["selection"]["kind"] == "order"
    witness_nonce = bytes.fromhex(case["witness_nonce"])
    first_row = frame.text.split(b"\n", 3)[2:3]
    computed = {
        "plan_canonical": plan.text.decode(),
        "frame_nonce": frame.nonce,
        "first_salt": frame.salt(0).hex(),
        "first_leaf": row_leaves(algorithm, frame.salt(0), first_row)[0].hex(),
        "frame_digest": frame.digest.hex(),
        "frame_root": frame.root.hex(),
        "operator_commit": plan.document["operator_commit"],
        "codes_tip": plan.codes_tip.hex(),
        "plan_hash": plan.plan_hash.hex(),
        "witness_digests": [
            None
            if value is None
            else witness_commitment(algorithm, plan.plan_hash, witness, value, witness_nonce).hex()
            for witness, value in case["contributions"]
        ],
        "seed": drawn_seed.hex(),
        "prefix_0": prefix.hex(),
        "first_ticket": Tickets(frame, prefix).of(0).hex(),
        "sizes": {str(r.batch): r.rows for r in results} if ordered else results[0].sizes,
        "results": [
            {"batch": r.batch, "ids": list(r.ids)}
            | {name: r.entry()[name] for name in ("digest", "root", "drawn_digest")}
            for r in results
        ],
        "codes": [r.code.hex() for r in results if r.code is not None],
    }
    if case["selection"]["kind"] == "weighted":
        computed["keys"] = [str(key) for key in results[0].keys]
    return computed


def run(path: Path, say: Callable[[str], None]) -> int:
    """Say a line per case; 0 when all agree, 1 when a value differs or a case cannot be computed."""
    cases = json.loads(path.read_text(encoding="utf-8"))
    wrong = 0
    for case in cases:
        try:
            difference = next(differences(case), None)
        except (KeyError, ValueError, TypeError, IndexError) as error:
            difference = ("case", "computable", repr(error))
        if difference is None:
            say(f"{case['name']}: ok")
        else:
            wrong += 1
            name, expected, computed = difference
            say(f"{case.get('name')}: {name} differs: expected {expected!r}, computed {computed!r}")
    say(f"{len(cases) - wrong} of {len(cases)} cases agree")
    return 1 if wrong or not cases else 0


def _terms(case: Case) -> Terms:
    return Terms(
        contributions=case["contributions_mode"],
        witnesses=tuple(witness for witness, _ in case["contributions"]),
        **{
            term.name: case[term.name]
            for term in fields(Terms)
            if term.name not in ("contributions", "witnesses")
        },
    )
