"""One batch of a system: the same again changes nothing, and nothing is overwritten silently (R-6.2)."""

from __future__ import annotations

import json
import time
from typing import Any

from sqlalchemy import select

from app.db import Unit
from app.directories.importing.bulk import copy_upsert
from app.directories.sources.models import SourceSystem
from app.directories.sources.pushing.batch import Sent, fault_line, read
from app.directories.sources.pushing.comparing import Finding, Speaker, compare
from app.directories.sources.pushing.envelope import TARGETS, Answer, take_batch, too_slow
from app.directories.sources.pushing.loading import Kept, Stored, contested_ids, kept_rows, key_of, load
from app.directories.sources.pushing.writing import write
from app.directories.sources.queries import known, orders_of
from app.directories.sources.rules import agency_source
from app.directories.targets.vocabulary import vocabulary
from app.kernel.clock import today
from app.kernel.errors import Fault
from app.kernel.identifiers import asks_for_code, identify
from app.regulation import implements
from app.security.explain import explain_fault
from app.security.models import Agency, Region
from app.security.protection.keyring import current_keyring
from app.security.queries import regions_below


@implements("R-6.2")
def push_targets(
    unit: Unit, source: str, rows: list[Any], *, key: str | None = None, digest: bytes = b""
) -> Answer:
    """Take over the changes that a system reports, all good rows in one transaction.

    :param rows: up to `MOST_ROWS` objects as `batch.read` takes them
    :param key: the Idempotency-Key; the same key with the same batch gets the same answer for a week
    :param digest: of the body, to tell the same batch from another
    :raises NotFound: no active system of this code
    :raises Refused: not its office or agency, too many rows, the key came with another batch
    :raises Flooded: too many batches in a minute, or one is still being worked on
    """
    return take_batch(unit, TARGETS, source, rows, _work, key=key, digest=digest)


def _work(unit: Unit, system: SourceSystem, rows: list[Any], until: float) -> list[dict[str, Any]]:
    return [_verdict(finding) for finding in _findings(unit, system, read(rows), until)]


def _findings(unit: Unit, system: SourceSystem, batch: list[Sent], until: float) -> list[Finding]:
    session = unit.session
    good = [sent for sent in batch if not sent.faults]
    kept = kept_rows(session, [key_of(system.id, sent.source_id) for sent in good])
    digests = {sent.source_id: _digest(sent) for sent in good}
    same = {
        sent.source_id: before.target_id
        for sent in good
        if (before := kept.get(key_of(system.id, sent.source_id)))
        and before.digest == digests[sent.source_id]
    }
    contested = contested_ids(session, system.code, set(same.values())) if same else set()
    speaker = _speaker(unit, system)
    codes = {sent.source_id: _codes(sent) for sent in good if sent.source_id not in same}
    stored = load(
        session,
        system.code,
        {code for both in codes.values() for code in both},
        {one.target_id for key, one in kept.items() if key.partition(":")[2] not in same},
    )
    findings: list[Finding] = []
    taken: dict[int | str, int] = {}
    for number, sent in enumerate(batch, start=1):
        if time.monotonic() > until:
            raise too_slow()
        if sent.faults:
            findings.append(Finding(sent, faults=sent.faults))
        elif sent.source_id in same:
            target_id = same[sent.source_id]
            findings.append(Finding(sent, target_id=target_id, contested=target_id in contested))
        else:
            before = kept.get(key_of(system.id, sent.source_id))
            finding = _one(unit, sent, before, codes[sent.source_id], stored, speaker)
            _once(finding, number, taken)
            findings.append(finding)
    write(unit, findings, stored, speaker)
    _remember(unit, system, [f for f in findings if f.sent.source_id in codes], digests)
    return findings


