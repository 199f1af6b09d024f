"""The manual's pages, read from Markdown of a small kind: headings, paragraphs, lists, figures."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from app.web.help import MANUAL

_NAME = re.compile(r"^[a-z][a-z-]{1,30}$")


@dataclass
class Section:
    """A heading with its blocks: ("p", text), ("ol", [texts]) or ("ul", [texts])."""

    heading: str
    blocks: list[tuple[str, str | list[str]]] = field(default_factory=list)


@dataclass
class ManualPage:
    title: str
    sections: list[Section]
    pages: list[tuple[str, str]]


def read_manual(name: str) -> ManualPage | None:
    """The page of that name, None if there is none."""
    path = MANUAL / f"{name}.md"
    if not _NAME.match(name) or not path.is_file():
        return None
    title, sections = _parse(path.read_text(encoding="utf-8"))
    return ManualPage(title, sections, _index())


def _index() -> list[tuple[str, str]]:
    found = []
    for path in sorted(MANUAL.glob("*.md")):
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        found.append((path.stem, first.lstrip("# ").strip()))
    return found


def _parse(text: str) -> tuple[str, list[Section]]:
    title, sections = "", [Section("")]
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = block.strip().splitlines()
        if lines[0].startswith("# "):
            title = lines[0][2:].strip()
            lines = lines[1:]
        elif lines[0].startswith("## "):
            sections.append(Section(lines[0][3:].strip()))
            lines = lines[1:]
        if lines:
            sections[-1].blocks.append(_block(lines))
    return title, [s for s in sections if s.heading or s.blocks]


def _block(lines: list[str]) -> tuple[str, str | list[str]]:
    if all(re.match(r"^\d+\. ", line) for line in lines):
        return "ol", [line.partition(". ")[2] for line in lines]
    if all(line.startswith("- ") for line in lines):
        return "ul", [line[2:] for line in lines]
    return "p", " ".join(line.strip() for line in lines)
