"""Pinyin initials in the database: the committed table, ways to read a name, and whoever writes."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from app.directories.importing.bulk import copy_upsert
from app.directories.targets.models import Target
from app.directories.targets.search_functions import MOST_WAYS, letters

# GB 2312-80 orders its 3,755 characters of level 1 by pinyin; these are the first ones of each letter.
FIRST_OF_LETTER = {
    "a": "啊", "b": "芭", "c": "擦", "d": "搭", "e": "蛾", "f": "发", "g": "噶", "h": "哈", "j": "击", "k": "喀",
    "l": "垃", "m": "妈", "n": "拿", "o": "哦", "p": "啪", "q": "期", "r": "然", "s": "撒", "t": "塌", "w": "挖",
    "x": "昔", "y": "压", "z": "匝",
}  # fmt: skip
LAST_OF_LEVEL_1 = 0xD7F9


def level(first: int, last: int) -> list[str]:
    found = []
    for row in range(first >> 8, (last >> 8) + 1):
        for cell in range(0xA1, 0xFF):
            if first <= (row << 8 | cell) <= last:
                try:
                    found.append(bytes((row, cell)).decode("gb2312"))
                except UnicodeDecodeError:
                    continue
    return found


def initials(session, name):
    return session.execute(text("SELECT pinyin_initials(:name)"), {"name": name}).scalar_one()


def test_the_everyday_characters_have_the_letters_of_their_order(session):
    order = level(0xB0A1, LAST_OF_LEVEL_1)
    starts = {char: letter for letter, char in FIRST_OF_LETTER.items()}
    usual, _ = letters()
    letter, wrong = "", []
    for char in order:
        letter = starts.get(char, letter)
        if usual[char] != letter:
            wrong.append(char)
    assert len(order) == 3755
    assert wrong == []


def test_every_character_of_gb2312_has_a_letter_in_the_database(session):
    chars = level(0xB0A1, 0xF7FE)
    usual, other = letters()
    assert len(chars) == 6763
    read = session.execute(
        text("SELECT c, pinyin_initials(c) FROM unnest(CAST(:chars AS text[])) AS c"), {"chars": chars}
    )
    assert {c: set(way.split()) for c, way in read} == {c: {usual[c], *other.get(c, "")} for c in chars}


@pytest.mark.parametrize(
    ("name", "ways"),
    [
        ("宁夏塞上凌空食品有限公司", {"nxsslkspyxgs"}),
        ("宁夏银行", {"nxyh", "nxyx"}),
        ("重庆火锅", {"cqhg", "zqhg"}),
        ("长沙米粉", {"csmf", "zsmf"}),
        ("（集团）ABC 3D打印·二〇二六", {"jtabc3ddyelel"}),
        ("𠮷野家", {"jyj"}),
        ("㐂", {"x"}),
        ("囍缘犇鱻", {"xybx"}),
        ("ⅣÀ☆", {""}),
        ("", {""}),
    ],
)
def test_a_name_is_read_in_every_usual_way(session, name, ways):
    assert set(initials(session, name).split(" ")) == ways


def test_a_name_of_polyphones_alone_is_kept_in_a_few_ways(session):
    assert len(initials(session, "行长重乐厦单曾朝解查").split()) <= MOST_WAYS


@pytest.mark.parametrize("write", ["orm", "sql", "copy"])
def test_the_column_is_right_whoever_writes(session, write):
    target = session.query(Target).order_by(Target.id).first()
    if write == "orm":
        target.name = "金凤区长城饭店"
        session.flush()
    elif write == "copy":
        columns = (
            "code",
            "code_kind",
            "name",
            "kind",
            "region_id",
            "address",
            "legal_representative",
            "contact",
        )
        values = {**{c: getattr(target, c) for c in columns}, "name": "金凤区长城饭店"}
        names = (*columns, "phone", "home_address", "status", "tags", "source", "risk_class")
        row = (*(values[c] for c in columns), "", "", "active", [], "base", "N")
        copy_upsert(session, "target", names, [row], key="code")
    else:
        session.execute(text("UPDATE target SET name = '金凤区长城饭店' WHERE id = :id"), {"id": target.id})
    found = session.execute(
        text("SELECT search_initials FROM target WHERE id = :id"), {"id": target.id}
    ).scalar_one()
    assert set(found.split()) == {"jfqccfd", "jfqzcfd"}
