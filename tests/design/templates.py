"""What the tests read: our templates, their strings, icons and modules."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app"
TEMPLATES = APP / "templates"
STATIC = APP / "static"

_STRING = r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(r"\b_l?\(\s*" + _STRING)
_IN_CONTEXT = re.compile(r"\bpgettext\(\s*" + _STRING + r"\s*,\s*" + _STRING)
_ICON = re.compile(r"\b(?:icon|wait)\(\s*'([a-z0-9-]+)'")
_ICON_KEY = re.compile(r"\bicon_name='([a-z0-9-]+)'")
_ICON_MAP = re.compile(r"(?:set (?:icons|known) = |icon\(\(?)(\{[^}]*\})")
_ICON_EITHER = re.compile(r"icon\(\(?'([a-z0-9-]+)' if .*? else '([a-z0-9-]+)'\)?")
_MODULE = re.compile(r'data-module="([^"]*)"')


def paths(pattern: str = "**/*.html") -> list[Path]:
    """All our templates, in a fixed order."""
    return sorted(TEMPLATES.glob(pattern))


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def message_ids(source: str) -> set[tuple[str | None, str]]:
    """(context, sentence) of every _() and pgettext() in a template."""
    plain = {(None, _unquoted(sentence)) for sentence in _CALL.findall(source)}
    return plain | {(_unquoted(c), _unquoted(s)) for c, s in _IN_CONTEXT.findall(source)}


def _unquoted(literal: str) -> str:
    return literal[1:-1].replace("\\'", "'").replace('\\"', '"')


def icons(source: str) -> set[str]:
    """The icon names that a template writes out."""
    found = set(_ICON.findall(source)) | set(_ICON_KEY.findall(source))
    for pair in _ICON_EITHER.findall(source):
        found.update(pair)
    for mapping in _ICON_MAP.findall(source):
        found.update(re.findall(r":\s*'([a-z0-9-]+)'", mapping))
    return found


def modules(source: str) -> set[str]:
    """The names in data-module, without what a template computes."""
    plain = " ".join(re.sub(r"\{[%{].*?[%}]\}", " ", names) for names in _MODULE.findall(source))
    return {name for name in plain.split() if re.fullmatch(r"[a-z0-9-]+", name)}
