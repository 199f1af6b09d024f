"""Whole bundles: good ones pass, every changed file is named, editions say what they may."""

from __future__ import annotations

import functools
import json
import pathlib
import subprocess
import sys

import pytest

from app.verifier import verify as program

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import builder
import certificates

STRATA, DRAND = "strata by ratio, sealed, SHA-256", "strata by ratio, open, SM3, drand"
ORDER = "order in batches, sealed, SHA-256"
ABSENT = "total with multipliers, sealed, SM3, absent witness, beacon"
MATCHING = {**certificates.MATCHING, "solver": certificates.solver}


def make(name=STRATA, **terms):
    return builder.Maker(builder.CASES[name], **terms)


@functools.cache
def full_files():
    return make(matching=MATCHING, replace=2).files


def failing(files) -> set[str]:
    checks = program.verify(builder.pack(files))["checks"]
    return {check["name"] for check in checks if check["status"] == "FAIL"}


def status(files) -> dict[str, str]:
    return {check["name"]: check["status"] for check in program.verify(builder.pack(files))["checks"]}


def flipped(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


@pytest.mark.parametrize(
    ("name", "terms"),
    [
        (STRATA, {"matching": MATCHING, "replace": 2}),
        (STRATA, {"replace": 3}),
        (DRAND, {}),
        (DRAND, {"replace": 1}),
        (ABSENT, {"replace": 1}),
        (ORDER, {}),
        (ORDER, {"batches": 4, "replace": 1}),
        (ORDER, {"batches": 3, "matching": MATCHING | {"recusals": []}}),
        ("total, equal remainders", {}),
        (STRATA, {"public": True}),
        (STRATA, {"public": True, "opened": False}),
        (ORDER, {"public": True}),
        (STRATA, {"public": True, "matching": MATCHING, "opened": False}),
        (STRATA, {"void": True}),
        (STRATA, {"void": True, "public": True, "matching": MATCHING}),
        (ABSENT, {"void": True}),
    ],
)
def test_good_bundle_has_no_fail(name, terms):
    assert failing(make(name, **terms).files) == set()


def test_full_edition_leaves_nothing_unchecked():
    assert set(status(full_files()).values()) == {"ok"}


def test_names_are_stable():
    assert list(status(full_files())) == [
        "canonical JSON plan.json",
        "canonical JSON transcript.json",
        "plan",
        "transcript",
        "canonical JSON log.json",
        "log events",
        "log signature",
        "log proofs",
        "files",
        "edition",
        "verifier file",
        "readme",
        "void",
        "plan hash",
        "log order",
        "previous head",
        "closing",
        "closing head",
        "times",
        "operator commitment",
        "contributions",
        "witness commitments",
        "beacon",
        "seed",
        "codes",
        "frame",
        "frame digest",
        "frame nonce",
        "frame root",
        "results in the log",
        "replacements",
        "matching AMR-640000 inputs",
        "tickets 0",
        "selection 0",
        "result digest 0",
        "result root 0",
        "drawn list 0",
        "matching AMR-640000 0",
        "matching certificate AMR-640000 0",
    ]


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("plan.json", {"canonical JSON plan.json", "plan", "plan hash"}),
        ("frame.tsv", {"frame digest"}),
        ("result-0.tsv", {"result digest 0"}),
        ("drawn-0.tsv", {"drawn list 0"}),
        ("replacements.tsv", {"replacements"}),
        ("matching/AMR-640000/roster.tsv", {"matching AMR-640000 inputs"}),
        ("matching/AMR-640000/recusals.tsv", {"matching AMR-640000 inputs"}),
        ("matching/AMR-640000/assignment-0.tsv", {"matching AMR-640000 0"}),
        ("log.json", {"canonical JSON log.json", "log events", "log signature", "log proofs"}),
        ("verify.py", {"verifier file"}),
        ("README.txt", {"readme"}),
    ],
)
def test_one_changed_byte_is_named(name, right):
    data = full_files()[name]
    for position in sorted({0, len(data) - 1, *range(1, len(data), len(data) // 12)}):
        failed = failing({**full_files(), name: flipped(data, position)})
        assert failed & right, (position, data[position - 20 : position + 20], failed)


@pytest.mark.parametrize("terms", [{}, {"public": True}, {"public": True, "opened": False}, {"void": True}])
def test_no_byte_of_the_transcript_is_free(terms):
    files = make(**terms).files
    data = files["transcript.json"]
    for position in range(0, len(data), 17):
        changed = flipped(data, position)
        assert failing({**files, "transcript.json": changed}), changed[position - 30 : position + 5]


def test_certificate_with_another_sum_or_price_fails():
    name = "matching/AMR-640000/certificate-0.json"
    certificate = json.loads(full_files()[name])
    certificate["sums"]["tickets"] += "1"
    assert failing({**full_files(), name: builder.jcs(certificate)}) == {"matching certificate AMR-640000 0"}
    certificate = json.loads(full_files()[name])
    for level in certificate["levels"]:
        level["prices"]["sink"] = "9"
    assert failing({**full_files(), name: builder.jcs(certificate)}) == {"matching certificate AMR-640000 0"}


def test_without_certificate_it_is_not_checked():
    files = {name: data for name, data in full_files().items() if "certificate" not in name}
    assert status(files)["matching certificate AMR-640000 0"] == "not checked"
    assert failing(files) == set()


def second_best(maker, prefix, info):
    """Another allowed assignment with the certificate of the best one: somebody else as member."""
    rows, certificate = certificates.solver(maker, prefix, info)
    staff = {row[0]: row for row in maker.matching["roster"]}
    for row in rows:
        for other in ("6401-00003", "6401-00005"):
            team = [r[1] for r in rows if r[0] == row[0]]
            if row[2] == "member" and other not in team and not staff[other][1]:
                changed = [[r[0], other, r[2]] if r is row else r for r in rows]
                return sorted(changed), certificate
    raise AssertionError("no second assignment")


def test_allowed_but_not_optimal_assignment_is_refused():
    failed = failing(make(matching={**MATCHING, "solver": second_best}).files)
    assert failed == {"matching certificate AMR-640000 0"}


def recused(maker, prefix, info):
    rows, _ = certificates.solver(maker, prefix, info)
    target = "91640WELADHRTUUM5Y"
    team = [row for row in rows if row[0] == target]
    gone = next(row for row in team if row[1] == min(r[1] for r in team))
    return sorted([row for row in rows if row is not gone] + [[target, "6401-00001", gone[2]]]), None


def test_recused_pair_is_refused():
    result = program.verify(builder.pack(make(matching={**MATCHING, "solver": recused}).files))
    bad = [check for check in result["checks"] if check["status"] == "FAIL"]
    assert [check["name"] for check in bad] == ["matching AMR-640000 0"]
    assert "RECUSED" in bad[0]["detail"]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda files: files.update({"extra.txt": b"x"}), "files"),
        (lambda files: files.pop("README.txt"), "files"),
        (lambda files: files.pop("result-0.tsv"), "files"),
        (lambda files: files.pop("frame.tsv"), "edition"),
    ],
)
def test_unknown_and_missing_files(change, name):
    files = dict(full_files())
    change(files)
    assert name in failing(files)


