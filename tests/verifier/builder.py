"""Builds bundles from the inputs of the test vectors, apart from the verifier: hashlib and cryptography."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import pathlib
import struct
import zipfile
from collections import Counter
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.verifier.verify import readme_text

HERE = pathlib.Path(__file__).parent
VERIFIER = HERE.parents[1] / "app" / "verifier" / "verify.py"
VECTORS = HERE.parent / "vectors" / "draw-v1.json"
CASES = {case["name"]: case for case in json.loads(VECTORS.read_text("utf-8"))}
ORIGIN = "evenhand.portal/log"
KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"test key").digest())
PUBLIC = KEY.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def jcs(value) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def enc(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


class Maker:
    """One draw, played from freeze to opening. `change` may alter the pieces before they are packed."""

    def __init__(
        self, case, *, matching=None, public=False, opened=True, void=False, replace=0, batches=None
    ):
        self.case, self.name = case, case["hash"]
        self.sealed = case["mode"] == "sealed"
        self.matching, self.public, self.opened, self.void = matching, public, opened, void
        self.leaves = [hashlib.sha256(b"\x00" + bytes([n])).digest() for n in range(5)]
        self.own = []
        deadline = datetime.strptime(case["contributions_until"], "%Y-%m-%dT%H:%M:%SZ")
        self.now = deadline - timedelta(minutes=20)
        self.files, self.visits = {}, Counter()
        self.play(replace, batches)

    def h(self, data: bytes) -> bytes:
        return hashlib.new(self.name, data).digest()

    def tagged(self, name: str, *parts: bytes) -> bytes:
        return self.h(enc(b"evenhand-draw/1/" + name.encode()) + b"".join(map(enc, parts)))

    def nonce(self, name: str, *parts: bytes) -> str:
        return self.tagged(name, self.xs, *parts)[:16].hex() if self.sealed else "0" * 32

    def stamp(self) -> str:
        return self.now.strftime("%Y-%m-%dT%H:%M:%SZ")

    def event(self, tag: str, **data) -> int:
        self.now += timedelta(seconds=30)
        index = len(self.leaves)
        event = {
            "seq": 100 + index,
            "at": self.stamp(),
            "actor": "u-7",
            "tag": f"draw.{tag}",
            "subject": f"draw:{self.case['draw_no']}",
            "data": {"draw_no": self.case["draw_no"], **data},
        }
        self.leaves.append(hashlib.sha256(b"\x00" + jcs(event)).digest())
        self.own.append((index, event))
        return index

    def play(self, replace, batches):
        case = self.case
        x0, self.xs = (bytes.fromhex(case[name]) for name in ("operator_secret", "list_secret"))
        rows = sorted(case["rows"])
        lines = ["\t".join(map(str, row)).encode() for row in rows]
        frame = f"#evenhand-draw/1 frame {self.nonce('frame')}\n".encode()
        frame += b"target_id\tstratum\tweight\teligible\treason\tregion\ttags\n"
        frame += b"".join(line + b"\n" for line in lines)
        plan = json.loads(case["plan_canonical"])
        plan["previous"] = root(self.leaves).hex()
        if self.matching:
            plan["matching"] = self.matching_inputs()
        self.plan, text = plan, jcs(plan)
        plan_hash = self.tagged("plan", text)
        t = {
            "plan_hash": plan_hash.hex(),
            "commitments": [],
            "contributions": [],
            "beacon": None,
            "closing": None,
            "operator_secret": None,
            "list_secret": None,
            "codes": [],
            "seed": None,
            "results": [],
            "void": None,
        }
        self.transcript = t
        self.files = {"plan.json": text, "frame.tsv": frame}
        self.event("frozen", plan_hash=plan_hash.hex())
        commit, nonce = case["contributions_mode"] == "commit", case["witness_nonce"]
        given = [pair for pair in case["contributions"] if pair[1] is not None]
        for witness, value in given:
            if commit:
                parts = (plan_hash, witness.encode(), value.encode(), bytes.fromhex(nonce))
                digest = self.tagged("witness", *parts).hex()
                self.event("committed", witness=witness, digest=digest)
                t["commitments"].append({"witness": witness, "digest": digest, "received_at": self.stamp()})
            else:
                self.event("contributed", witness=witness, value=value)
                t["contributions"].append(
                    {"witness": witness, "value": value, "nonce": None, "received_at": self.stamp()}
                )
        closing = root(self.leaves)
        t["closing"] = closing.hex()
        self.event("closing", root=closing.hex(), size=len(self.leaves))
        for witness, value in given if commit else ():
            if self.void and witness == given[-1][0]:
                self.event("void", reason="somebody did not reveal", who=witness)
                t["void"] = {"reason": "somebody did not reveal", "who": witness, "at": self.stamp()}
                self.finish(given)
                return
            self.event("revealed", witness=witness, value=value, nonce=nonce)
            t["contributions"].append(
                {"witness": witness, "value": value, "nonce": nonce, "received_at": self.stamp()}
            )
        beacon = b""
        if plan["beacon"]:
            drand = plan["beacon"]["kind"] == "drand"
            value = case["beacon_value"]
            signature = SIGNATURE if drand else None
            self.now = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
            self.event("beacon", value=value, signature=signature)
            t["beacon"] = {"value": value, "signature": signature}
            beacon = bytes.fromhex(value) if drand else value.encode()
        values = [(value or "").encode() for _, value in case["contributions"]]
        seed = self.tagged("seed", plan_hash, x0, *values, closing, beacon)
        self.seed = seed
        self.leaves.append(hashlib.sha256(b"\x00other").digest())
        self.draw(rows, seed, replace, batches)
        if self.opened:
            self.event("opened", seed=seed.hex())
        if self.opened or not self.public:
            t.update(operator_secret=x0.hex(), seed=seed.hex(), codes=self.codes)
        if self.sealed and not self.public:
            t["list_secret"] = self.xs.hex()
        self.finish(given)

    def draw(self, rows, seed, replace, batches):
        """Only ratio strata without rounding subtleties are needed: the sizes are taken from the vector."""
        case, taken = self.case, set()
        expected = case["expected"]
        codes = [b""] + [bytes.fromhex(code) for code in expected["codes"]]
        count = len(codes) if batches is None else batches
        self.codes = [code.hex() for code in codes[1:count]]
        replaced = ["batch\tstratum\tout_id\tin_id\treason\tlog_index"]
        pooled = case["selection"]["kind"] == "order"
        for batch in range(count):
            prefix = self.tagged("ticket", seed, case["draw_no"].encode(), codes[batch])
            groups = {}
            for target, stratum, _, eligible, *_ in rows:
                if eligible and target not in taken:
                    salt = self.tagged("salt", self.xs, target.encode())[:16] if self.sealed else b""
                    ticket = self.h(prefix + salt + target.encode()).hex()
                    groups.setdefault("-" if pooled else stratum, []).append((ticket, target))
            lines, spare = [], []
            for stratum in sorted(groups):
                size = expected["sizes"][str(batch) if pooled else stratum]
                order = sorted(groups[stratum])
                lines += [
                    f"{batch}\t{stratum}\t{n}\t{target}\t{ticket}"
                    for n, (ticket, target) in enumerate(order[:size], 1)
                ]
                pairs = zip(order[:size], order[size:], strict=False)
                spare += [(stratum, gone, came) for (_, gone), (_, came) in pairs]
            ids = sorted(line.split("\t")[3] for line in lines)
            result = "\n".join(["batch\tstratum\trank\ttarget_id\tticket", *lines, ""]).encode()
            nonce = self.nonce("drawn", str(batch).encode())
            drawn = "\n".join([f"#evenhand-draw/1 drawn {nonce}", "target_id", *ids, ""]).encode()
            leaves = []
            for line in lines:
                salt = self.tagged("result-salt", self.xs, line.split("\t")[3].encode())[:16]
                leaves.append(self.h(b"\x00" + enc(salt if self.sealed else b"") + line.encode()))
            taken.update(ids)
            record = {
                "batch": batch,
                "rows": len(ids),
                "digest": self.h(result).hex(),
                "root": root(leaves, self.h).hex(),
                "drawn_digest": self.h(drawn).hex(),
            }
            self.event("drawn", **record)
            self.transcript["results"].append(record)
            self.files[f"result-{batch}.tsv"], self.files[f"drawn-{batch}.tsv"] = result, drawn
            if self.matching:
                self.match(ids, seed, codes[batch], batch)
            for stratum, gone, came in spare[:replace]:
                index = self.event(
                    "replaced", batch=batch, stratum=stratum, out_id=gone, in_id=came, reason="CLOSED"
                )
                replaced.append(f"{batch}\t{stratum}\t{gone}\t{came}\tCLOSED\t{index}")
                taken.add(came)
        self.files["replacements.tsv"] = "\n".join([*replaced, ""]).encode()

    def matching_inputs(self):
        agency = self.matching["agency"]
        heads = {
            "roster": "inspector_id\tleader\tload\tcap\tregions\ttags",
            "recusals": "inspector_id\ttarget_id\treason",
        }
        terms = {name: self.matching[name] for name in ("tags", "need", "leaders", "relax")}
        self.inputs = {}
        for name, head in heads.items():
            lines = ["\t".join(map(str, row)) for row in sorted(self.matching[name])]
            nonce = self.nonce(name, agency.encode())
            data = "\n".join([f"#evenhand-draw/1 {name} {nonce}", head, *lines, ""]).encode()
            self.inputs[f"matching/{agency}/{name}.tsv"] = data
            terms[name] = self.h(data).hex()
        return {agency: terms}

    def match(self, ids, seed, code, batch):
        agency = self.matching["agency"]
        self.files.update(self.inputs)
        info = {row[0]: row[5:7] for row in self.case["rows"]}
        prefix = self.tagged("match", seed, self.case["draw_no"].encode(), agency.encode(), code)
        rows, certificate = self.matching["solver"](self, prefix, {i: info[i] for i in ids})
        self.visits.update(row[1] for row in rows)
        data = "\n".join(["target_id\tinspector_id\trole", *("\t".join(row) for row in rows), ""]).encode()
        self.files[f"matching/{agency}/assignment-{batch}.tsv"] = data
        self.event("matched", batch=batch, agency=agency, digest=self.h(data).hex())
        if certificate is not None:
            self.files[f"matching/{agency}/certificate-{batch}.json"] = jcs(certificate)

    def finish(self, given):
        self.files.setdefault("replacements.tsv", b"batch\tstratum\tout_id\tin_id\treason\tlog_index\n")
        if self.public:
            private = [name for name in self.files if name.startswith(("frame", "result", "matching"))]
            private += [name for name in self.files if name.startswith("drawn") and not self.opened]
            for name in private:
                del self.files[name]
        if self.void and self.matching and not self.public:
            self.files.update(self.inputs)
        self.seal()

    def seal(self):
        """Writes transcript and log from the pieces; call again after a change of them."""
        size, head_root = len(self.leaves), root(self.leaves)
        body = f"{ORIGIN}\n{size}\n{base64.b64encode(head_root).decode()}\n"
        identity = hashlib.sha256(ORIGIN.encode() + b"\n\x01" + PUBLIC).digest()[:4]
        signature = base64.b64encode(identity + KEY.sign(body.encode())).decode()
        entries = [
            {"index": index, "event": event, "proof": [x.hex() for x in path(index, self.leaves)]}
            for index, event in self.own
        ]
        head = f"{body}\n\u2014 {ORIGIN} {signature}\n"
        self.files["transcript.json"] = jcs(self.transcript)
        self.files["log.json"] = jcs({"head": head, "entries": entries, "key": PUBLIC.hex()})
        self.files["verify.py"] = VERIFIER.read_bytes()
        self.files["README.txt"] = readme_text(self.plan).encode()

    def rewrite(self, tag: str, change) -> None:
        """Changes logged events and signs the log anew: what a dishonest operator could do."""
        for index, event in self.own:
            if event["tag"] == f"draw.{tag}":
                change(event)
                self.leaves[index] = hashlib.sha256(b"\x00" + jcs(event)).digest()
        self.seal()


# Round 123 of drand quicknet, as published.
SIGNATURE = "b75c69d0b72a5d906e854e808ba7e2accb1542ac355ae486d591aa9d43765482e26cd02df835d3546d23c4b13e0dfc92"


def root(leaves, h=lambda data: hashlib.sha256(data).digest()) -> bytes:
    if len(leaves) < 2:
        return leaves[0] if leaves else h(b"")
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return h(b"\x01" + root(leaves[:k], h) + root(leaves[k:], h))


def path(index, leaves) -> list[bytes]:
    if len(leaves) < 2:
        return []
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if index < k:
        return [*path(index, leaves[:k]), root(leaves[k:])]
    return [*path(index - k, leaves[k:]), root(leaves[:k])]


def pack(files) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), files[name], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
