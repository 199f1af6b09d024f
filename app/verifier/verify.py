#!/usr/bin/env python3
"""Checks the bundle of a random draw of inspection targets: protocol evenhand-draw/1.

    python3 verify.py bundle.zip [--json]

Standard library only (Python 3.11 or newer), one file, no network. Exit 0: no check failed; 1: one failed;
2: the bundle is damaged. Every check ends as `ok`, `FAIL` or `not checked` (with the reason).

Parts: 1 checks and reports; 2 bytes, hashes, canonical JSON (RFC 8785); 3 Merkle trees (RFC 6962), signatures
(RFC 8032, C2SP signed notes); 4 shape of the documents; 5 reading the bundle; 6 documents, edition; 7 log,
order of events; 8 contributions, beacon, seed; 9 frame, tickets, selection; 10 matching; 11 the whole.
"""

from __future__ import annotations

import base64
import bisect
import hashlib
import heapq
import io
import json
import os
import re
import struct
import sys
import unicodedata
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

VERSION = "evenhand-draw/1"
Hash = Callable[[bytes], bytes]

# ---------------------------------------------------------------- 1. checks and reports


class DamagedBundle(Exception):
    """No bundle at all: not a zip, a wrong checksum, a main document missing, a size beyond reason."""


class Bad(Exception):
    """A check that fails; the text says what is wrong."""


class Skip(Exception):
    """A check that cannot be made here; the text says why."""


class Report:
    """Collects `{"name", "status", "detail"}` in the order in which the checks are made."""

    def __init__(self) -> None:
        self.checks: list[dict[str, str]] = []

    def run(self, name: str, check: Callable[..., str], *args: Any) -> bool:
        """Makes one check; whatever a hostile file provokes becomes a FAIL, never a crash."""
        try:
            status, detail = "ok", check(*args)
        except Skip as reason:
            status, detail = "not checked", str(reason)
        except Bad as reason:
            status, detail = "FAIL", str(reason)
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
            status, detail = "FAIL", f"cannot be read: {type(error).__name__}: {str(error)[:200]}"
        self.checks.append({"name": name, "status": status, "detail": detail})
        return status == "ok"

    def result(self) -> dict[str, Any]:
        """`{"checks": [...], "verdict": "ok" | "FAIL"}`"""
        failed = any(check["status"] == "FAIL" for check in self.checks)
        return {"checks": self.checks, "verdict": "FAIL" if failed else "ok"}


def must(condition: object, message: str) -> None:
    if not condition:
        raise Bad(message)


# ---------------------------------------------------------------- 2. bytes, hashes, canonical JSON

_WORD = 0xFFFFFFFF
_SM3_START = (0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E)


def _rotate(x: int, n: int) -> int:
    n %= 32
    return ((x << n) | (x >> (32 - n))) & _WORD if n else x


_SM3_T = [_rotate(0x79CC4519 if j < 16 else 0x7A879D8A, j) for j in range(64)]


def sm3(data: bytes) -> bytes:
    """SM3 (GB/T 32905-2016) in plain Python."""
    padded = data + b"\x80" + b"\0" * ((55 - len(data)) % 64) + struct.pack(">Q", 8 * len(data))
    state: tuple[int, ...] = _SM3_START
    for block in range(0, len(padded), 64):
        w = list(struct.unpack(">16I", padded[block : block + 64]))
        for j in range(16, 68):
            r = w[j - 3]
            x = w[j - 16] ^ w[j - 9] ^ ((r << 15 | r >> 17) & _WORD)
            r = w[j - 13]
            x ^= (x << 15 | x >> 17) & _WORD ^ (x << 23 | x >> 9) & _WORD
            w.append(x ^ (r << 7 | r >> 25) & _WORD ^ w[j - 6])
        a, b, c, d, e, f, g, h = state
        for j in range(64):
            a12 = (a << 12 | a >> 20) & _WORD
            s = a12 + e + _SM3_T[j] & _WORD
            s = (s << 7 | s >> 25) & _WORD
            if j < 16:
                first, second = a ^ b ^ c, e ^ f ^ g
            else:
                first, second = a & b | a & c | b & c, e & f | ~e & g
            t1 = first + d + (s ^ a12) + (w[j] ^ w[j + 4]) & _WORD
            t2 = second + h + s + w[j] & _WORD
            d, c, b, a = c, (b << 9 | b >> 23) & _WORD, a, t1
            h, g, f = g, (f << 19 | f >> 13) & _WORD, e
            e = t2 ^ (t2 << 9 | t2 >> 23) & _WORD ^ (t2 << 17 | t2 >> 15) & _WORD
        state = tuple(p ^ q for p, q in zip(state, (a, b, c, d, e, f, g, h), strict=True))
    return struct.pack(">8I", *state)


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _quick_sm3() -> Hash:
    """The interpreter's own SM3 where it has one that agrees with ours (it is a thousand times as fast)."""
    try:
        start = hashlib.new("sm3")
    except ValueError:
        return sm3

    def quick(data: bytes) -> bytes:
        state = start.copy()
        state.update(data)
        return state.digest()

    samples = (b"", b"abc", b"\xff" * 55, b"abcd" * 14, b"\x01" * 64, bytes(range(256)))
    return quick if all(quick(sample) == sm3(sample) for sample in samples) else sm3


HASHES: dict[str, Hash] = {"sha256": sha256, "sm3": _quick_sm3()}


def enc(x: bytes) -> bytes:
    """Length as four bytes, big-endian, then the bytes."""
    return struct.pack(">I", len(x)) + x


def tag(name: str) -> bytes:
    """T(name) of the protocol: keeps the uses of the hash apart."""
    return enc(f"{VERSION}/{name}".encode())


def tagged(h: Hash, name: str, *parts: bytes) -> bytes:
    """H(T(name) || enc(part) || ...)"""
    return h(tag(name) + b"".join(map(enc, parts)))


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def canonical(value: Any) -> bytes:
    """RFC 8785 for strings, integers below 2^53, booleans, null, arrays and objects.

    Errors: ValueError for anything else, surrogates included.
    """

    def write(v: Any) -> str:
        if v is None or isinstance(v, bool):
            return {None: "null", True: "true", False: "false"}[v]
        if isinstance(v, int):
            if abs(v) >= 1 << 53:
                raise ValueError("an integer of 2^53 or more")
            return str(v)
        if isinstance(v, str):
            quoted = re.sub(r'["\\\x00-\x1f]', lambda m: _ESCAPES.get(m[0], f"\\u{ord(m[0]):04x}"), v)
            return f'"{quoted}"'
        if isinstance(v, list):
            return "[" + ",".join(map(write, v)) + "]"
        if isinstance(v, dict):
            keys = sorted(v, key=lambda key: key.encode("utf-16-be"))
            return "{" + ",".join(f"{write(key)}:{write(v[key])}" for key in keys) + "}"
        raise ValueError(f"{type(v).__name__} has no place in these documents")

    return write(value).encode()


def parse_json(data: bytes) -> Any:
    """Strict reading: UTF-8, no doubled names, no floats. Errors: ValueError, RecursionError."""

    def names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a name stands twice in one object")
        return dict(pairs)

    def refuse(number: str) -> Any:
        raise ValueError(f"{number[:40]} is not an integer")

    return json.loads(data.decode(), object_pairs_hook=names, parse_float=refuse, parse_constant=refuse)


# ---------------------------------------------------------------- 3. Merkle trees, Ed25519, signed notes


def tree_root(leaves: list[bytes], h: Hash) -> bytes:
    """Merkle tree hash in the shape of RFC 6962 over hashed leaves; the empty tree is H("")."""
    if not leaves:
        return h(b"")
    level = leaves
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [h(b"\x01" + one + two) for one, two in zip(level[::2], level[1::2], strict=False)] + odd
    return level[0]


def roots_from_proof(leaf: bytes, index: int, size: int, proof: list[bytes]) -> tuple[bytes, bytes]:
    """Root that an RFC 6962 inclusion proof leads to, and root of the `index` entries before the leaf.

    The left neighbours on the path are exactly the complete subtrees of everything before the leaf.
    Errors: Bad when the proof has a wrong length.
    """
    must(0 <= index < size, "index outside the tree")
    node, last, root, before = index, size - 1, leaf, b""
    for neighbour in proof:
        must(last, "inclusion proof too long")
        if node & 1 or node == last:
            root = sha256(b"\x01" + neighbour + root)
            before = sha256(b"\x01" + neighbour + before) if before else neighbour
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            root = sha256(b"\x01" + root + neighbour)
        node, last = node >> 1, last >> 1
    must(not last, "inclusion proof too short")
    return root, before or sha256(b"")


_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
Point = tuple[int, int, int, int]