LEAKS = ["result-0.tsv", "drawn-0.tsv", "matching/AMR-640000/roster.tsv", "list_secret"]


@pytest.mark.parametrize("leak", LEAKS)
def test_public_edition_that_says_too_much(leak):
    maker = make(matching=MATCHING, public=True, opened=False)
    if leak == "list_secret":
        maker.transcript["list_secret"] = maker.xs.hex()
        maker.seal()
    else:
        maker.files[leak] = full_files()[leak]
    assert "edition" in failing(maker.files)


def test_full_edition_that_keeps_a_secret_back():
    maker = make()
    maker.transcript["list_secret"] = None
    maker.seal()
    assert "edition" in failing(maker.files)


def test_void_draw_says_so():
    result = program.verify(builder.pack(make(void=True).files))
    detail = {check["name"]: check["detail"] for check in result["checks"]}
    assert result["verdict"] == "ok" and "VOID: somebody did not reveal" in detail["void"]


@pytest.mark.parametrize(
    ("tag", "field", "value", "name"),
    [
        ("closing", "root", "00" * 32, "closing"),
        ("frozen", "plan_hash", "00" * 32, "plan hash"),
        ("drawn", "digest", "00" * 32, "results in the log"),
        ("committed", "digest", "00" * 32, "witness commitments"),
        ("revealed", "value", "7", "contributions"),
        ("opened", "seed", "00" * 32, "seed"),
        ("matched", "digest", "00" * 32, "matching AMR-640000 0"),
        ("replaced", "in_id", "91640X", "replacements"),
    ],
)
def test_log_signed_anew_with_another_story(tag, field, value, name):
    maker = make(matching=MATCHING, replace=1)
    maker.rewrite(tag, lambda event: event["data"].update({field: value}))
    assert name in failing(maker.files)


