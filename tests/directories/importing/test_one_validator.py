"""Ten thousand random rows get the same verdict by form, file, interface and bulk edit: there is one validator."""

from __future__ import annotations

import csv
import io
import random
from datetime import date

from app.directories.bulk_edits.targets import TargetJudge
from app.directories.importing import services
from app.directories.importing.checking import forget, rows_of
from app.directories.importing.engine import batches, compare_batch
from app.directories.importing.kinds import Options
from app.directories.importing.seen import SeenInMemory
from app.directories.sources.pushing.batch import Sent
from app.directories.sources.pushing.comparing import Speaker, compare
from app.directories.sources.rules import Known
from app.directories.targets.entries import COLUMNS
from app.directories.targets.services import add_target
from app.directories.targets.services.importing import KIND
from app.directories.targets.vocabulary import vocabulary
from app.kernel.errors import Invalid
from tests.directories.importing.files import code, receive

ROWS = 10_000
NAMES = [column.name for column in COLUMNS]
POOLS = {
    "name": ("甲示例", "", "乙" * 201, "𠮷商店示例"),
    "kind": ("企业", "", "enterprise", "月球人"),
    "industry": ("6110", "I6110", "", "9999", "６１１０"),
    "region": ("兴庆区", "640104", "", "640202", "月球"),
    "address": ("银川市一号", "", "路" * 301),
    "legal_representative": ("张三示例", ""),
    "contact": ("李四示例", ""),
    "phone": ("13911112222", "", "１３９１１１１２２２２", "x" * 31),
    "home_address": ("", "某巷"),
    "status": ("存续", "", "active", "注销", "睡着"),
    "registered_on": ("2020-01-31", "", "2020年1月31日", "43861", "2020-02-31", "昨天"),
    "tags": ("", "治安", "魔法；治安"),
}


def made(number, chance):
    """Mostly the first word of each pool, so that many rows are right and the others wrong in few places."""
    texts = {name: pool[0] if chance.random() < 0.9 else chance.choice(pool) for name, pool in POOLS.items()}
    right = code(number)
    spoiled = ("", right[:-1], right.lower(), f"{right[:6]} {right[6:]}", "9.16401E+17", right[:-1] + "I")
    texts["code"] = right if chance.random() < 0.85 else chance.choice(spoiled)
    return texts


def told(faults):
    return sorted((fault.field, fault.code, str(fault.value)) for fault in faults)


def by_file(unit, rows):
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(NAMES)
    writer.writerows([texts[name] for name in NAMES] for texts in rows)
    run = receive(unit, out.getvalue().encode())
    forget(unit, run)
    found = {number: [] for number in range(len(rows))}
    options, seen = Options(), SeenInMemory()
    words = KIND.words(unit, options)
    count = 0
    for part in batches(rows_of(run)):
        batch = compare_batch(unit, KIND, part, options, words, seen)
        count += len(part)
        for fault in batch.faults:
            found[fault.row - 2].append(fault)
    assert count == len(rows)
    return {number: told(faults) for number, faults in found.items()}


def by_interface(unit, rows):
    words = vocabulary(unit.session, unit.scope)
    speaker = Speaker("sys", None, {}, Known(), words, {}, {}, date(2026, 11, 23))
    return {n: told(compare(Sent(str(n), dict(t)), None, speaker).faults) for n, t in enumerate(rows)}


def by_form(unit, rows, numbers):
    found = {}
    for number in numbers:
        inner = unit.session.begin_nested()
        try:
            add_target(unit, rows[number])
            found[number] = []
        except Invalid as error:
            found[number] = told(error.faults)
        inner.rollback()
    return found


def by_bulk_edit(unit, rows, numbers):
    """A stored row on which everything is changed to what the row says; the code is not a bulk edit's."""
    judge = TargetJudge(unit)
    region = next(id_ for id_, name in judge._regions.items() if name == "640104")
    stored = {
        "name": "旧示例", "kind": "enterprise", "industry_code": None, "region_id": region, "address": "旧",
        "legal_representative": "旧", "contact": "旧", "status": "active", "registered_on": None, "tags": [],
        "has_phone": True, "phone": "", "home_address": "",
    }  # fmt: skip
    found = {}
    for number in numbers:
        texts = rows[number]
        wanted = {name: text for name, text in texts.items() if name not in ("code", "tags")}
        tags = [tag for tag in texts["tags"].split("；") if tag]
        _, faults = judge({**stored, "code": texts["code"]}, {**wanted, "tags": {"add": tags}})
        found[number] = told(faults)
    return found


def test_ten_thousand_rows_get_the_same_verdict_by_every_way(act_as, monkeypatch):
    monkeypatch.setattr(services, "SMALL_FILE", 10**9)
    chance = random.Random("one validator")
    rows = [made(number, chance) for number in range(ROWS)]
    with act_as("office") as unit:
        verdicts = by_file(unit, rows)
        good = [number for number, faults in verdicts.items() if not faults]
        assert 2_000 < len(good) < 8_000
        assert by_interface(unit, rows) == verdicts
        assert by_bulk_edit(unit, rows, range(ROWS)) == verdicts
        bad = [number for number in range(ROWS) if verdicts[number]]
        few = [*bad[::5], *good[::50]]
        assert by_form(unit, rows, few) == {number: verdicts[number] for number in few}
