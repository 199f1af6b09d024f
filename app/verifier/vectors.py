"""Recomputes the published test vectors with the verifier's own functions: one line per case.

The matching cases are solved anew by successive shortest paths with one combined cost in big integers:
the optimum itself is recomputed and not only checked.
"""

from __future__ import annotations

import sys
from typing import Any

from app.verifier import verify as v

Case = dict[str, Any]


def frame_bytes(case: Case, nonce: str) -> bytes:
    """frame.tsv of a case; its rows come in no particular order."""
    lines = [f"#{v.VERSION} frame {nonce}", v.COLUMNS]
    lines += ["\t".join(map(str, row)) for row in sorted(case["rows"], key=lambda row: row[0].encode())]
    return ("\n".join(lines) + "\n").encode()


def draw_case(case: Case) -> Case:
    """The `expected` of a draw case, computed. Errors: those of the verifier's functions."""
    h, sealed = v.HASHES[case["hash"]], case["mode"] == "sealed"
    x0, xs, xc = (bytes.fromhex(case[name]) for name in ("operator_secret", "list_secret", "code_seed"))
    number = case["draw_no"].encode()

    def nonce(name: str, *parts: bytes) -> str:
        return v.tagged(h, name, xs, *parts)[:16].hex() if sealed else "0" * 32

    data = frame_bytes(case, nonce("frame"))
    frame = v.Frame(data, not sealed)
    frame.salt_rows(h, xs if sealed else None)
    length = len(case["selection"].get("batches", [0])) - 1
    chain = [xc]
    for _ in range(length):
        chain.append(h(chain[-1]))
    plan = {
        "version": v.VERSION,
        "operator_commit": v.tagged(h, "commit", number, x0).hex(),
        "frame": {
            "root": frame.root(h).hex(),
            "digest": h(data).hex(),
            "rows": len(frame.ids),
            "eligible": sum(frame.eligible),
        },
        "codes": {"tip": chain[-1].hex(), "length": length},
        "contributions": case["contributions_mode"],
        "witnesses": [witness for witness, _ in case["contributions"]],
    }
    for name in (
        "draw_no",
        "task_no",
        "initiator",
        "mode",
        "hash",
        "selection",
        "matching",
        "absence_allowed",
        "contributions_until",
        "beacon",
        "open_after",
        "own_case",
        "previous",
    ):
        plan[name] = case[name]
    v.expect(plan, v.PLAN, "plan")
    text = v.canonical(plan)
    plan_hash = v.tagged(h, "plan", text)
    values = {witness: value for witness, value in case["contributions"] if value is not None}
    hidden = bytes.fromhex(case["witness_nonce"])
    digests = [
        v.witness_digest(h, plan_hash, witness, value, hidden).hex() if value is not None else None
        for witness, value in case["contributions"]
    ]
    seed = v.make_seed(h, plan, plan_hash, x0, values, bytes.fromhex(case["closing"]), case["beacon_value"])
    draws, codes = v.Draws(h, case["selection"], case["draw_no"], seed, frame), [b"", *reversed(chain[:-1])]
    results, sizes = [], {}
    for batch in range(length + 1):
        rows = draws.batch(batch, codes[batch])
        sizes.update(draws.sizes)
        lines, ids = v.result_lines(batch, rows), [target for _, target, _ in rows]
        salts = [v.tagged(h, "result-salt", xs, target)[:16] if sealed else b"" for target in ids]
        leaves = [h(b"\x00" + v.enc(salt) + line) for salt, line in zip(salts, lines, strict=True)]
        file = b"\n".join([v.RESULT_HEAD.encode(), *lines, b""])
        drawn = v.drawn_text(nonce("drawn", str(batch).encode()), ids)
        results.append(
            {
                "batch": batch,
                "ids": [target.decode() for target in ids],
                "digest": h(file).hex(),
                "root": v.tree_root(leaves, h).hex(),
                "drawn_digest": h(drawn).hex(),
            }
        )
    prefix = draws.prefix(b"")
    return {
        "plan_canonical": text.decode(),
        "frame_nonce": frame.nonce,
        "first_salt": frame.salts[0].hex(),
        "first_leaf": h(b"\x00" + v.enc(frame.salts[0]) + frame.lines[0]).hex(),
        "frame_digest": plan["frame"]["digest"],
        "frame_root": plan["frame"]["root"],
        "operator_commit": plan["operator_commit"],
        "codes_tip": plan["codes"]["tip"],
        "plan_hash": plan_hash.hex(),
        "witness_digests": digests,
        "seed": seed.hex(),
        "prefix_0": prefix.hex(),
        "first_ticket": h(prefix + frame.salts[0] + frame.ids[0]).hex(),
        "sizes": sizes,
        "results": results,
        "codes": [code.hex() for code in codes[1:]],
        "keys": [str(key) for key in draws.keys],
    }