def test_late_contribution():
    maker = make()
    for item in maker.transcript["commitments"]:
        item["received_at"] = "2026-11-23T08:00:01Z"
    maker.rewrite("committed", lambda event: event["data"].update(received_at="2026-11-23T08:00:01Z"))
    assert "times" in failing(maker.files)


def test_replacement_out_of_order():
    maker = make(replace=1)
    used = {row.split(b"\t")[3] for row in maker.files["result-0.tsv"].split(b"\n")[1:-1]}
    out, came = maker.own[-2][1]["data"]["out_id"], maker.own[-2][1]["data"]["in_id"]
    spare = next(
        row[0]
        for row in maker.case["rows"]
        if row[1] == "S1" and row[3] and row[0] != came and row[0].encode() not in used
    )
    maker.files["replacements.tsv"] = maker.files["replacements.tsv"].replace(came.encode(), spare.encode())
    maker.rewrite("replaced", lambda event: event["data"].update(in_id=spare))
    assert out != spare and failing(maker.files) == {"replacements"}


def command(tmp_path, data: bytes, *options: str) -> subprocess.CompletedProcess[str]:
    """Runs the shipped file alone, in an empty folder, without site packages."""
    (tmp_path / "verify.py").write_bytes(builder.VERIFIER.read_bytes())
    (tmp_path / "bundle.zip").write_bytes(data)
    arguments = [sys.executable, "-S", "-I", "verify.py", "bundle.zip", *options]
    return subprocess.run(arguments, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=60)


def test_command_alone(tmp_path):
    run = command(tmp_path, builder.pack(full_files()))
    assert run.returncode == 0, run.stdout + run.stderr
    assert "seed: ok" in run.stdout and run.stdout.endswith("verdict: ok\n")
    run = command(tmp_path, builder.pack(full_files()), "--json")
    assert json.loads(run.stdout) == program.verify(builder.pack(full_files()))
    changed = {**full_files(), "frame.tsv": full_files()["frame.tsv"] + b"\n"}
    run = command(tmp_path, builder.pack(changed))
    assert run.returncode == 1 and "frame digest: FAIL" in run.stdout
    run = command(tmp_path, builder.pack(make(public=True, opened=False).files))
    assert run.returncode == 0 and "seed: not checked (sealed until" in run.stdout


def test_damaged_bundles(tmp_path):
    good = builder.pack(full_files())
    without_plan = {name: data for name, data in full_files().items() if name != "plan.json"}
    bomb = {**full_files(), "frame.tsv": b"\0" * (8 << 20)}
    packed = [builder.pack(without_plan), builder.pack(bomb)]
    for data in (b"", b"no zip", good[:-30], flipped(good, 200), *packed):
        run = command(tmp_path, data)
        assert run.returncode == 2 and "Traceback" not in run.stderr, run.stdout + run.stderr
        with pytest.raises(program.DamagedBundle):
            program.verify(data)


HOSTILE = [b"{}", b"null", b"[]", b"1", b"", b"\xff", b"[" * 100000, b'{"a":1.5}', b"1" * 5000]
NAMES = ["plan.json", "transcript.json", "log.json", "frame.tsv", "result-0.tsv", "README.txt"]


@pytest.mark.parametrize("content", HOSTILE)
@pytest.mark.parametrize("name", NAMES)
def test_hostile_content_fails_and_never_crashes(name, content):
    assert failing({**full_files(), name: content})
