"""A directory as large as a province's, for benches: fictional targets and inspectors by COPY, always the same ones.

`targets(connection, n)` writes a million in about a minute: names, codes with check digits, addresses, sealed
numbers with their digests. Indexes and foreign keys are taken off meanwhile and put back as they were. History is not kept.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

from psycopg import Connection, sql

from app.security.protection import current_keyring, digest_of, tail_of
from seeds.demo import identifiers
from seeds.demo.inspectors import TRAITS
from seeds.demo.targets import COUNTY_WEIGHTS, PREFIXES
from seeds.demo.trades import ENTERPRISE, GENERAL, INDIVIDUAL, OF_THE_ITEMS, Trade
from seeds.demo.words import _FIRST, _SECOND, GIVEN, SURNAMES

CHUNK = 20_000
TODAY = date(2026, 11, 23)
DAYS = [TODAY - timedelta(days=n) for n in range(9000)]
_ROADS = (
    "解放", "北京", "上海", "文昌", "民族", "凤凰", "清和", "长城", "胜利", "育新", "黄河", "贺兰", "正源", "宁安",
    "友爱", "亲水", "通达",
)  # fmt: skip
ROADS = [name + form for name in _ROADS for form in ("东路", "西街", "巷", "大街")]
TARGET = (
    "code", "code_kind", "name", "kind", "industry_code", "region_id", "address", "legal_representative",
    "contact", "phone", "phone_digest", "phone_tail", "home_address", "status", "registered_on", "risk_class",
    "risk_score", "last_checked_on", "tags", "source", "agency_id",
)  # fmt: skip
INSPECTOR = (
    "certificate_no", "name", "agency_id", "unit", "position", "phone", "phone_digest", "phone_tail",
    "certified", "certificate_from", "certificate_until", "leader", "load", "regions", "specialties", "active",
)  # fmt: skip

CHILDREN = {
    "permit": """
INSERT INTO permit (target_id, region_id, kind, number, authority, valid_from, valid_until, status)
SELECT t.id, t.region_id, k.codes[1 + t.id % cardinality(k.codes)], 'XK' || lpad(t.id::text, 9, '0'), '许可机关',
       day - 1000, CASE WHEN t.id % 5 = 0 THEN NULL ELSE day + (t.id * 7919 % 1500)::int - 500 END,
       CASE WHEN t.id % 20 = 1 THEN 'cancelled' ELSE 'valid' END
FROM target t, (SELECT array_agg(code ORDER BY code) AS codes FROM permit_kind) k, (VALUES (DATE '2026-11-23')) d(day)
WHERE t.id % 3 = 0 ON CONFLICT DO NOTHING""",
    "premises": """
INSERT INTO premises (target_id, region_id, kind, name, address, area, status)
SELECT t.id, t.region_id, k.codes[1 + t.id % cardinality(k.codes)], left(t.name, 100) || '经营场所', t.address,
       20 + t.id % 900, CASE WHEN t.id % 20 = 1 THEN 'left' ELSE 'used' END