def problem(case: Case) -> tuple[bytes, bytes, v.Match]:
    """Roster file, recusals file and the matching problem of a case."""
    h, sealed, secret = v.HASHES[case["hash"]], case["mode"] == "sealed", bytes.fromhex(case["list_secret"])
    agency = case["agency"].encode()
    heads = {"roster": v.ROSTER_HEAD, "recusals": "inspector_id\ttarget_id\treason"}
    files, nonces = {}, {}
    for name, head in heads.items():
        nonces[name] = v.tagged(h, name, secret, agency)[:16].hex() if sealed else "0" * 32
        rows = sorted(case[name], key=lambda row: [str(field).encode() for field in row[:2]])
        lines = [f"#{v.VERSION} {name} {nonces[name]}", head, *("\t".join(map(str, row)) for row in rows)]
        files[name] = ("\n".join(lines) + "\n").encode()
    staff = v.read_roster(files["roster"], nonces["roster"])
    recused = v.read_recusals(files["recusals"], nonces["recusals"])
    targets = {target: (region, set(tags.split(",")) - {""}) for target, region, tags in case["targets"]}
    prefix = v.tagged(h, "match", bytes.fromhex(case["seed"]), case["draw_no"].encode(), agency, b"")
    return files["roster"], files["recusals"], v.Match(h, prefix, case, staff, recused, targets)


def solve(match: v.Match) -> list[list[str]]:
    """Rows of the optimal assignment. Errors: v.Bad when the needs cannot be filled."""
    arcs: list[list[Any]] = []
    leaving: dict[str, list[int]] = {}

    def connect(start: str, end: str, capacity: int, costs: tuple[int, ...]) -> None:
        cost = 0
        for level in costs:
            cost = (cost << 96) + level
        for one, other, room, price in ((start, end, capacity, cost), (end, start, 0, -cost)):
            leaving.setdefault(one, []).append(len(arcs))
            arcs.append([other, room, price])

    pairs = []
    for start, end, capacity, _, costs in match.arcs([]):
        if end.startswith("j:"):
            pairs.append((len(arcs), start[2:], end[2:]))
        connect(start, end, capacity, costs)
    for target in match.targets:
        connect("source", f"t:{target}", match.need, (0, 0, 0, 0))
    for _ in range(match.need * len(match.targets)):
        distance, arrived, queue = {"source": 0}, {}, ["source"]
        for node in queue:
            for number in leaving[node]:
                other, room, price = arcs[number]
                if room and (other not in distance or distance[node] + price < distance[other]):
                    distance[other], arrived[other] = distance[node] + price, number
                    queue.append(other)
        v.must("sink" in arrived, "the needs cannot be filled")
        node = "sink"
        while node != "source":
            arcs[arrived[node]][1] -= 1
            arcs[arrived[node] ^ 1][1] += 1
            node = arcs[arrived[node] ^ 1][0]
    chosen = [(target, who) for number, target, who in pairs if not arcs[number][1]]
    rows = []
    for target, who in sorted(chosen, key=lambda pair: (pair[0].encode(), pair[1].encode())):
        team = [j for t, j in chosen if t == target and match.staff[j]["leader"]]
        lead = min(team, key=lambda j: match.ticket(target, j)) if match.leaders else None
        rows.append([target, who, "lead" if who == lead else "member"])
    return rows


def matching_case(case: Case) -> Case:
    """The `expected` of a matching case, computed. Errors: those of the verifier's functions."""
    roster, recusals, match = problem(case)
    rows = solve(match)
    sums = match.check(rows)
    return {
        "roster_digest": match.h(roster).hex(),
        "recusals_digest": match.h(recusals).hex(),
        "pairs": sum(1 for _ in match.pairs()),
        "prefix_m": match.prefix.hex(),
        **{level: str(sums[level]) for level in v.LEVELS[:3]},
        "assignment": rows,
    }


def check_case(case: Case) -> str:
    """Empty when everything agrees, otherwise the first value that differs."""
    expected = dict(case["expected"])
    if "plan_canonical" in case:
        expected["plan_canonical"] = case["plan_canonical"]
    try:
        found = matching_case(case) if "roster" in case else draw_case(case)
    except (v.Bad, LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        return f"{type(error).__name__}: {error}"
    for name, value in expected.items():
        if name not in found:
            return f"{name}: not known to this verifier"
        if found[name] != value:
            return f"{name}: expected {str(value)[:200]}, computed {str(found[name])[:200]}"
    return ""


def main(arguments: list[str]) -> int:
    """Prints a line per case; returns 0 only if all agree, 2 when a file cannot be read."""
    if not arguments:
        print("usage: python -m app.verifier vectors FILE.json ...", file=sys.stderr)
        return 2
    wrong = 0
    for path in arguments:
        try:
            with open(path, "rb") as file:
                cases = v.parse_json(file.read())
            if not isinstance(cases, list) or not cases:
                raise ValueError("not a list of cases")
        except (OSError, ValueError, RecursionError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            return 2
        for case in cases:
            difference = check_case(case)
            wrong += bool(difference)
            print(f"{case.get('name', '?')}: {difference or 'ok'}")
    return 1 if wrong else 0