def _add(a: Point, b: Point) -> Point:
    m, n = (a[1] - a[0]) * (b[1] - b[0]) % _P, (a[1] + a[0]) * (b[1] + b[0]) % _P
    c, d = 2 * a[3] * b[3] * _D % _P, 2 * a[2] * b[2] % _P
    e, f, g, h = n - m, d - c, d + c, n + m
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(n: int, a: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while n:
        if n & 1:
            total = _add(total, a)
        a, n = _add(a, a), n >> 1
    return total


def _point(data: bytes) -> Point | None:
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= _P:
        return None
    x2 = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(x2, (_P + 3) // 8, _P)
    if (x * x - x2) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if (x * x - x2) % _P or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return x, y, 1, x * y % _P


def ed25519_ok(key: bytes, message: bytes, signature: bytes) -> bool:
    """Verifies an Ed25519 signature (RFC 8032, section 5.1.7, without the cofactor)."""
    if len(key) != 32 or len(signature) != 64:
        return False
    public, nonce, s = _point(key), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    if public is None or nonce is None or s >= _L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % _L
    base = _point((4 * pow(5, -1, _P) % _P).to_bytes(32, "little"))
    assert base is not None
    left, right = _times(s, base), _add(nonce, _times(k, public))
    return all((left[i] * right[2] - right[i] * left[2]) % _P == 0 for i in (0, 1))


def _base64(text: str) -> bytes:
    data = base64.b64decode(text, validate=True)
    must(base64.b64encode(data).decode() == text, "base64 is not in its one normal form")
    return data


def read_note(note: str, key: bytes) -> tuple[str, int, bytes, int]:
    """Origin, size, root of a signed checkpoint (C2SP tlog-checkpoint); number of other signatures.

    Errors: Bad when the form or the signature by `key` is wrong.
    """
    body, blank, signatures = note.partition("\n\n")
    lines = body.split("\n")
    must(blank and signatures.endswith("\n") and len(lines) >= 3, "the head is no signed checkpoint")
    origin, size, root = lines[0], lines[1], _base64(lines[2])
    must(origin and re.fullmatch(r"0|[1-9][0-9]{0,15}", size) and len(root) == 32, "the head is malformed")
    key_id = sha256(origin.encode() + b"\n\x01" + key)[:4]
    own = others = 0
    for line in signatures[:-1].split("\n"):
        match = re.fullmatch(r"\u2014 ([^ +]+) ([A-Za-z0-9+/=]+)", line)
        must(match, "a signature line has a wrong form")
        assert match is not None
        data = _base64(match[2])
        if match[1] == origin and data[:4] == key_id:
            must(ed25519_ok(key, (body + "\n").encode(), data[4:]), "the signature of the head is wrong")
            own += 1
        else:
            others += 1
    must(own, "the head is not signed by the key of log.json")
    return origin, int(size), root, others


# ---------------------------------------------------------------- 4. the shape of the documents


def matches(pattern: str) -> Callable[[Any], bool]:
    return lambda v: isinstance(v, str) and re.fullmatch(pattern, v) is not None


def number(low: int, high: int = (1 << 53) - 1) -> Callable[[Any], bool]:
    return lambda v: isinstance(v, int) and not isinstance(v, bool) and low <= v <= high


def boolean(v: Any) -> bool:
    return isinstance(v, bool)


def time_text(v: Any) -> bool:
    try:
        return bool(datetime.strptime(v, "%Y-%m-%dT%H:%M:%SZ")) and len(v) == 20
    except (TypeError, ValueError):
        return False


class MapOf:
    """Shape of an object whose names are data."""

    def __init__(self, name: Callable[[Any], bool], shape: Any) -> None:
        self.name, self.shape = name, shape


def expect(value: Any, shape: Any, where: str) -> None:
    """Shapes: dict (exactly these fields), [x] (list of x), tuple (one of), str, None (this), function."""
    if isinstance(shape, tuple):
        failures = []
        for one in shape:
            try:
                expect(value, one, where)
            except Bad as failure:
                failures.append(str(failure))
            else:
                return
        raise Bad(failures[-1])
    if isinstance(shape, dict):
        must(isinstance(value, dict) and set(value) == set(shape), f"{where}: fields are not {sorted(shape)}")
        for name, inner in shape.items():
            expect(value[name], inner, f"{where}.{name}")
    elif isinstance(shape, MapOf):
        must(isinstance(value, dict) and all(map(shape.name, value)), f"{where}: a name is not allowed")
        for name, inner in value.items():
            expect(inner, shape.shape, f"{where}.{name}")
    elif isinstance(shape, list):
        must(isinstance(value, list), f"{where}: not a list")
        for position, inner in enumerate(value):
            expect(inner, shape[0], f"{where}[{position}]")
    else:
        fits = shape(value) if callable(shape) else type(value) is type(shape) and value == shape
        must(fits, f"{where}: {json.dumps(value)[:80]} is not allowed")


TEXT, NAME = matches(r"(?s).+"), matches(r"[A-Za-z0-9._-]{1,80}")
HEX32, HEX16, HEX = matches(r"[0-9a-f]{64}"), matches(r"[0-9a-f]{32}"), matches(r"([0-9a-f]{2})+")
STRATUM, REGION = matches(r"[A-Z0-9_]{1,16}"), matches(r"[0-9]{6}")
RATIO = {
    "kind": "ratio",
    "num": number(1),
    "den": number(1),
    "base": ("rows", "eligible"),
    "round": ("ceil", "half_up", "floor"),
    "min": number(0),
}
SELECTION = (
    {"kind": "strata", "rules": MapOf(STRATUM, (RATIO, {"kind": "count", "n": number(1)}, {"kind": "all"}))},
    {"kind": "total", "n": number(1), "multipliers": MapOf(STRATUM, number(1))},
    {"kind": "weighted", "n": number(1)},
    {"kind": "order", "batches": [number(1)]},
)
RELAX = ({"kind": "region"}, {"kind": "cap", "add": number(1)}, {"kind": "postpone"})
PLAN = {
    "version": VERSION,
    "draw_no": NAME,
    "task_no": TEXT,
    "initiator": NAME,
    "mode": ("sealed", "open"),
    "hash": ("sha256", "sm3"),
    "frame": {"root": HEX32, "digest": HEX32, "rows": number(0), "eligible": number(0)},
    "selection": SELECTION,
    "matching": (
        None,
        MapOf(
            NAME,
            {
                "roster": HEX32,
                "recusals": HEX32,
                "tags": [TEXT],
                "need": number(1),
                "leaders": number(0),
                "relax": [RELAX],
            },
        ),
    ),
    "operator_commit": HEX32,
    "codes": {"tip": HEX32, "length": number(0, 999)},
    "witnesses": [NAME],
    "contributions": ("commit", "open"),
    "absence_allowed": boolean,
    "contributions_until": time_text,
    "beacon": (
        None,
        {"kind": "drand", "chain": HEX32, "round": number(1)},
        {"kind": "declared", "source": TEXT, "not_before": time_text},
    ),
    "open_after": (None, matches(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")),
    "own_case": ("order", "full"),
    "previous": HEX32,
}
TRANSCRIPT = {
    "plan_hash": HEX32,
    "commitments": [{"witness": NAME, "digest": HEX32, "received_at": time_text}],
    "contributions": [
        {"witness": NAME, "value": (None, TEXT), "nonce": (None, HEX16), "received_at": (None, time_text)}
    ],
    "beacon": (None, {"value": TEXT, "signature": (None, HEX)}),
    "closing": (None, HEX32),
    "operator_secret": (None, HEX32),
    "list_secret": (None, HEX32),
    "codes": [HEX32],
    "seed": (None, HEX32),
    "results": [
        {"batch": number(0), "rows": number(0), "digest": HEX32, "root": HEX32, "drawn_digest": HEX32}
    ],
    "void": (None, {"reason": TEXT, "who": (None, matches(r"(?s).*"), [TEXT]), "at": time_text}),
}
EVENT = {
    "seq": number(0),
    "at": time_text,
    "actor": (None, matches(r"(?s).*")),
    "tag": TEXT,
    "subject": TEXT,
    "data": MapOf(lambda name: True, lambda v: True),
}
LOG = {"head": TEXT, "entries": [{"index": number(0), "event": EVENT, "proof": [HEX32]}], "key": HEX32}
EVENT_DATA = {
    "draw.frozen": "plan_hash",
    "draw.committed": "witness digest",
    "draw.contributed": "witness value",
    "draw.closing": "root size",
    "draw.revealed": "witness value nonce",
    "draw.beacon": "value signature",
    "draw.drawn": "batch rows digest root drawn_digest",
    "draw.matched": "batch agency digest",
    "draw.replaced": "batch stratum out_id in_id reason",
    "draw.opened": "seed",
    "draw.void": "reason who",
}
# Genesis (Unix seconds) and period of the public drand chains: quicknet and default.
DRAND = {
    "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971": (1692803367, 3),
    "8990e7a9aaed2ffed73dbd7092123d6f289930540d7651336225dc172e51b2ce": (1595431050, 30),
}


# ---------------------------------------------------------------- 5. reading the bundle

MAX_FILES, MAX_SMALL, MAX_TABLE, MAX_TOTAL, MAX_RATIO = 50_000, 64 << 20, 1 << 30, 2 << 30, 200


def read_zip(source: bytes | str | os.PathLike[str]) -> dict[str, bytes]:
    """All files of the bundle by name. Errors: DamagedBundle."""
    try:
        with zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source) as archive:
            infos, files, total = archive.infolist(), {}, 0
            if len(infos) > MAX_FILES:
                raise DamagedBundle("too many files")
            for info in infos:
                total += info.file_size
                limit = MAX_TABLE if info.filename.endswith(".tsv") else MAX_SMALL
                swollen = info.file_size > 1 << 20 and info.file_size > MAX_RATIO * max(1, info.compress_size)
                if info.file_size > limit or total > MAX_TOTAL or swollen:
                    raise DamagedBundle(f"{info.filename}: too large when unpacked")
                if info.filename in files:
                    raise DamagedBundle(f"{info.filename}: stands twice in the archive")
                files[info.filename] = archive.read(info)
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        zlib.error,
        struct.error,
        OSError,
        EOFError,
        RuntimeError,
        ValueError,
        OverflowError,
    ) as error:
        raise DamagedBundle(f"not a readable zip archive: {error}") from error
    for name in ("plan.json", "transcript.json", "log.json"):
        if name not in files:
            raise DamagedBundle(f"{name} is missing")
    return files


def read_table(data: bytes, head: list[str], columns: int) -> list[list[str]]:
    """Rows of a TSV file after its head lines. Errors: Bad."""
    lines = data.decode().split("\n")
    must(lines.pop() == "", "the last line does not end with LF")
    for position, line in enumerate(head):
        must(lines[position : position + 1] == [line], f"line {position + 1} is not {line!r}")
    rows = [line.split("\t") for line in lines[len(head) :]]
    for position, row in enumerate(rows):
        clean = len(row) == columns and not any("\r" in field or "\0" in field for field in row)
        must(clean, f"line {position + len(head) + 1} has not {columns} clean fields")
    return rows


def same_text(found: bytes, wanted: bytes, what: str) -> None:
    """Names the first line that differs."""
    if found != wanted:
        pairs = zip([*found.split(b"\n"), b""], [*wanted.split(b"\n"), b""], strict=False)
        line = next((n for n, (a, b) in enumerate(pairs, 1) if a != b), 0)
        raise Bad(f"{what}: line {line} differs from what is recomputed")


class Bundle:
    """The files of one bundle and what has been established so far; None means not (yet) established."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.plan: Any = None
        self.transcript: Any = None
        self.log: Any = None
        self.entries: list[dict[str, Any]] | None = None
        self.log_size: int | None = None
        self.log_root = b""
        self.heads_before: dict[int, bytes] = {}
        self.seed: bytes | None = None
        self.frame: Frame | None = None
        self.salted = False
        self.expected: dict[int, list[tuple[str, bytes, bytes]]] = {}
        self.full = "frame.tsv" in files

    def settle(self) -> None:
        """Short names, once plan and transcript have the right shape."""
        self.h = HASHES[self.plan["hash"]]
        self.sealed = self.plan["mode"] == "sealed"
        self.plan_hash = tagged(self.h, "plan", self.files["plan.json"])
        self.results: list[dict[str, Any]] = self.transcript["results"]
        self.void = self.transcript["void"] is not None
        self.opened = self.transcript["operator_secret"] is not None
        secret = self.transcript["list_secret"]
        self.xs = bytes.fromhex(secret) if secret and self.sealed else None

    def of(self, name: str) -> list[dict[str, Any]]:
        """The log entries of one kind, in order. Errors: Skip when log.json has a wrong form."""
        if self.entries is None:
            raise Skip("log.json cannot be relied on, see above")
        return [entry for entry in self.entries if entry["event"]["tag"] == "draw." + name]

    def until(self) -> str:
        date = self.plan["open_after"]
        return "sealed until the last form is submitted" + (f", {date} at the latest" if date else "")

    def needs_frame(self) -> Frame:
        if not self.full:
            raise Skip("sealed: only the full edition has frame and result files")
        if self.frame is None:
            raise Skip("frame.tsv cannot be relied on, see above")
        return self.frame

    def nonce(self, name: str, *parts: bytes) -> str:
        """Expected nonce of a file. Errors: Skip without the list secret."""
        if not self.sealed:
            return "0" * 32
        if self.xs is None:
            raise Skip("the list secret is not in this bundle")
        return tagged(self.h, name, self.xs, *parts)[:16].hex()

    def salt(self, name: str, target: bytes) -> bytes:
        return tagged(self.h, name, self.xs, target)[:16] if self.xs is not None else b""

    def code(self, batch: int) -> bytes:
        return bytes.fromhex(self.transcript["codes"][batch - 1]) if batch else b""


# ---------------------------------------------------------------- 6. documents and edition


def check_canonical(b: Bundle, name: str) -> str:
    value = parse_json(b.files[name])
    must(canonical(value) == b.files[name], "not in canonical form (RFC 8785)")
    attribute = name.removesuffix(".json")
    if attribute in ("plan", "transcript", "log"):
        setattr(b, attribute, value)
    return "canonical JSON"


def beacon_time(beacon: dict[str, Any]) -> str | None:
    """When the beacon's value can exist at the earliest; None for a chain whose clock is not known here."""
    if beacon["kind"] == "declared":
        return str(beacon["not_before"])
    if beacon["chain"] not in DRAND:
        return None
    genesis, period = DRAND[beacon["chain"]]
    seconds = min(genesis + (beacon["round"] - 1) * period, 253402300799)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def batches_of(plan: dict[str, Any]) -> int:
    selection = plan["selection"]
    return len(selection["batches"]) if selection["kind"] == "order" else 1


def check_plan(b: Bundle) -> str:
    plan = b.plan
    expect(plan, PLAN, "plan")
    must(plan["frame"]["eligible"] <= plan["frame"]["rows"], "more eligible rows than rows")
    must(1 <= batches_of(plan) <= 1000, "not 1 to 1,000 batches")
    must(plan["codes"]["length"] == batches_of(plan) - 1, "codes.length does not fit the batches")
    witnesses = plan["witnesses"]
    must(len(set(witnesses)) == len(witnesses), "a witness stands twice in the plan")
    must(plan["beacon"] or set(witnesses) - {plan["initiator"]}, "no witness from outside and no beacon")
    must(plan["beacon"] or not plan["absence_allowed"], "absence is allowed without a beacon")
    moment = beacon_time(plan["beacon"]) if plan["beacon"] else None
    must(moment is None or moment > plan["contributions_until"], "the beacon exists too early")
    for agency, terms in (plan["matching"] or {}).items():
        must(terms["leaders"] <= terms["need"], f"{agency}: more leaders than people")
    return f"draw {plan['draw_no']}, {plan['mode']} mode, {plan['hash']}, {plan['frame']['rows']} rows"


def check_transcript(b: Bundle) -> str:
    expect(b.transcript, TRANSCRIPT, "transcript")
    for field in ("commitments", "contributions"):
        names = [item["witness"] for item in b.transcript[field]]
        must(len(set(names)) == len(names), f"{field}: a witness stands twice")
        must(set(names) <= set(b.plan["witnesses"]), f"{field}: somebody who is no witness of the plan")
    batches = [item["batch"] for item in b.transcript["results"]]
    must(batches == list(range(len(batches))), "results: the batches are not 0, 1, 2, ...")
    must(len(batches) <= batches_of(b.plan), "results: more batches than the plan has")
    return f"{len(batches)} of {batches_of(b.plan)} batches drawn"


def check_files(b: Bundle) -> str:
    base = {"plan.json", "transcript.json", "replacements.tsv", "log.json", "verify.py", "README.txt"}
    drawn = {f"drawn-{item['batch']}.tsv" for item in b.results}
    private = {f"result-{item['batch']}.tsv" for item in b.results} | {"frame.tsv"}
    certificates = set()
    for agency in b.plan["matching"] or {}:
        private |= {f"matching/{agency}/roster.tsv", f"matching/{agency}/recusals.tsv"}
    for entry in b.of("matched"):
        data = entry["event"]["data"]
        private.add(f"matching/{data['agency']}/assignment-{data['batch']}.tsv")
        certificates.add(f"matching/{data['agency']}/certificate-{data['batch']}.json")
    unknown = set(b.files) - base - drawn - private - certificates
    must(not unknown, f"does not belong to this bundle: {', '.join(sorted(unknown)[:5])}")
    wanted = set(base)
    if b.full or not b.sealed:
        wanted |= drawn | private
    elif b.opened:
        wanted |= drawn
    missing = wanted - set(b.files)
    must(not missing, f"missing: {', '.join(sorted(missing)[:5])}")
    return f"{len(b.files)} files, all that belong and no other"


def check_edition(b: Bundle) -> str:
    t, edition = b.transcript, "full edition" if b.full else "public edition"
    must((t["operator_secret"] is None) == (t["seed"] is None), "only one of secret and seed is shown")
    must(b.results or b.void or not b.opened, "secrets are shown although nothing is drawn")
    codes = max(0, len(b.results) - 1) if b.opened else 0
    must(len(t["codes"]) == codes, f"{len(t['codes'])} codes shown, {codes} belong")
    if b.full:
        must(not b.results or b.opened, "the full edition keeps the operator's secret back")
        must(not (b.sealed and b.results) or b.xs is not None, "the full edition keeps the list secret back")
        unused = not b.sealed and t["list_secret"] is not None
        return edition + ("; the list secret has no use in open mode and is not checked" if unused else "")
    must(b.sealed, "in open mode everything is in the bundle, and frame.tsv is not")
    must(t["list_secret"] is None, "the public edition shows the list secret")
    private = sorted(name for name in b.files if name.startswith(("result-", "matching/")))
    must(not private, f"the public edition shows {', '.join(private[:5])}")
    must(b.opened == bool(b.of("opened")) or b.void, "log and bundle do not agree on the opening")
    if b.opened:
        return edition + ", opened"
    shown = [name for name in b.files if name.startswith("drawn-")]
    must(not shown, f"{', '.join(shown[:5])} is shown before the opening")
    must(b.files.get("replacements.tsv", b"").count(b"\n") <= 1, "replacements are shown before the opening")
    return f"{edition}, {b.until()}"


def check_verifier_file(b: Bundle) -> str:
    try:
        with open(__file__, "rb") as own:
            source = own.read()
    except (OSError, NameError) as error:
        raise Skip("the running verifier cannot read its own file") from error
    same = b.files["verify.py"] == source
    must(same, "verify.py in the bundle is another program than the one that is running now")
    return "the bundle ships exactly the program that is running now"


def readme_text(plan: dict[str, Any]) -> str:
    """README.txt of the bundle of this plan, Chinese and English; the same for both editions."""
    return f"""随机抽取证据包 Evidence of a random draw

抽取编号 Draw: {plan["draw_no"]}
抽查任务 Task: {plan["task_no"]}
协议 Protocol: {plan["version"]}, {plan["hash"]}, {plan["mode"]} (sealed 密封, open 公开)

如何验证：从可信的来源取得 verify.py（门户公开页面，或本包中的同一文件），用 Python 3.11 或更新版本运行，
不需要安装其他软件，不需要联网。每项检查显示 ok（通过）、FAIL（不通过）或 not checked（未检查，并说明原因）。
退出码：0 没有不通过的检查；1 有不通过的检查；2 证据包损坏，无法读取。
请把 log.json 中的公钥与门户 /public/log 公布的公钥核对。
How to check it: take verify.py from a source you trust (the portal's public page, or the same file in this
bundle) and run it with Python 3.11 or newer; nothing to install, no network. Every check says ok, FAIL or
not checked (with the reason). Exit status: 0 no check failed; 1 a check failed; 2 the bundle is damaged.
Compare the public key in log.json with the one that the portal publishes at /public/log.

    python3 verify.py bundle.zip
    python3 verify.py bundle.zip --json

文件 Files (* 仅完整版 full edition only)

plan.json             抽取方案：产生种子以前冻结的名单摘要、规则和承诺
                      what was frozen before the seed was begun: digests of the list, rules, commitments
transcript.json       过程记录：见证人的承诺与数值、信标、已公开的秘密、种子、各批结果摘要
                      commitments and values of the witnesses, beacon, opened secrets, seed, results
frame.tsv *           候选名单 the list that was drawn from
result-N.tsv *        第 N 批结果：分层、名次、抽签号 result of batch N: strata, ranks, tickets
drawn-N.tsv           第 N 批抽中的检查对象，即公开的名单 targets drawn in batch N: the list that is published
replacements.tsv      按规定替换的检查对象及原因 targets replaced under the rules, with the reason
matching/部门 agency/
  roster.tsv *        执法检查人员名册 the agency's inspectors
  recusals.tsv *      回避清单 pairs that must not meet
  assignment-N.tsv *  第 N 批随机匹配结果 who inspects what
  certificate-N.json *  匹配结果唯一最优的证明（有则附） proof that it is the only optimum
log.json              本次抽取的日志条目、包含证明、已签名的日志头 log entries, inclusion proofs, signed head
verify.py             验证程序，仅用 Python 标准库 the verifier, Python standard library only
README.txt            本说明 this text

密封抽取的公开版在最后一份检查记录提交以前也不含 drawn-N.tsv。
The public edition of a sealed draw has no drawn-N.tsv either before the last form is submitted.
"""


def check_readme(b: Bundle) -> str:
    same_text(b.files["README.txt"], readme_text(b.plan).encode(), "README.txt")
    return "as it follows from the plan"


def check_void(b: Bundle) -> str:
    void, entries = b.transcript["void"], b.of("void")
    if void is None:
        must(not entries, "the log says that the draw is void, the transcript does not")
        return "the draw is not void"
    must(not b.results, "a void draw shows results")
    must(len(entries) == 1, "the log has not exactly one entry that says the draw is void")
    event = entries[0]["event"]
    logged = (event["data"]["reason"], event["data"]["who"], event["data"].get("at", event["at"]))
    must(logged == (void["reason"], void["who"], void["at"]), "reason, name or time differ from the log")
    return f"the draw is VOID: {void['reason']}"


# ---------------------------------------------------------------- 7. log and order of events


def check_log_form(b: Bundle) -> str:
    expect(b.log, LOG, "log")
    subject, earlier, latest = f"draw:{b.plan['draw_no']}", (-1, -1), 0.0
    for entry in b.log["entries"]:
        event, data = entry["event"], entry["event"]["data"]
        where = f"entry {entry['index']} ({event['tag']})"
        must(event["subject"] == subject and data.get("draw_no") == b.plan["draw_no"], f"{where}: other draw")
        must(event["tag"].startswith("draw."), f"{where}: not an event of a draw")
        missing = [name for name in EVENT_DATA.get(event["tag"], "").split() if name not in data]
        must(not missing, f"{where}: without {', '.join(missing)}")
        now, moment = (entry["index"], event["seq"]), datetime.fromisoformat(event["at"]).timestamp()
        must(now[0] > earlier[0] and now[1] > earlier[1], f"{where}: out of order")
        must(moment >= latest - 60, f"{where}: more than a minute earlier than an entry before it")
        earlier, latest = now, max(moment, latest)
    b.entries = b.log["entries"]
    return f"{len(b.entries)} entries of this draw; whether there are more is seen in the public log"


def check_log_head(b: Bundle) -> str:
    origin, size, root, _ = read_note(b.log["head"], bytes.fromhex(b.log["key"]))
    b.log_size, b.log_root = size, root
    return f"{origin}, {size} entries, key {b.log['key'][:16]}...: compare it with the published key"


def check_cosignatures(b: Bundle) -> str:
    others = read_note(b.log["head"], bytes.fromhex(b.log["key"]))[3]
    must(others, "no other signature")
    raise Skip(f"{others} signatures of independent witnesses, whose keys are not in the bundle")


def check_log_proofs(b: Bundle) -> str:
    if b.log_size is None:
        raise Skip("the head cannot be relied on, see above")
    for entry in b.entries or []:
        proof = [bytes.fromhex(item) for item in entry["proof"]]
        leaf = sha256(b"\x00" + canonical(entry["event"]))
        root, before = roots_from_proof(leaf, entry["index"], b.log_size, proof)
        must(root == b.log_root, f"entry {entry['index']} ({entry['event']['tag']}) is not in the signed log")
        b.heads_before[entry["index"]] = before
    return f"{len(b.heads_before)} entries are in the signed log"


def check_order(b: Bundle) -> str:
    """Each pair: everything of the first kind stands before everything of the second."""

    def span(name: str) -> list[int]:
        return [entry["index"] for entry in b.of(name)]

    must(len(span("frozen")) == 1, "the log has not exactly one entry for the freeze")
    for name in ("closing", "beacon", "opened", "void"):
        must(len(span(name)) <= 1, f"two entries draw.{name}")
    for name in ("committed", "contributed", "revealed"):
        witnesses = [entry["event"]["data"]["witness"] for entry in b.of(name)]
        must(len(set(witnesses)) == len(witnesses), f"two entries draw.{name} of one witness")
    pairs = """frozen committed, frozen contributed, frozen closing, frozen revealed, frozen beacon,
               frozen drawn, committed closing, contributed closing, closing revealed, closing beacon,
               closing drawn, revealed drawn, beacon drawn, drawn opened"""
    for first, second in (pair.split() for pair in pairs.split(",")):
        if span(first) and span(second):
            must(span(first)[-1] < span(second)[0], f"draw.{second} stands before draw.{first} in the log")
    drawn = {entry["event"]["data"]["batch"]: entry["index"] for entry in b.of("drawn")}
    for entry in b.of("matched") + b.of("replaced"):
        after = drawn.get(entry["event"]["data"]["batch"], entry["index"]) < entry["index"]
        must(after, f"entry {entry['index']} stands before the draw of its batch")
    if b.results:
        for name in ["closing", "drawn", "beacon"] if b.plan["beacon"] else ["closing", "drawn"]:
            must(span(name), f"the log has no entry draw.{name}")
    return "plan, then contributions, then closing, then reveals and beacon, then the draw"


def check_plan_hash(b: Bundle) -> str:
    must(b.transcript["plan_hash"] == b.plan_hash.hex(), "the transcript has another plan hash")
    for entry in b.of("frozen"):
        must(entry["event"]["data"]["plan_hash"] == b.plan_hash.hex(), "the log has another plan hash")
    return b.plan_hash.hex()


def check_previous(b: Bundle) -> str:
    for entry in b.of("frozen"):
        if b.heads_before.get(entry["index"], b"").hex() == b.plan["previous"]:
            return "the head at the freeze covers everything logged before it"
    raise Skip("that head is older than the entry before the freeze; see the public log's consistency proofs")


def check_closing(b: Bundle) -> str:
    entries, closing = b.of("closing"), b.transcript["closing"]
    if closing is None:
        must(not entries and not b.results, "the transcript has no closing head")
        raise Skip("contributions were never closed" if b.void else "contributions are not closed yet")
    must(len(entries) == 1, "the log has no entry draw.closing")
    data, index = entries[0]["event"]["data"], entries[0]["index"]
    must(data["root"] == closing, "the closing head of the transcript is not the one in the log")
    must(number(0, index)(data["size"]), "the closing head covers entries that did not exist")
    covered = [entry["index"] for name in ("frozen", "committed", "contributed") for entry in b.of(name)]
    must(max(covered, default=-1) < data["size"], "the closing head does not cover every contribution")
    return f"{closing}, {data['size']} entries"


def check_closing_head(b: Bundle) -> str:
    if not b.of("closing") or not b.heads_before:
        raise Skip("there is no closing head, or the log cannot be relied on")
    entry = b.of("closing")[0]
    if entry["event"]["data"]["size"] != entry["index"]:
        raise Skip("other entries came between; see the public log's consistency proofs")
    before = b.heads_before[entry["index"]].hex()
    must(before == entry["event"]["data"]["root"], "not the root of the entries before it")
    return "root of exactly the entries before it"


def check_times(b: Bundle) -> str:
    """Times of receipt against the log and the deadline."""
    until, commit = b.plan["contributions_until"], b.plan["contributions"] == "commit"
    kinds = [("commitments", "committed"), ("contributions", "revealed" if commit else "contributed")]
    for field, name in kinds:
        logged = {entry["event"]["data"]["witness"]: entry["event"] for entry in b.of(name)}
        for item in b.transcript[field]:
            event = logged.get(item["witness"])
            if item["received_at"] is None or event is None:
                must(item.get("value", 0) is None, f"{item['witness']}: {field} without time or log entry")
                continue
            moment = event["data"].get("received_at", event["at"])
            must(item["received_at"] == moment, f"{item['witness']}: the time differs from the log")
            late = name != "revealed" and item["received_at"] > until
            must(not late, f"{item['witness']}: came after the deadline {until}")
    moment = beacon_time(b.plan["beacon"]) if b.plan["beacon"] else None
    for entry in b.of("closing"):
        closed = moment is None or entry["event"]["at"] < moment
        must(closed, "the closing head was logged when the beacon could already be known")
    for entry in b.of("beacon"):
        must(moment is None or entry["event"]["at"] >= moment, "the beacon was logged before it could exist")
    unknown = "; this drand chain's clock is not known here" if b.plan["beacon"] and not moment else ""
    return f"deadline {until}{unknown}"


# ---------------------------------------------------------------- 8. contributions, beacon, seed


def check_operator(b: Bundle) -> str:
    if not b.opened:
        raise Skip("the draw is void, its secret stays closed" if b.void else b.until())
    secret = bytes.fromhex(b.transcript["operator_secret"])
    commit = tagged(b.h, "commit", b.plan["draw_no"].encode(), secret)
    must(commit.hex() == b.plan["operator_commit"], "the operator's secret is not the committed one")
    return "the operator's secret is the committed one"


def allowed_value(value: str) -> bool:
    return 1 <= len(value) <= 200 and not any(unicodedata.category(c) in ("Cc", "Cs") for c in value)


def witness_digest(h: Hash, plan_hash: bytes, witness: str, value: str, nonce: bytes) -> bytes:
    return tagged(h, "witness", plan_hash, witness.encode(), value.encode(), nonce)


def check_contributions(b: Bundle) -> str:
    """What the transcript says is what the log says; nobody is missing who must not be."""
    commit = b.plan["contributions"] == "commit"
    name, fields = ("revealed", ("value", "nonce")) if commit else ("contributed", ("value",))
    logged = {e["event"]["data"]["witness"]: [e["event"]["data"][f] for f in fields] for e in b.of(name)}
    given = {c["witness"]: c for c in b.transcript["contributions"] if c["value"] is not None}
    must(set(logged) == set(given), "the contributions are not those of the log")
    for witness, item in given.items():
        must(logged[witness] == [item[field] for field in fields], f"{witness}: differs from the log")
        must(allowed_value(item["value"]), f"{witness}: not 1 to 200 allowed characters")
        must((item["nonce"] is not None) == commit, f"{witness}: a nonce belongs to commitments only")
    if commit:
        must(not b.of("contributed"), "an open contribution in a draw with commitments")
        committed = {item["witness"] for item in b.transcript["commitments"]}
        must(set(given) <= committed, "revealed without a commitment")
    else:
        must(not b.of("committed") and not b.of("revealed"), "commitments in a draw with open contributions")
    absent = [witness for witness in b.plan["witnesses"] if witness not in given]
    if b.results:
        must(b.plan["absence_allowed"] or not absent, f"missing: {', '.join(absent)}")
    return f"{len(given)} of {len(b.plan['witnesses'])} witnesses; absent: {', '.join(absent) or 'nobody'}"


def check_commitments(b: Bundle) -> str:
    logged = {e["event"]["data"]["witness"]: e["event"]["data"]["digest"] for e in b.of("committed")}
    shown = {item["witness"]: item["digest"] for item in b.transcript["commitments"]}
    must(logged == shown, "the commitments are not those of the log")
    if b.plan["contributions"] == "open":
        must(not shown, "commitments in a draw with open contributions")
        return "open contributions, no commitments"
    values = {c["witness"]: c for c in b.transcript["contributions"] if c["value"] is not None}
    for witness, digest in shown.items():
        if witness not in values:
            must(not b.results, f"{witness} committed and did not reveal, yet there is a result")
            continue
        nonce = bytes.fromhex(values[witness]["nonce"])
        found = witness_digest(b.h, b.plan_hash, witness, values[witness]["value"], nonce).hex()
        must(found == digest, f"{witness}: what was revealed is not what was committed")
    return f"{len(values)} of {len(shown)} commitments revealed and equal"


def check_beacon(b: Bundle) -> str:
    beacon, shown, entries = b.plan["beacon"], b.transcript["beacon"], b.of("beacon")
    if beacon is None:
        must(shown is None and not entries, "a beacon that the plan does not name")
        return "the plan has no beacon"
    if shown is None:
        must(not entries and not b.results, "the beacon is missing")
        raise Skip("the beacon's value is not in the record (yet)")
    must(len(entries) == 1, "the log has no entry draw.beacon")
    data = entries[0]["event"]["data"]
    must((data["value"], data["signature"]) == (shown["value"], shown["signature"]), "differs from the log")
    if beacon["kind"] == "declared":
        return f"{beacon['source']}: compare the value with its publication"
    must(HEX32(shown["value"]), "not 32 bytes in hex")
    must(shown["signature"], "the signature is missing")
    equal = sha256(bytes.fromhex(shown["signature"])).hex() == shown["value"]
    must(equal, "the value is not SHA-256 of the signature")
    return f"drand round {beacon['round']}: the value is SHA-256 of the signature"


def check_beacon_signature(b: Bundle) -> str:
    raise Skip("no library for BLS signatures in a single file; the portal checks it")


def make_seed(
    h: Hash,
    plan: dict[str, Any],
    plan_hash: bytes,
    secret: bytes,
    values: dict[str, str],
    closing: bytes,
    beacon: str | None,
) -> bytes:
    """The seed; `values` by witness (absent: no key), `beacon` as in the transcript."""
    parts = [plan_hash, secret, *(values.get(witness, "").encode() for witness in plan["witnesses"]), closing]
    if plan["beacon"] is None or beacon is None:
        parts.append(b"")
    else:
        parts.append(bytes.fromhex(beacon) if plan["beacon"]["kind"] == "drand" else beacon.encode())
    return tagged(h, "seed", *parts)


def check_seed(b: Bundle) -> str:
    t = b.transcript
    if not b.opened:
        raise Skip("the draw is void before a seed existed" if b.void else b.until())
    must(t["closing"], "there is no closing head to compute the seed from")
    values = {item["witness"]: item["value"] for item in t["contributions"] if item["value"] is not None}
    beacon = t["beacon"]["value"] if t["beacon"] else None
    seed = make_seed(
        b.h,
        b.plan,
        b.plan_hash,
        bytes.fromhex(t["operator_secret"]),
        values,
        bytes.fromhex(t["closing"]),
        beacon,
    )
    must(seed.hex() == t["seed"], "the seed of the transcript is not the one that is recomputed")
    for entry in b.of("opened"):
        must(entry["event"]["data"]["seed"] == t["seed"], "the log has another seed")
    b.seed = seed
    return seed.hex()


def check_codes(b: Bundle) -> str:
    codes, tip = b.transcript["codes"], b.plan["codes"]["tip"]
    if not b.plan["codes"]["length"]:
        return "one batch, no codes"
    if not codes:
        raise Skip("no batch after the first is drawn yet" if b.opened or not b.results else b.until())
    later = bytes.fromhex(tip)
    for batch, code in enumerate(codes, 1):
        must(b.h(bytes.fromhex(code)) == later, f"the code of batch {batch} does not lead to the tip")
        later = bytes.fromhex(code)
    return f"{len(codes)} codes lead to the tip"


# ---------------------------------------------------------------- 9. frame, tickets, selection

COLUMNS = "target_id\tstratum\tweight\teligible\treason\tregion\ttags"
ROW = re.compile(
    rb"([0-9A-Z-]{2,40})\t([A-Z0-9_]{1,16})\t([1-9][0-9]{0,6})\t"
    rb"(?:1\t|0\t(CAP|RECENT|SCHEDULED|CLOSED|EXCLUDED|OTHER))\t[0-9]{6}\t([^\t\r\0]*)"
)
RESULT_HEAD = "batch\tstratum\trank\ttarget_id\tticket"
REPLACED_HEAD = "batch\tstratum\tout_id\tin_id\treason\tlog_index"


class Frame:
    """frame.tsv: nonce, rows as bytes without LF; per row id, stratum, weight, whether it can be drawn."""

    def __init__(self, data: bytes, open_mode: bool) -> None:
        data.decode()
        lines = data.split(b"\n")
        head = re.fullmatch(rb"#evenhand-draw/1 frame ([0-9a-f]{32})", lines[0])
        must(head and lines[1:2] == [COLUMNS.encode()] and lines[-1] == b"", "wrong head lines or end")
        assert head is not None
        self.nonce, self.lines = head[1].decode(), lines[2:-1]
        self.ids: list[bytes] = []
        self.strata: list[str] = []
        self.weights: list[int] = []
        self.eligible: list[bool] = []
        self.salts: list[bytes] = []
        names: dict[bytes, str] = {}
        previous = b""
        for position, line in enumerate(self.lines, 3):
            row = ROW.fullmatch(line)
            must(row, f"line {position} is not a row of the frame")
            assert row is not None
            target, stratum, weight, reason, tags = row.groups()
            must(target > previous, f"line {position}: not sorted, or the target stands twice")
            if tags:
                words = tags.split(b",")
                must(b"" not in words and words == sorted(set(words)), f"line {position}: tags not sorted")
            must(reason != b"OTHER" or open_mode, f"line {position}: reason OTHER belongs to open mode")
            must(len(weight) < 7 or weight == b"1000000", f"line {position}: weight above 1,000,000")
            self.ids.append(target)
            self.strata.append(names.setdefault(stratum, stratum.decode()))
            self.weights.append(int(weight))
            self.eligible.append(reason is None)
            previous = target

    def find(self, target: bytes) -> int:
        """Position of a target. Errors: Bad when it is not in the frame."""
        position = bisect.bisect_left(self.ids, target)
        found = position < len(self.ids) and self.ids[position] == target
        must(found, f"{target.decode(errors='replace')} is not in the frame")
        return position

    def salt_rows(self, h: Hash, secret: bytes | None) -> None:
        if secret is None:
            self.salts = [b""] * len(self.ids)
            return
        start = tag("salt") + enc(secret)
        self.salts = [h(start + struct.pack(">I", len(target)) + target)[:16] for target in self.ids]

    def root(self, h: Hash) -> bytes:
        salted = zip(self.salts, self.lines, strict=True)
        return tree_root([h(b"\x00" + enc(salt) + line) for salt, line in salted], h)


def check_frame(b: Bundle) -> str:
    if not b.full:
        raise Skip("sealed: only the full edition has the list")
    frame = Frame(b.files["frame.tsv"], not b.sealed)
    eligible = sum(frame.eligible)
    counts = (b.plan["frame"]["rows"], b.plan["frame"]["eligible"])
    must((len(frame.ids), eligible) == counts, "the numbers of rows are not those of the plan")
    selection, known = b.plan["selection"], set(frame.strata)
    rules = selection.get("rules", selection.get("multipliers"))
    must(rules is None or known <= set(rules), "a stratum of the frame has no rule in the plan")
    b.frame = frame
    return f"{len(frame.ids)} rows, {eligible} eligible, sorted, unique"


def check_frame_digest(b: Bundle) -> str:
    if not b.full:
        raise Skip("sealed: only the full edition has the list")
    must(b.h(b.files["frame.tsv"]).hex() == b.plan["frame"]["digest"], "frame.tsv is not the frozen list")
    return str(b.plan["frame"]["digest"])


def check_frame_nonce(b: Bundle) -> str:
    frame = b.needs_frame()
    must(frame.nonce == b.nonce("frame"), "the nonce does not follow from the list secret")
    return "follows from the list secret" if b.sealed else "zeros, open mode"


def check_frame_root(b: Bundle) -> str:
    frame = b.needs_frame()
    b.nonce("frame")
    frame.salt_rows(b.h, b.xs)
    b.salted = True
    must(frame.root(b.h).hex() == b.plan["frame"]["root"], "salts or rows do not lead to the frozen root")
    return str(b.plan["frame"]["root"])


def quota(rule: dict[str, Any], rows: int, eligible: int) -> int:
    """Number to draw in a stratum."""
    if rule["kind"] == "all":
        return eligible
    if rule["kind"] == "count":
        return min(eligible, int(rule["n"]))
    part, den = (rows if rule["base"] == "rows" else eligible) * rule["num"], rule["den"]
    share = {"ceil": (part + den - 1) // den, "half_up": (2 * part + den) // (2 * den), "floor": part // den}
    return min(eligible, max(rule["min"], share[rule["round"]])) if eligible else 0


def apportion(n: int, multipliers: dict[str, int], eligible: dict[str, int]) -> dict[str, int]:
    """Seats per stratum for the kind `total`: largest remainders, full strata leave together."""
    active, seats = {s for s, count in eligible.items() if count}, dict.fromkeys(eligible, 0)
    n = min(n, sum(eligible.values()))
    while active:
        parts = {s: n * eligible[s] * multipliers[s] for s in active}
        total = sum(eligible[s] * multipliers[s] for s in active)
        shares = {s: parts[s] // total for s in active}
        for s in sorted(active, key=lambda s: (-(parts[s] % total), s))[: n - sum(shares.values())]:
            shares[s] += 1
        over = {s for s in active if shares[s] > eligible[s]}
        for s in over or active:
            seats[s] = eligible[s] if over else shares[s]
        n -= sum(eligible[s] for s in over)
        active = active - over if over else set()
    return seats


class Draws:
    """Draws the batches anew, in the order in which they were drawn, replacements between them."""

    def __init__(self, h: Hash, selection: dict[str, Any], draw_no: str, seed: bytes, frame: Frame) -> None:
        self.h, self.selection, self.frame = h, selection, frame
        self.start = tag("ticket") + enc(seed) + enc(draw_no.encode())
        self.drawn: set[bytes] = set()
        self.orders: dict[int, dict[str, list[bytes]]] = {}
        self.sizes: dict[str, int] = {}
        self.keys: list[int] = []

    def prefix(self, code: bytes) -> bytes:
        return self.h(self.start + enc(code))

    def batch(self, batch: int, code: bytes) -> list[tuple[str, bytes, bytes]]:
        """(stratum, target, ticket) in the order of result-<batch>.tsv."""
        h, frame, prefix, kind = self.h, self.frame, self.prefix(code), self.selection["kind"]
        groups: dict[str, list[tuple[bytes, bytes]]] = defaultdict(list)
        pooled = kind in ("weighted", "order")
        rows = zip(frame.ids, frame.strata, frame.eligible, frame.salts, strict=True)
        for target, stratum, eligible, salt in rows:
            if eligible and target not in self.drawn:
                groups["-" if pooled else stratum].append((h(prefix + salt + target), target))
        counts = {stratum: len(groups[stratum]) for stratum in ({"-"} if pooled else set(frame.strata))}
        chosen: list[tuple[str, bytes, bytes]] = []
        if kind == "weighted":
            chosen = self.weighted(groups["-"], batch)
            self.sizes = {"-": len(chosen)}
        else:
            if kind == "order":
                self.sizes[str(batch)] = min(self.selection["batches"][batch], counts["-"])
                sizes = {"-": self.sizes[str(batch)]}
            elif kind == "total":
                sizes = self.sizes = apportion(self.selection["n"], self.selection["multipliers"], counts)
            else:
                rules, total = self.selection["rules"], Counter(frame.strata)
                sizes = self.sizes = {s: quota(rules[s], total[s], counts[s]) for s in counts}
            self.orders[batch] = {}
            for stratum in sorted(sizes):
                ranked = sorted(groups[stratum])
                self.orders[batch][stratum] = [target for _, target in ranked]
                chosen += [(stratum, target, ticket) for ticket, target in ranked[: sizes[stratum]]]
        self.drawn.update(target for _, target, _ in chosen)
        return chosen

    def weighted(self, pool: list[tuple[bytes, bytes]], batch: int) -> list[tuple[str, bytes, bytes]]:
        """Pareto order sampling; certain rows first."""
        frame, n = self.frame, min(self.selection["n"], len(pool))
        items = [(frame.weights[frame.find(target)], ticket, target) for ticket, target in pool]
        items.sort(key=lambda item: (-item[0], item[2]))
        left, certain = sum(weight for weight, _, _ in items), 0
        while n and n * items[certain][0] >= left:
            left, n, certain = left - items[certain][0], n - 1, certain + 1
        ranked = []
        for weight, ticket, target in items[certain:]:
            u, w = int.from_bytes(ticket, "big"), n * weight
            ranked.append(((u * (left - w) << 128) // (((1 << 256) - u) * w) if n else u, ticket, target))
        ranked.sort()
        self.keys = [key for key, _, _ in ranked[:n]]
        self.orders[batch] = {"-": [target for _, _, target in ranked]}
        taken = items[:certain] + [(0, ticket, target) for _, ticket, target in ranked[:n]]
        return [("-", target, ticket) for _, ticket, target in taken]

    def replace(self, batch: int, stratum: str, members: set[bytes], gone: bytes, came: bytes) -> None:
        """One replacement. Errors: Bad when it is not the next in the order."""
        must(gone in members, f"{gone.decode()} was not drawn in batch {batch}, or has left already")
        order = self.orders[batch].get(stratum, [])
        following = next((target for target in order if target not in self.drawn), None)
        must(following == came, f"{came.decode()} is not the next of batch {batch}, stratum {stratum}")
        own = stratum == "-" or self.frame.strata[self.frame.find(gone)] == stratum
        must(own, f"{gone.decode()} is not in stratum {stratum}")
        members.remove(gone)
        members.add(came)
        self.drawn.add(came)


def result_lines(batch: int, rows: list[tuple[str, bytes, bytes]]) -> list[bytes]:
    """Data lines of result-<batch>.tsv without LF."""
    ranks: Counter[str] = Counter()
    lines = []
    for stratum, target, ticket in rows:
        ranks[stratum] += 1
        lines.append(f"{batch}\t{stratum}\t{ranks[stratum]}\t{target.decode()}\t{ticket.hex()}".encode())
    return lines


def drawn_text(nonce: str, targets: list[bytes]) -> bytes:
    return f"#{VERSION} drawn {nonce}\ntarget_id\n".encode() + b"".join(t + b"\n" for t in sorted(targets))


def read_replacements(b: Bundle) -> list[list[str]]:
    return read_table(b.files["replacements.tsv"], [REPLACED_HEAD], 6)


def check_replacements(b: Bundle) -> str:
    """The rows are the log's, and each is the next in its order; on the way every batch is drawn anew."""
    rows = read_replacements(b)
    logged = []
    for entry in b.of("replaced"):
        data = entry["event"]["data"]
        values = [data[name] for name in ("batch", "stratum", "out_id", "in_id", "reason")] + [entry["index"]]
        logged.append([str(value) for value in values])
    hidden = not b.full and not b.opened
    must(rows == logged or (hidden and not rows), "the rows are not the replacements of the log, in order")
    if hidden:
        raise Skip(b.until())
    frame = b.needs_frame()
    if b.seed is None or not b.salted:
        raise Skip("seed or salts cannot be relied on, see above" if b.results else "nothing is drawn")
    draws = Draws(b.h, b.plan["selection"], b.plan["draw_no"], b.seed, frame)
    steps: list[tuple[int, list[str] | int]] = [(int(row[5]), row) for row in rows]
    indexes = {entry["event"]["data"]["batch"]: entry["index"] for entry in b.of("drawn")}
    steps += [(indexes.get(item["batch"], item["batch"]), item["batch"]) for item in b.results]
    members: dict[int, set[bytes]] = {}
    problem = ""
    for _, step in sorted(steps, key=lambda item: item[0]):
        if isinstance(step, int):
            b.expected[step] = draws.batch(step, b.code(step))
            members[step] = {target for _, target, _ in b.expected[step]}
            if not any(row[0] == str(step) for row in rows):
                del draws.orders[step]
            continue
        try:
            draws.replace(int(step[0]), step[1], members[int(step[0])], step[2].encode(), step[3].encode())
        except (Bad, KeyError) as failure:
            problem = problem or str(failure)
            draws.drawn.add(step[3].encode())
    must(not problem, problem)
    return f"{len(rows)} replacements, each the next in its order"


def result_rows(b: Bundle, batch: int) -> list[list[str]]:
    if not b.full:
        raise Skip("sealed: only the full edition has the result files")
    return read_table(b.files[f"result-{batch}.tsv"], [RESULT_HEAD], 5)


def check_tickets(b: Bundle, batch: int) -> str:
    rows = result_rows(b, batch)
    frame = b.needs_frame()
    if b.seed is None or not b.salted:
        raise Skip("seed or salts cannot be relied on, see above")
    prefix = Draws(b.h, b.plan["selection"], b.plan["draw_no"], b.seed, frame).prefix(b.code(batch))
    for row in rows:
        target = row[3].encode()
        ticket = b.h(prefix + frame.salts[frame.find(target)] + target).hex()
        must(ticket == row[4], f"{row[3]}: the ticket is not the one that is recomputed")
    return f"{len(rows)} tickets recomputed"


def check_selection(b: Bundle, batch: int) -> str:
    rows = result_rows(b, batch)
    b.needs_frame()
    if batch not in b.expected:
        raise Skip("seed, salts or replacements cannot be relied on, see above")
    lines = [RESULT_HEAD.encode(), *result_lines(batch, b.expected[batch]), b""]
    same_text(b.files[f"result-{batch}.tsv"], b"\n".join(lines), f"result-{batch}.tsv")
    must(len(rows) == b.results[batch]["rows"], "the transcript has another number of rows")
    return f"{len(rows)} targets, the same when drawn anew"


def check_result_digest(b: Bundle, batch: int) -> str:
    result_rows(b, batch)
    digest = b.h(b.files[f"result-{batch}.tsv"]).hex()
    must(digest == b.results[batch]["digest"], "not the file whose digest was recorded at the draw")
    return digest


def check_result_root(b: Bundle, batch: int) -> str:
    rows = result_rows(b, batch)
    b.nonce("result-salt")
    salted = ((b.salt("result-salt", row[3].encode()), "\t".join(row).encode()) for row in rows)
    root = tree_root([b.h(b"\x00" + enc(salt) + line) for salt, line in salted], b.h)
    must(root.hex() == b.results[batch]["root"], "the rows do not lead to the recorded root")
    return str(b.results[batch]["root"])


def check_drawn(b: Bundle, batch: int) -> str:
    """The published list; in the full edition also that it is the result."""
    if not b.full and not b.opened:
        raise Skip(b.until())
    data = b.files[f"drawn-{batch}.tsv"]
    must(b.h(data).hex() == b.results[batch]["drawn_digest"], "not the list that was recorded at the draw")
    nonce = data[:80].decode(errors="replace").split("\n")[0].rpartition(" ")[2]
    must(HEX16(nonce), "the first line has a wrong form")
    targets = [row[0].encode() for row in read_table(data, [f"#{VERSION} drawn {nonce}", "target_id"], 1)]
    must(targets == sorted(set(targets)), "the ids are not sorted and unique")
    must(len(targets) == b.results[batch]["rows"], "not the recorded number of ids")
    if not b.full:
        return f"{len(targets)} targets as recorded; that they are the result, the full edition proves"
    must(nonce == b.nonce("drawn", str(batch).encode()), "the nonce does not follow from the list secret")
    must(targets == sorted(row[3].encode() for row in result_rows(b, batch)), "not the targets of the result")
    return f"{len(targets)} targets, those of the result"


def check_results_logged(b: Bundle) -> str:
    fields = ("batch", "rows", "digest", "root", "drawn_digest")
    logged = [{name: entry["event"]["data"][name] for name in fields} for entry in b.of("drawn")]
    must(logged == b.results or (b.void and not b.results), "the results are not those of the log")
    return f"{len(b.results)} batches as logged at the draw"


# ---------------------------------------------------------------- 10. matching

LEVELS = ("balance", "mismatch", "tickets", "tickets2")
ROSTER_HEAD = "inspector_id\tleader\tload\tcap\tregions\ttags"
Inspector = dict[str, Any]


def covers(code: str, region: str) -> bool:
    """Whether an inspector's region code covers a target's (the same, its city, its province)."""
    return (
        code == region
        or (code.endswith("00") and code[:4] == region[:4])
        or (code.endswith("0000") and code[:2] == region[:2])
    )


def read_roster(data: bytes, nonce: str) -> dict[str, Inspector]:
    """Errors: Bad."""
    rows, staff = read_table(data, [f"#{VERSION} roster {nonce}", ROSTER_HEAD], 6), {}
    for who, leader, load, cap, regions, tags in rows:
        numbers = all(re.fullmatch(r"0|[1-9][0-9]{0,8}", text) for text in (load, cap))
        must(numbers and leader in ("0", "1"), f"{who}: leader, load or cap is wrong")
        must(all(map(REGION, regions.split(","))), f"{who}: a region is wrong")
        words = tags.split(",") if tags else []
        must("" not in words and len(set(words)) == len(words), f"{who}: the specialties are not a list")
        staff[who] = {
            "leader": leader == "1",
            "load": int(load),
            "cap": int(cap),
            "regions": regions.split(","),
            "tags": set(words),
        }
    ids = [row[0].encode() for row in rows]
    must(ids == sorted(set(ids)), "the inspectors are not sorted and unique")
    return staff


def read_recusals(data: bytes, nonce: str) -> set[tuple[str, str]]:
    """Errors: Bad."""
    rows = read_table(data, [f"#{VERSION} recusals {nonce}", "inspector_id\ttarget_id\treason"], 3)
    pairs = [(row[0].encode(), row[1].encode()) for row in rows]
    must(pairs == sorted(set(pairs)), "the pairs are not sorted and unique")
    must(all(row[2] in ("DECLARED", "EMPLOYER", "RELATIVE", "ROTATION") for row in rows), "an unknown reason")
    return {(row[0], row[1]) for row in rows}


class Match:
    """One agency and one batch: who may visit what, at which costs."""

    def __init__(
        self,
        h: Hash,
        prefix: bytes,
        terms: dict[str, Any],
        staff: dict[str, Inspector],
        recused: set[tuple[str, str]],
        targets: dict[str, tuple[str, set[str]]],
    ) -> None:
        """`targets`: id -> (region, tags); `terms`: need, leaders, tags of the plan."""
        self.h, self.prefix, self.staff, self.recused, self.targets = h, prefix, staff, recused, targets
        self.need, self.leaders, self.tags = terms["need"], terms["leaders"], set(terms["tags"])

    def reason(self, target: str, who: str) -> str:
        """Why the pair may not meet; empty when it may."""
        region, tags = self.targets[target]
        if (who, target) in self.recused:
            return "RECUSED"
        if not any(covers(code, region) for code in self.staff[who]["regions"]):
            return "REGION"
        return "" if tags & self.tags <= self.staff[who]["tags"] else "SPECIALTY"

    def ticket(self, target: str, who: str) -> bytes:
        return self.h(self.prefix + enc(target.encode()) + enc(who.encode()))

    def costs(self, target: str, who: str) -> tuple[int, int, int, int]:
        """Of the pair, per level."""
        ticket, home = self.ticket(target, who), self.staff[who]["regions"][0]
        away = 0 if covers(home, self.targets[target][0]) else 1
        return 0, away, int.from_bytes(ticket[:5], "big"), int.from_bytes(ticket[5:10], "big")

    def pairs(self) -> Iterator[tuple[str, str]]:
        """The eligible pairs, (target, inspector)."""
        found: dict[tuple[str, frozenset[str]], list[str]] = {}
        for target, (region, tags) in self.targets.items():
            kind = (region, frozenset(tags & self.tags))
            if kind not in found:
                found[kind] = [
                    who
                    for who, j in self.staff.items()
                    if kind[1] <= j["tags"] and any(covers(code, region) for code in j["regions"])
                ]
            yield from ((target, who) for who in found[kind] if (who, target) not in self.recused)

    def check(self, rows: list[list[str]]) -> dict[str, int]:
        """Sums of the four levels. Errors: Bad when the assignment is not allowed."""
        keys = [(row[0].encode(), row[1].encode()) for row in rows]
        must(keys == sorted(set(keys)), "the rows are not sorted and unique")
        teams, visits, sums = defaultdict(list), Counter[str](), dict.fromkeys(LEVELS, 0)
        for target, who, role in rows:
            must(target in self.targets, f"{target} is not a target of this batch")
            must(who in self.staff, f"{who} is not on the roster")
            reason = self.reason(target, who)
            must(not reason, f"{who} must not visit {target}: {reason}")
            teams[target].append((who, role))
            visits[who] += 1
            for level, cost in zip(LEVELS, self.costs(target, who), strict=True):
                sums[level] += cost
        for target in self.targets:
            team = teams[target]
            must(len(team) == self.need, f"{target}: {len(team)} people, {self.need} needed")
            leading = sorted((self.ticket(target, who), who) for who, _ in team if self.staff[who]["leader"])
            must(len(leading) >= self.leaders, f"{target}: {len(leading)} can lead, {self.leaders} needed")
            lead = leading[0][1] if self.leaders else None
            for who, role in team:
                must(role == ("lead" if who == lead else "member"), f"{target}: {who} has the wrong role")
        for who, count in visits.items():
            load, cap = self.staff[who]["load"], self.staff[who]["cap"]
            must(count <= cap, f"{who}: {count} visits, at most {cap}")
            sums["balance"] += count * load + count * (count + 1) // 2
        return sums

    def prove(self, rows: list[list[str]], certificate: dict[str, Any]) -> str:
        """Checks by the certificate's prices that the assignment is the only optimum. Errors: Bad."""
        integer = (number(-(1 << 53) + 1), matches(r"0|-?[1-9][0-9]*"))
        names = [level["name"] for level in certificate["levels"]]
        must(names in (list(LEVELS[:3]), list(LEVELS)), "the levels are not balance, mismatch, tickets")
        level_shape = {"name": LEVELS, "prices": MapOf(TEXT, integer)}
        shape = {"levels": [level_shape], "sums": dict.fromkeys(names, integer[1])}
        expect(certificate, shape, "certificate")
        sums = self.check(rows)
        wanted = {name: str(sums[name]) for name in names}
        must(certificate["sums"] == wanted, "the sums are not those of the assignment")
        free = self.arcs(rows)
        for position, level in enumerate(certificate["levels"]):
            prices = {node: int(price) for node, price in level["prices"].items()}
            unpriced = {node for arc in free for node in arc[:2]} - set(prices)
            must(not unpriced, f"{level['name']}: {len(unpriced)} nodes without a price")
            still = []
            for arc in free:
                start, end, capacity, flow, costs = arc
                reduced = costs[position] + prices[start] - prices[end]
                good = (reduced >= 0 or flow == capacity) and (reduced <= 0 or flow == 0)
                must(good, f"{level['name']}: the arc {start} to {end} could be used better")
                if reduced == 0:
                    still.append(arc)
            free = still
        must(not has_cycle(free), "the optimum is not the only one")
        return f"the only optimum: {', '.join(f'{name} {sums[name]}' for name in names)}"

    def arcs(self, rows: list[list[str]]) -> list[tuple[str, str, int, int, tuple[int, ...]]]:
        """The network with the assignment's flow: (from, to, capacity, flow, costs per level)."""
        used, visits = {(row[0], row[1]) for row in rows}, Counter(row[1] for row in rows)
        members = Counter[str]()
        arcs: list[tuple[str, str, int, int, tuple[int, ...]]] = []
        for target, who in self.pairs():
            leader, flow = self.staff[who]["leader"], int((target, who) in used)
            start = f"t:{target}" if leader else f"b:{target}"
            if leader or self.need > self.leaders:
                arcs.append((start, f"j:{who}", 1, flow, self.costs(target, who)))
            members[target] += 0 if leader else flow
        if self.need > self.leaders:
            room = self.need - self.leaders
            arcs += [(f"t:{t}", f"b:{t}", room, members[t], (0, 0, 0, 0)) for t in self.targets]
        for who, j in self.staff.items():
            for visit in range(1, j["cap"] + 1):
                arcs.append((f"j:{who}", "sink", 1, int(visit <= visits[who]), (j["load"] + visit, 0, 0, 0)))
        return arcs


def has_cycle(arcs: list[tuple[str, str, int, int, tuple[int, ...]]]) -> bool:
    """Whether the residual graph has a directed cycle other than an arc and its own reverse.

    Partly used arcs go both ways: they join their ends into one (a second such way is a cycle already); what
    is left goes one way only and must have a topological order.
    """
    parent: dict[str, str] = {}

    def top(node: str) -> str:
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for start, end, capacity, flow, _ in arcs:
        if 0 < flow < capacity:
            if top(start) == top(end):
                return True
            parent[top(start)] = top(end)
    onward: dict[str, list[str]] = defaultdict(list)
    entering: Counter[str] = Counter()
    for start, end, capacity, flow, _ in arcs:
        if flow in (0, capacity):
            one, other = (top(start), top(end)) if flow == 0 else (top(end), top(start))
            onward[one].append(other)
            entering[other] += 1
    nodes = {top(node) for arc in arcs for node in arc[:2]}
    ready = [node for node in nodes if not entering[node]]
    heapq.heapify(ready)
    done = 0
    while ready:
        done += 1
        for node in onward[ready.pop()]:
            entering[node] -= 1
            if not entering[node]:
                ready.append(node)
    return done < len(nodes)


def matched_entries(b: Bundle, agency: str, batch: int) -> list[dict[str, Any]]:
    wanted = {"agency": agency, "batch": batch}
    return [entry for entry in b.of("matched") if wanted.items() <= entry["event"]["data"].items()]


def check_matching_inputs(b: Bundle, agency: str) -> str:
    if not b.full:
        raise Skip("sealed: only the full edition has the matching")
    terms, found = b.plan["matching"][agency], []
    for name in ("roster", "recusals"):
        digest = b.h(b.files[f"matching/{agency}/{name}.tsv"]).hex()
        must(digest == terms[name], f"{name}.tsv is not the frozen one")
    for name, read in (("roster", read_roster), ("recusals", read_recusals)):
        found.append(len(read(b.files[f"matching/{agency}/{name}.tsv"], b.nonce(name, agency.encode()))))
    return f"{found[0]} inspectors, {found[1]} recusals, as frozen"


def match_of(b: Bundle, agency: str, batch: int) -> tuple[Match, list[list[str]], int]:
    """The matching problem, the rows of the assignment, and how often it was matched. Errors: Skip, Bad."""
    if not b.full:
        raise Skip("sealed: only the full edition has the matching")
    entries = matched_entries(b, agency, batch)
    if not entries:
        raise Skip("not matched yet" if b.results else "nothing is drawn")
    folder, moment, frame = f"matching/{agency}/", entries[-1]["index"], b.needs_frame()
    if b.seed is None:
        raise Skip("the seed cannot be relied on, see above")
    staff = read_roster(b.files[folder + "roster.tsv"], b.nonce("roster", agency.encode()))
    recused = read_recusals(b.files[folder + "recusals.tsv"], b.nonce("recusals", agency.encode()))
    replaced = [row for row in read_replacements(b) if int(row[5]) < moment]
    for earlier in range(batch):
        left = {row[2] for row in replaced if row[0] == str(earlier)}
        for target, who, _ in assignment_rows(b, agency, earlier):
            if who in staff and target not in left:
                staff[who]["load"] += 1
                staff[who]["cap"] = max(0, staff[who]["cap"] - 1)
    ids = {row[3] for row in result_rows(b, batch)}
    for row in replaced:
        if row[0] == str(batch):
            ids = ids - {row[2]} | {row[3]}
    targets = {}
    for target in sorted(ids):
        fields = frame.lines[frame.find(target.encode())].decode().split("\t")
        targets[target] = (fields[5], set(fields[6].split(",")) - {""})
    prefix = tagged(b.h, "match", b.seed, b.plan["draw_no"].encode(), agency.encode(), b.code(batch))
    match = Match(b.h, prefix, b.plan["matching"][agency], staff, recused, targets)
    return match, assignment_rows(b, agency, batch), len(entries)


def assignment_rows(b: Bundle, agency: str, batch: int) -> list[list[str]]:
    if not matched_entries(b, agency, batch):
        return []
    data = b.files[f"matching/{agency}/assignment-{batch}.tsv"]
    return read_table(data, ["target_id\tinspector_id\trole"], 3)


def check_matching(b: Bundle, agency: str, batch: int) -> str:
    entries = matched_entries(b, agency, batch) if b.full else []
    if entries:
        digest = b.h(b.files[f"matching/{agency}/assignment-{batch}.tsv"]).hex()
        must(digest == entries[-1]["event"]["data"]["digest"], "not the assignment that was logged")
    match, rows, _ = match_of(b, agency, batch)
    sums = match.check(rows)
    return f"{len(rows)} visits of {len(match.targets)} targets, all allowed; balance {sums['balance']}"


def check_certificate(b: Bundle, agency: str, batch: int) -> str:
    name = f"matching/{agency}/certificate-{batch}.json"
    if name not in b.files:
        raise Skip("no certificate in this bundle")
    check_canonical(b, name)
    match, rows, times = match_of(b, agency, batch)
    if times > 1:
        raise Skip("replacement targets were matched later; the certificate is for the first matching")
    return match.prove(rows, parse_json(b.files[name]))


# ---------------------------------------------------------------- 11. the whole


def verify(bundle: bytes | str | os.PathLike[str]) -> dict[str, Any]:
    """Checks a bundle, given as bytes or as a path.

    Returns `{"checks": [{"name", "status", "detail"}], "verdict": "ok" | "FAIL"}`; status `ok`, `FAIL` or
    `not checked`.
    Errors: DamagedBundle when it cannot be read at all.
    """
    b, report = Bundle(read_zip(bundle)), Report()
    readable = [
        report.run(f"canonical JSON {name}", check_canonical, b, name)
        for name in ("plan.json", "transcript.json")
    ]
    if not (
        all(readable) and report.run("plan", check_plan, b) and report.run("transcript", check_transcript, b)
    ):
        report.run("everything else", _unreadable)
        return report.result()
    b.settle()
    log_reads = report.run("canonical JSON log.json", check_canonical, b, "log.json")
    if log_reads and report.run("log events", check_log_form, b):
        if report.run("log signature", check_log_head, b) and b.log["head"].count("\n\u2014 ") > 1:
            report.run("log cosignatures", check_cosignatures, b)
        report.run("log proofs", check_log_proofs, b)
    checks: list[tuple[str, Callable[..., str]]] = [
        ("files", check_files),
        ("edition", check_edition),
        ("verifier file", check_verifier_file),
        ("readme", check_readme),
        ("void", check_void),
        ("plan hash", check_plan_hash),
        ("log order", check_order),
        ("previous head", check_previous),
        ("closing", check_closing),
        ("closing head", check_closing_head),
        ("times", check_times),
        ("operator commitment", check_operator),
        ("contributions", check_contributions),
        ("witness commitments", check_commitments),
        ("beacon", check_beacon),
    ]
    if b.plan["beacon"] and b.plan["beacon"]["kind"] == "drand":
        checks.append(("beacon signature", check_beacon_signature))
    checks += [
        ("seed", check_seed),
        ("codes", check_codes),
        ("frame", check_frame),
        ("frame digest", check_frame_digest),
        ("frame nonce", check_frame_nonce),
        ("frame root", check_frame_root),
        ("results in the log", check_results_logged),
        ("replacements", check_replacements),
    ]
    for name, check in checks:
        report.run(name, check, b)
    agencies = sorted(b.plan["matching"] or {})
    for agency in agencies:
        report.run(f"matching {agency} inputs", check_matching_inputs, b, agency)
    for batch in range(len(b.results)):
        report.run(f"tickets {batch}", check_tickets, b, batch)
        report.run(f"selection {batch}", check_selection, b, batch)
        report.run(f"result digest {batch}", check_result_digest, b, batch)
        report.run(f"result root {batch}", check_result_root, b, batch)
        report.run(f"drawn list {batch}", check_drawn, b, batch)
        for agency in agencies:
            report.run(f"matching {agency} {batch}", check_matching, b, agency, batch)
            report.run(f"matching certificate {agency} {batch}", check_certificate, b, agency, batch)
    return report.result()


def _unreadable() -> str:
    raise Skip("plan.json or transcript.json cannot be relied on, see above")


def main(arguments: list[str]) -> int:
    """The command; returns the exit status."""
    paths = [argument for argument in arguments if argument != "--json"]
    if len(paths) != 1 or paths[0].startswith("-"):
        print("usage: python3 verify.py bundle.zip [--json]", file=sys.stderr)
        return 2
    try:
        result, status = verify(paths[0]), None
    except DamagedBundle as damage:
        check = {"name": "bundle", "status": "FAIL", "detail": str(damage)}
        result, status = {"checks": [check], "verdict": "FAIL"}, 2
    if status is None:
        status = 1 if result["verdict"] == "FAIL" else 0
    if "--json" in arguments:
        text = json.dumps(result, ensure_ascii=False)
    else:
        shapes = {"ok": "{0}: ok  {1}", "FAIL": "{0}: FAIL  {1}", "not checked": "{0}: not checked ({1})"}
        lines = [shapes[check["status"]].format(check["name"], check["detail"]) for check in result["checks"]]
        text = "\n".join([*lines, f"verdict: {result['verdict']}"])
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")
    sys.stdout.flush()
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