def _one(
    unit: Unit, sent: Sent, before: Kept | None, codes: list[str], stored: Stored, speaker: Speaker
) -> Finding:
    by_code = stored.ids.get(codes[0]) if codes else None
    inner = stored.ids.get(codes[1]) if len(codes) > 1 else None
    target_id = before.target_id if before is not None else (by_code or inner)
    if target_id is None:
        return compare(sent, None, speaker)
    row = stored.rows.get(target_id)
    reachable = target_id in stored.reachable and row is not None
    if (
        row is None
        or not reachable
        or not (unit.scope.everything or row["region_id"] in unit.scope.region_ids)
    ):
        return Finding(sent, faults=[Fault("code", "target_code_taken", value=sent.values.get("code", ""))])
    if by_code is not None and by_code != target_id:
        fault = Fault("code", "sync_other_target", value=codes[0], held=row["code"])
        return Finding(sent, target_id=target_id, faults=[fault])
    holds = bool(codes) and identify(row["code"]).organisation_code == codes[0]
    return compare(sent, row, speaker, finds_it=by_code is not None or holds)


def _codes(sent: Sent) -> list[str]:
    """The code of the row, and the organisation code that it holds; nothing for one that is not valid."""
    given = sent.values.get("code", "")
    found = identify(given)
    if asks_for_code(given) or not found:
        return []
    inner = found.organisation_code
    return [found.code, inner] if inner and inner != found.code else [found.code]


def _once(finding: Finding, number: int, taken: dict[int | str, int]) -> None:
    """Two rows of a batch are not about the same target: nobody could say which one counts."""
    what = finding.target_id if finding.target_id is not None else finding.code
    if not what or finding.faults:
        return
    if what in taken:
        finding.row, finding.upgrade, finding.joined, finding.asked = None, None, False, {}
        finding.faults.append(Fault("source_id", "sync_same_target", value=finding.code, first=taken[what]))
    taken.setdefault(what, number)


def _speaker(unit: Unit, system: SourceSystem) -> Speaker:
    session = unit.session
    within = None
    if system.agency_id is not None:
        agency = session.get_one(Agency, system.agency_id)
        within = regions_below(session, agency.region.path)
    regions = session.execute(select(Region.id, Region.code)).all()
    agencies = session.execute(select(Agency.id, Agency.code)).all()
    return Speaker(
        source=system.code,
        agency_id=system.agency_id,
        orders=orders_of(session, system.office),
        known=known(session),
        words=vocabulary(session, unit.scope, within),
        region_codes={row.id: row.code for row in regions},
        agency_sources={row.id: agency_source(row.code) for row in agencies},
        day=today(unit.clock),
    )


def _digest(sent: Sent) -> bytes:
    """Keyed, because a telephone number stands in it."""
    said = json.dumps([sent.deleted, sorted(sent.values.items())], ensure_ascii=False)
    return current_keyring().digest(said, "source_row")


def _remember(unit: Unit, system: SourceSystem, findings: list[Finding], digests: dict[str, bytes]) -> None:
    """What the system calls the targets, and what it said of them last."""
    now = unit.clock.now()
    rows = [
        (
            key_of(system.id, finding.sent.source_id),
            system.id,
            finding.target_id,
            finding.region_id if "region_id" not in (finding.row or {}) else finding.row["region_id"],
            digests[finding.sent.source_id],
            now,
        )
        for finding in findings
        if not finding.faults
    ]
    columns = ("key", "system_id", "target_id", "region_id", "digest", "pushed_at")
    if rows:
        copy_upsert(unit.session, "source_row", columns, rows, key="key")


def _verdict(finding: Finding) -> dict[str, Any]:
    found: dict[str, Any] = {
        "source_id": finding.sent.source_id,
        "status": finding.status,
        "errors": [fault_line(fault, explain_fault(fault)) for fault in finding.faults],
    }
    if not finding.faults:
        found["id"] = finding.target_id
        if finding.code:
            found["code"] = finding.code
        if finding.changed:
            found["changed"] = finding.changed
        if finding.asked:
            found["conflicts"] = sorted(finding.asked)
    return found
