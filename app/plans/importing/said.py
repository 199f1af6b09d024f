"""Times, ratios and numbers in the words of plans: 7月至12月; 不低于5%; A类1% D类100%; 原则上不少于10家. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from app.kernel.spreadsheet import half_width
from app.plans.rules.selection import CLASSES, PER_MILLE

_DAY = re.compile(r"(20\d\d)[-./年](\d{1,2})(?!\d)(?:[-./月](\d{1,2})(?!\d))?")
_RANGE = re.compile(r"(?:(20\d\d)年)?(\d{1,2})月?(?:\d{1,2}日)?[-—–~～至到]+(?:(20\d\d)年)?(\d{1,2})月")
_UNTIL = re.compile(r"(?:(20\d\d)年)?(\d{1,2})月(?:\d{1,2}日|底|末)?(?:之?前|以前)")
_MONTH = re.compile(r"(?:(20\d\d)年)?(\d{1,2})月(?:份|\d{1,2}日)?")
_NEXT_YEAR = re.compile(r"[次翌来明]年")
_WHOLE = re.compile(r"全年|每月|每季度?|年内")
_SPANS = {
    "上半年": (1, 6),
    "下半年": (7, 12),
    "一季度": (1, 3),
    "二季度": (4, 6),
    "三季度": (7, 9),
    "四季度": (10, 12),
}
_SHARE = r"(\d{1,3}(?:\.\d)?)([%‰])"
_HOW = r"(?:企业|风险|主体|对象)*(?:为|按|:|不低于|不少于|不超过|至少|≥|>=|≤|<=|=)*"
_BY_CLASS = re.compile(rf"(?<![A-Za-z])([ABCDN])类?{_HOW}{_SHARE}")
_BY_WORD = re.compile(rf"(较高|一般|低|高)(?:信用)?风险{_HOW}{_SHARE}")
_BY_LEVEL = re.compile(rf"(省|自治区|(?<!自治)区|市|县)级?{_HOW}{_SHARE}")
_ONE = re.compile(rf"(?:全年|每年|年度|原则上|一般|按|抽查比例|比例)*{_HOW}{_SHARE}(?:以上|左右)?")
_CLASS_OF = {"低": "A", "一般": "B", "较高": "C", "高": "D"}
_LEVELS = {"省": "region", "自治区": "region", "市": "city", "县": "county", "区": "county"}
_NUMBER = re.compile(
    r"(?:原则上|约|共|抽查|计划)*(?:不少于|至少|≥|>=)?(\d{1,7})(?:家|户|个|所|辆|台|次)?(?:以上|左右)?"
)
_NOTHING = re.compile(r"[/\-—无]*")


@dataclass(frozen=True)
class Time:
    """The months of an entry; `year` where the words name one, 0 where they name none, -1 several."""

    first: int
    last: int
    year: int = 0


def read_time(text: str, until: str = "") -> Time | None:
    """None: no months are named. `until`: a second cell with the end."""
    if until:
        first, last = read_time(text), read_time(until)
        if first is None or last is None:
            return None
        years = {time.year for time in (first, last) if time.year}
        return _time(first.first, last.last, years)
    text = re.sub(r"\s+", "", half_width(text))
    if _NEXT_YEAR.search(text):
        return None
    days = _DAY.findall(text)
    if days and not _RANGE.search(text):
        months = [int(month) for _year, month, _day in days]
        return _time(min(months), max(months), {int(year) for year, _month, _day in days})
    spans = [span for word, span in _SPANS.items() if word in text]
    found = _RANGE.findall(text)
    if found:
        years = {int(year) for one in found for year in (one[0], one[2]) if year}
        return _time(min(int(one[1]) for one in found), max(int(one[3]) for one in found), years)
    ends = _UNTIL.findall(text)
    if ends:
        return _time(1, max(int(month) for _year, month in ends), {int(year) for year, _m in ends if year})
    if spans:
        return Time(min(first for first, _ in spans), max(last for _, last in spans))
    one = _MONTH.findall(text)
    if one:
        months = [int(month) for _year, month in one]
        return _time(min(months), max(months), {int(year) for year, _month in one if year})
    return Time(1, 12) if _WHOLE.search(text) else None


def _time(first: int, last: int, years: set[int]) -> Time | None:
    if not 1 <= first <= last <= 12:
        return None
    return Time(first, last, years.pop() if len(years) == 1 else -1 if years else 0)


def read_ratio(text: str, level: str, *, in_percent: bool = False) -> dict[str, Any] | None:
    """The selection that a ratio means, one ratio for every class where classes are not told apart.

    :param level: of the plan: some plans have a ratio for each level
    :param in_percent: the heading has the sign that the cells lack
    :returns: None where the words tell no ratio, or more than one
    """
    text = re.sub(r"\s+", "", half_width(text))
    if in_percent and re.fullmatch(r"\d{1,3}(?:\.\d)?", text):
        text += "%"
    by_class = {code: _share(*share) for code, *share in _BY_CLASS.findall(text)}
    by_class |= {_CLASS_OF[word]: _share(*share) for word, *share in _BY_WORD.findall(text)}
    if by_class:
        return _selection(by_class)
    by_level = {_LEVELS[word]: _share(*share) for word, *share in _BY_LEVEL.findall(text)}
    if by_level:
        return _selection(dict.fromkeys(CLASSES, by_level[level])) if level in by_level else None
    match = _ONE.fullmatch(text)
    return _selection(dict.fromkeys(CLASSES, _share(*match.groups()))) if match else None


def _share(number: str, sign: str) -> int:
    """In per mille."""
    whole, _, tenth = number.partition(".")
    return int(whole) if sign == "‰" else int(whole) * 10 + int(tenth or 0)


def _selection(shares: dict[str, int]) -> dict[str, Any]:
    ratios = {code: {"num": shares[code], "den": PER_MILLE} for code in CLASSES if code in shares}
    return {"kind": "per_class", "ratios": ratios, "min": 0}


def read_number(text: str) -> dict[str, Any] | None:
    """The selection that a number in all means, shared out by the size of the classes."""
    match = _NUMBER.fullmatch(re.sub(r"\s+", "", half_width(text)))
    if match is None:
        return None
    return {"kind": "total", "number": int(match.group(1)), "multipliers": dict.fromkeys(CLASSES, 1)}


def is_nothing(text: str) -> bool:
    """Whether a cell says nothing: empty, or the stroke that stands for it."""
    return _NOTHING.fullmatch(text.strip()) is not None
