"""Words from which fictional names, streets and telephone numbers are made."""

import random

MARK = "示例"
SURNAMES = "马王李张杨刘陈田丁白纳沙金海吴赵黄周何哈冯罗高郭梁穆拜虎买苏"
GIVEN = "宁安平康明华建文军丽敏静芳伟强磊洋勇艳杰娟涛超霞慧峰鹏斌玲宏梅林晨曦岚岩泽禾雨桐"
_FIRST = "沐青云锦禾松枫岚澄朗映启瑞恒裕泰嘉祥广盛丰汇聚融达通顺宏远晨曦星河山川凤鸣鹿溪柳岸桐杏荷竹兰梅雪霜"
_SECOND = "晨泽源林悦和美雅轩舍庭苑园居阁馨宁康乐欣荣昌隆兴旺润沃野田谷麦稻耘畔湾洲桥塘渡坊里巷陌景致航帆途"
_STREETS = ("演示", "样例", "示范", "例证", "模拟", "假设")
AREA_CODES = {"01": "0951", "02": "0952", "03": "0953", "04": "0954", "05": "0955"}


def person(rng: random.Random) -> str:
    """A person's name: surname, one or two characters, 示例."""
    given = rng.choice(GIVEN) + (rng.choice(GIVEN) if rng.random() < 0.5 else "")
    return rng.choice(SURNAMES) + given + MARK


def brand(rng: random.Random) -> str:
    """Two or three characters that stand for the distinguishing part of a firm's name."""
    word = rng.choice(_FIRST) + rng.choice(_SECOND)
    return word + rng.choice(_SECOND) if rng.random() < 0.6 else word


def address(rng: random.Random, place: str) -> str:
    """A street and number that do not exist, in a place that does."""
    return f"{place}{rng.choice(_STREETS)}路{rng.randint(1, 399)}号"


def telephone(rng: random.Random, region: str) -> str:
    """A number nobody can have: a local number never begins with 0, which is the trunk prefix."""
    return f"{AREA_CODES[region[2:4]]}-0{rng.randrange(1_000_000):06d}"
