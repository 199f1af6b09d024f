"""`bundle.zip`: everything that a verifier needs, in the full and in the public edition (protocol section
6).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from app.audit.queries import log_json
from app.draws import engine
from app.draws.models import Draw
from app.draws.queries.record import ceremony_of, current_files
from app.draws.rules import DrawState
from app.draws.secrets import unseal
from app.kernel import canonical
from app.verifier import verify

FULL, PUBLIC = "full", "public"
DRAWN = frozenset({DrawState.DRAWN.value, DrawState.OPENED.value})


def bundle(session: Session, draw: Draw, edition: str = FULL) -> bytes:
    """The archive. The log must hold every event of the draw sealed; the verbs see to that.

    The caller has checked who asks: the full edition opens the secrets of a draw that is drawn.
    """
    key_dir = Path(current_app.extensions["settings"].log_key_dir)
    opened = draw.state == DrawState.OPENED
    log = log_json(session, f"draw:{draw.draw_no}", key_dir)
    everything = edition == FULL or draw.mode == "open"
    if not everything and not opened:
        # Who was replaced by whom would tell outsiders where the inspectors are going.
        log["entries"] = [e for e in log["entries"] if e["event"]["tag"] != "draw.replaced"]
    ceremony = ceremony_of(draw)
    record = engine.transcript(
        ceremony, _drawn(draw, key_dir), edition=edition, opened=opened, void=_void(draw, log["entries"])
    )
    files = {
        name: content
        for name, content in current_files(session, draw.id).items()
        if everything or (opened and name.startswith("drawn-"))
    }
    files["plan.json"] = ceremony.plan.text
    files["transcript.json"] = engine.write_transcript(record)
    files["replacements.tsv"] = engine.write_replacements(_replacements(log["entries"]))
    files["log.json"] = canonical.dumps(log)
    files["verify.py"] = Path(verify.__file__).read_bytes()
    files["README.txt"] = verify.readme_text(ceremony.plan.document).encode()
    return engine.build_bundle(files)


def _drawn(draw: Draw, key_dir: Path) -> engine.Drawn | None:
    if draw.state not in DRAWN or draw.seed is None or draw.secrets is None:
        return None
    secrets = unseal(draw.secrets, draw.draw_no, key_dir)
    return engine.Drawn(secrets, bytes.fromhex(draw.seed), draw.results, [])


def _void(draw: Draw, entries: list[dict[str, Any]]) -> engine.Void | None:
    if draw.state != DrawState.VOID:
        return None
    event = next(e["event"] for e in entries if e["event"]["tag"] == "draw.void")
    return engine.Void(event["data"]["reason"], event["data"]["who"], event["at"])


def _replacements(entries: list[dict[str, Any]]) -> list[engine.Replacement]:
    names = ("batch", "stratum", "out_id", "in_id", "reason")
    return [
        engine.Replacement(**{name: entry["event"]["data"][name] for name in names}, log_index=entry["index"])
        for entry in entries
        if entry["event"]["tag"] == "draw.replaced"
    ]