FROM target t, (SELECT array_agg(code ORDER BY code) AS codes FROM premises_kind) k
WHERE t.id % 3 = 0 ON CONFLICT DO NOTHING""",
}

Row = tuple[Any, ...]
Known = tuple[dict[str, tuple[int, str]], list[int], list[tuple[int, str, str]]]


def targets(connection: Connection, n: int, seed: int = 64) -> int:
    """So many targets more, mixed over trades and counties; a fiftieth was added by agencies."""
    return _fill(connection, "target", TARGET, _targets(_known(connection), n, seed))


def inspectors(connection: Connection, n: int, seed: int = 64) -> int:
    """So many inspectors more, spread over the agencies."""
    return _fill(connection, "inspector", INSPECTOR, _inspectors(_known(connection), n, seed))


def children(connection: Connection) -> int:
    """A permit and premises for each third target."""
    written = 0
    for table, statement in CHILDREN.items():
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table)))
            written += cursor.execute(statement).rowcount
            cursor.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(table)))
    return written


def _targets(known: Known, n: int, seed: int) -> Iterator[Row]:
    chance = random.Random(f"population:{seed}")
    regions, agencies, _ = known
    trades: tuple[Trade, ...] = (*GENERAL, *OF_THE_ITEMS)
    trade_weights = list(accumulate(trade.count for trade in trades))
    counties, county_weights = list(COUNTY_WEIGHTS), list(accumulate(COUNTY_WEIGHTS.values()))
    places = {
        code: (regions[code][0], regions[code[:4] + "00"][1] + regions[code][1], regions[code][1])
        for code in counties
    }
    for start in range(0, n, CHUNK):
        size = min(CHUNK, n - start)
        many = lambda pool, size=size: chance.choices(pool, k=size)  # noqa: E731
        columns = zip(
            chance.choices(trades, cum_weights=trade_weights, k=size),
            chance.choices(counties, cum_weights=county_weights, k=size),
            many(_FIRST), many(_SECOND), many(_SECOND + " " * 20), many(ROADS), many(range(1, 400)),
            many(SURNAMES), many(GIVEN), many(GIVEN + " " * 20), many(range(10**8)), many(DAYS),
            chance.choices(("A", "B", "C", "D"), cum_weights=(65, 90, 98, 100), k=size),
            chance.choices(("active", "suspended", "closed"), cum_weights=(90, 93, 100), k=size),
            many(range(1000)),
            strict=True,
        )  # fmt: skip
        for serial, (trade, county, b1, b2, b3, road, number, *rest) in enumerate(columns, start):
            s, g1, g2, line, day, letter, status, dice = rest
            kind = trade.kinds[dice % len(trade.kinds)][0]
            region_id, address, place = places[county]
            prefix = dict(trade.prefixes).get(kind, PREFIXES[kind])
            head = s + g1 + g2.strip()
            phone = f"1{3 + line % 7}0{line:08d}"
            brand = b1 + b2 + b3.strip()
            small = kind == INDIVIDUAL
            of_agency = dice < 20
            yield (
                identifiers.social_credit_code(prefix, county, _organisation(serial)), "uscc",
                (place if small else ("宁夏", place, address[:3])[dice % 3]) + brand
                + trade.suffixes[line % len(trade.suffixes)],
                kind, trade.industry, region_id, f"{address}{road}{number}号", head, head,
                *_sealed(phone, "target"), b"", status, day, letter if kind == ENTERPRISE else "N",
                dice if kind == ENTERPRISE else None, DAYS[line % 900] if dice % 5 < 2 else None,
                [tag for tag, share in trade.tags if share * 1000 > dice], "agency" if of_agency else "base",
                agencies[line % len(agencies)] if of_agency else None,
            )  # fmt: skip


def _organisation(serial: int) -> str:
    """Nine characters, distinct from the demo's."""
    body = f"Y{'UWXT'[serial // 10**6]}{serial * 386_963 % 10**6:06d}"
    total = sum(
        int(char, 36) * weight for char, weight in zip(body, identifiers.ORGANISATION_WEIGHTS, strict=True)
    )
    return body + "0123456789X0"[11 - total % 11]


def _inspectors(known: Known, n: int, seed: int) -> Iterator[Row]:
    chance = random.Random(f"inspectors:{seed}")
    agencies = known[2]
    for number in range(n):
        agency_id, line, region = agencies[number % len(agencies)]
        trait, dice = TRAITS[line], chance.randrange(1000)
        since = DAYS[chance.randrange(1500)]
        yield (
            f"B{number:08d}",
            chance.choice(SURNAMES) + chance.choice(GIVEN) + (chance.choice(GIVEN) if dice % 2 else ""),
            agency_id, trait.unit, chance.choice(trait.others), *_sealed(f"150{number:08d}", "inspector"), True,
            since, since + timedelta(days=1825), dice % 4 == 0, dice % 12, [region],
            [*trait.core, *(one for one in trait.more if chance.random() < 0.3)], dice % 20 > 0,
        )  # fmt: skip


def _known(connection: Connection) -> Known:
    """Regions, agencies that add targets, agencies with inspectors: read before a COPY takes the connection."""
    regions = connection.execute("SELECT code, id, name FROM region").fetchall()
    adding = connection.execute("SELECT id FROM agency WHERE code LIKE 'AMR-64%' ORDER BY id").fetchall()
    inspecting = connection.execute(
        "SELECT a.id, a.line_code, r.code FROM agency a JOIN region r ON r.id = a.region_id"
        " WHERE a.line_code = ANY(%s) ORDER BY a.id",
        [list(TRAITS)],
    ).fetchall()
    return {code: (id_, name) for code, id_, name in regions}, [id_ for (id_,) in adding], inspecting


def _sealed(number: str, table: str) -> tuple[bytes, bytes | None, bytes | None]:
    place = f"{table}.phone"
    return current_keyring().seal(number, place), digest_of(number, place), tail_of(number, place)


def _fill(connection: Connection, table: str, columns: tuple[str, ...], rows: Iterator[Row]) -> int:
    name = sql.Identifier(table)
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        cursor.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(name))
        indexes = cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indrelid = %s::regclass AND NOT indisunique",
            [table],
        ).fetchall()
        for index, _ in indexes:
            cursor.execute(f"DROP INDEX {index}")
        keys = cursor.execute(
            "SELECT quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype = 'f'",
            [table],
        ).fetchall()
        for key, _ in keys:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {key}")
        copy_in = sql.SQL("COPY {} ({}) FROM STDIN").format(
            name, sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        with cursor.copy(copy_in) as copy:
            for row in rows:
                copy.write_row(row)
        written = cursor.rowcount
        for _, definition in indexes:
            cursor.execute(definition)
        for key, definition in keys:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {key} {definition}")
        cursor.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(name))
    connection.execute(sql.SQL("ANALYZE {}").format(name))
    return int(written)
