"""Agencies as lists and plans name them (公安、税务部门; 市市场监管局（消保科）), told by their line of business. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_BRACKETS = re.compile(r"[（(\[【][^（()）\[\]【】]*[)）\]】]")
_SEPARATORS = re.compile(r"[、，,;；/\n]+|或者?|以及")
# Whoever initiates decides later who these are.
_OPEN = re.compile(r"(?:相关|有关|其他|各)(?:部门|单位)")
_NAMES = re.compile(r"[、，,（）()]+")
_REST = re.compile(r"^等?(?:部门|单位|机构)?$")
SHORTEST = 2

# Short names and former ones under which lists speak of a line of business.
ALSO = {
    "amr": ("市场监管", "市场监督", "工商", "质监", "质量技术监督", "食药", "食品药品"),
    "police": ("公安",),
    "health": ("卫生健康", "卫健", "卫生", "卫计"),
    "fire": ("消防",),
    "culture": ("文化和旅游", "文化旅游", "文旅", "文广", "文化"),
    "education": ("教育", "教体"),
    "housing": ("住房和城乡建设", "住房城乡建设", "城乡建设", "住建"),
    "transport": ("交通",),
    "ecology": ("生态环境", "环保", "环境保护"),
    "emergency": ("应急", "安监"),
    "hrss": ("人力资源", "人社"),
    "tax": ("税务",),
    "development": ("发展和改革", "发展改革", "发改", "粮食"),
    "commerce": ("商务", "投资促进"),
    "propaganda": ("宣传", "新闻出版", "电影"),
    "agriculture": ("农业农村", "农牧", "农业"),
    "industry": ("工业和信息化", "工信", "经信"),
    "insurance": ("医疗保障", "医保"),
    "justice": ("司法",),
    "civil": ("民政",),
    "post": ("邮政",),
    "tobacco": ("烟草",),
    "statistics": ("统计",),
    "audit": ("审计",),
}


@dataclass(frozen=True)
class Named:
    """What a cell says: lines in its order, each once; words that name none; whether it leaves some open."""

    lines: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    open: bool = False


@dataclass
class Parties:
    """The lines of business of the portal with all the words for them; `agencies`: an agency's name -> its line."""

    lines: Mapping[str, Iterable[str]]
    agencies: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        words: dict[str, str] = {}
        for code, names in self.lines.items():
            own = [part for name in names for part in _NAMES.split(name)]
            for word in (*own, *ALSO.get(code, ())):
                if len(word) >= SHORTEST:
                    words.setdefault(word, code)
        self._words = sorted(words.items(), key=lambda pair: -len(pair[0]))

    def read(self, text: str) -> Named:
        """The lines that a cell names."""
        lines: list[str] = []
        unknown: list[str] = []
        is_open = False
        for word in self._split(text):
            if _OPEN.search(word):
                is_open = True
                continue
            code = self.line(word)
            if code is None:
                unknown.append(word)
            elif code not in lines:
                lines.append(code)
        return Named(tuple(lines), tuple(unknown), is_open)

    def line(self, word: str) -> str | None:
        """The line of one agency's name; the longest word for a line that it holds decides."""
        if word in self.lines:
            return word
        if word in self.agencies:
            return self.agencies[word]
        return next((code for known, code in self._words if known in word), None)

    @staticmethod
    def _split(text: str) -> list[str]:
        while True:
            bare = _BRACKETS.sub("", text)
            if bare == text:
                break
            text = bare
        words = (word.strip().removesuffix("等部门").removesuffix("等") for word in _SEPARATORS.split(text))
        return [word for word in words if not _REST.match(word)]


def plain(text: str) -> str:
    """A name without what lists write differently: signs, and 对...的检查 / 抽查 around it."""
    text = re.sub(r"[\s、，,。.；;：:（）()“”\"《》\-—·]+", "", text)
    text = re.sub(r"^\d{4}年度?", "", text)
    text = re.sub(r"^全[省市县区]", "", text)
    return re.sub(r"的|等|情况|联合|部门|监督|检查|抽查|(?<=.)^对", "", text.removeprefix("对"))
