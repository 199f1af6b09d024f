"""Random rows: mostly right, and wrong in every way that a form, a file or an interface lets them be."""

from __future__ import annotations

import os
from random import Random

from app.kernel.identifiers import make_uscc

ROWS = 10_000 if os.environ.get("FULL") else 500
Row = dict[str, str]

# The first of each pool is right; so are some of the others.
TARGETS: dict[str, tuple[str, ...]] = {
    "name": (
        "甲示例", "", "乙" * 201, "𠮷商店示例", " 甲\t示例 ",
        "甲\u200b示例", "\u202e例示甲", "　", "'=甲示例", "甲\n示例", "x" * 200,
    ),
    "kind": ("企业", "", "enterprise", "月球人", "ENTERPRISE", "　企业", "企 业", "企业\u200b"),
    "industry": ("6110", "I6110", "", "9999", "６１１０", "i6110", "61 10", "6110.0",
        "旅游饭店", "住宿和餐饮业", "I", "X6110"),
    "region": ("兴庆区", "640104", "", "640202", "月球", "６４０１０４", "银川市兴庆区", "640104000000", "110101",
        "兴庆区\u00a0"),
    "address": ("银川市一号", "", "路" * 301, "\u00a0", "=1+1", "a" * 300, "银川市\r\n一号"),
    "legal_representative": ("张三示例", "", "张" * 81, "\u2060"),
    "contact": ("李四示例", "", "李" * 81, "\x7f"),
    "phone": ("13911112222", "", "１３９１１１１２２２２", "x" * 31, "+86 139-1111-2222", "电话", "-", "1" * 30),
    "home_address": ("", "某巷", "巷" * 301),
    "status": ("存续", "", "active", "注销", "睡着", "ACTIVE", "吊销，未注销", "存续（在营、开业、在册）"),
    "registered_on": (
        "2020-01-31", "", "2020年1月31日", "43861", "2020-02-31", "昨天", "２０２０-０１-３１", "2020/1/31", "20200131",
        "31.1.2020", "0000-00-00", "9999-12-31", "2020-01-31 08:00:00", "43861.5", "-1", "1e5",
    ),
    "tags": ("", "治安", "魔法；治安", "治安；治安", "；；", "治安,消防", "魔" * 500),
}  # fmt: skip

INSPECTORS: dict[str, tuple[str, ...]] = {
    "name": ("王五示例", "", "王" * 61, "王\u200b五示例", "'+王五"),
    "unit": ("治安科", "", "科" * 81, "　"),
    "position": ("民警", "", "警" * 61),
    "phone": ("13911112222", "", "1" * 31, "１３９１１１１２２２２"),
    "certified": ("是", "否"),
    "certificate_from": ("2024-01-01", "", "2024年1月1日", "昨天", "2031-01-01", "45292"),
    "certificate_until": ("2030-12-31", "", "2030/12/31", "2030-13-01", "2020-01-01", "２０３０-１２-３１"),
    "leader": ("否", "是"),
    "load": ("0", "", "3", "-1", "1e3", "10000", "９", "一次", "0003"),
    "regions": ("", "640104", "兴庆区", "月球", "640104；640202"),
    "specialties": ("", "治安", "魔法", "治安；治安"),
}  # fmt: skip


def targets(number: int = ROWS, seed: str = "targets") -> list[Row]:
    chance = Random(seed)
    return [_row(TARGETS, chance) | {"code": _code(place, chance)} for place in range(number)]


def inspectors(number: int = ROWS, seed: str = "inspectors") -> list[Row]:
    chance = Random(seed)
    wrong = ("", "证" * 41, "1.23E+11", "=1+1", "警\u200b1", " 警 1 ")
    rows = [_row(INSPECTORS, chance) for _ in range(number)]
    for place, row in enumerate(rows):
        row["certificate_no"] = (
            f"示例{place:06d}" if chance.random() < 0.9 else _apart(chance.choice(wrong), place)
        )
    return rows


def _row(pools: dict[str, tuple[str, ...]], chance: Random) -> Row:
    """Many rows are right, and the others are wrong in few places."""
    return {name: pool[0] if chance.random() < 0.9 else chance.choice(pool) for name, pool in pools.items()}


def _code(number: int, chance: Random) -> str:
    """Of no organisation of the demo: a known row is changed, and that is no verdict on a new one."""
    right = make_uscc("9", "1", "640104", f"YX{number:06d}")
    if chance.random() < 0.8:
        return right
    last = "0" if right[-1] != "0" else "1"
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in right)
    return chance.choice(
        (
            "", right[:-1], right.lower(), f"{right[:6]} {right[6:]}", "9.16401E+17", right[:-1] + "I", right[:-1] + last,
            wide, f"{right}\u200b", f"　{right}", right + "0", "-", "NEW", f"{right[:8]}-{right[8:]}", "O" + right[1:],
            f"'{right}", f"{right[8:16]}-{right[16]}", right[8:17],
        )
    )  # fmt: skip


def _apart(text: str, number: int) -> str:
    """Different from row to row, where it is a number at all."""
    return f"{text}{number}" if text.startswith(("警", "=")) else text
