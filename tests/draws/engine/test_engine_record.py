import io
import zipfile

import pytest

from app.draws.engine import (
    Ceremony,
    Drawn,
    Void,
    accept_contribution,
    build_bundle,
    close,
    draw_batch,
    make_seed,
    transcript,
    write_transcript,
)
from app.kernel import canonical

FIELDS = {
    "plan_hash",
    "commitments",
    "contributions",
    "beacon",
    "closing",
    "operator_secret",
    "list_secret",
    "codes",
    "seed",
    "results",
    "void",
}
BEFORE = "2026-11-22T08:00:00Z"


@pytest.fixture
def made(draw):
    """A draw in two batches, drawn to its end, in the mode asked for."""

    def to_the_end(mode: str = "sealed"):
        bent = draw.changed(
            mode=mode,
            contributions="open",
            witnesses=("AMR-640000",),
            selection={"kind": "order", "batches": [3, 4]},
        )
        ceremony = accept_contribution(Ceremony(bent.frozen().plan), "AMR-640000", "☃", BEFORE)
        ceremony = close(ceremony, b"\x0c" * 32, BEFORE)
        seed = make_seed(ceremony, draw.secrets.operator)
        first = draw_batch(ceremony.plan, bent.frame(), draw.secrets, seed)
        second = draw_batch(ceremony.plan, bent.frame(), draw.secrets, seed, 1, first.ids)
        return ceremony, Drawn.of(draw.secrets, seed, [first, second])

    return to_the_end


def test_the_full_edition_opens_everything(draw, made) -> None:
    ceremony, drawn = made()
    record = transcript(ceremony, drawn)
    assert record.keys() == FIELDS
    assert record["list_secret"] == draw.secrets.list.hex()
    assert record["operator_secret"] == draw.secrets.operator.hex()
    assert record["codes"] == [draw.secrets.chain.hex()]
    assert record["seed"] == drawn.seed.hex()
    assert [entry["rows"] for entry in record["results"]] == [3, 4]
    assert record["contributions"] == [
        {"witness": "AMR-640000", "value": "☃", "nonce": None, "received_at": BEFORE}
    ]
    assert canonical.loads(write_transcript(record)) == record


def test_the_public_edition_of_a_sealed_draw_opens_late_and_never_the_list(made) -> None:
    ceremony, drawn = made()
    early = transcript(ceremony, drawn, edition="public")
    late = transcript(ceremony, drawn, edition="public", opened=True)
    assert early.keys() == late.keys() == FIELDS
    assert (early["operator_secret"], early["seed"], early["codes"]) == (None, None, [])
    assert late["seed"] == drawn.seed.hex()
    assert late["codes"] == [drawn.codes[0].hex()]
    assert early["list_secret"] is late["list_secret"] is None
    assert early["results"] == transcript(ceremony, drawn)["results"]


def test_the_public_edition_of_an_open_draw_is_the_full_one(made) -> None:
    ceremony, drawn = made("open")
    assert transcript(ceremony, drawn, edition="public") == transcript(ceremony, drawn)


def test_before_the_seed_nothing_is_opened_in_any_edition(made) -> None:
    ceremony, _ = made()
    void = Void("reveal", "AMR-640000", BEFORE)
    for edition in ("full", "public"):
        record = transcript(ceremony, None, edition=edition, opened=True, void=void)
        assert [record[name] for name in ("operator_secret", "list_secret", "seed")] == [None] * 3
        assert record["results"] == record["codes"] == []
        assert record["void"] == {"reason": "reveal", "who": "AMR-640000", "at": BEFORE}


def test_secrets_are_not_shown_by_accident(draw) -> None:
    assert "\\x01" not in repr(draw.secrets)


FILES = [
    "plan.json",
    "transcript.json",
    "frame.tsv",
    "result-0.tsv",
    "result-2.tsv",
    "result-10.tsv",
    "drawn-0.tsv",
    "drawn-10.tsv",
    "replacements.tsv",
    "matching/AMR-640000/roster.tsv",
    "matching/AMR-640000/recusals.tsv",
    "matching/AMR-640000/assignment-0.tsv",
    "matching/AMR-640000/assignment-10.tsv",
    "matching/AMR-640000/certificate-0.json",
    "matching/GA-640000/roster.tsv",
    "matching/GA-640000/recusals.tsv",
    "log.json",
    "verify.py",
]


def test_a_bundle_is_in_the_fixed_order_and_the_same_for_the_same_files() -> None:
    files = {name: name.encode() * 50 for name in FILES}
    archive = build_bundle(files)
    assert archive == build_bundle(dict(reversed(files.items())))
    with zipfile.ZipFile(io.BytesIO(archive)) as bundle:
        assert bundle.namelist() == [*FILES, "README.txt"]
        assert {entry.date_time for entry in bundle.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.compress_type for entry in bundle.infolist()} == {zipfile.ZIP_DEFLATED}
        assert all(bundle.read(name) == content for name, content in files.items())
        readme = bundle.read("README.txt").decode()
    assert "python verify.py bundle.zip" in readme
    assert all(
        name in readme for name in ("plan.json", "transcript.json", "log.json", "怎样核验", "How to verify")
    )


@pytest.mark.parametrize(
    "name",
    ["notes.txt", "../plan.json", "matching/../roster.tsv", "matching/a/b/roster.tsv", "result-01.tsv"],
)
def test_a_bundle_holds_nothing_else(name: str) -> None:
    with pytest.raises(ValueError, match="not a file of a bundle"):
        build_bundle({name: b""})
