"""Is the Chinese catalogue complete? `python -m tools.translations` exits 1 and lists what lacks a translation.

English is the language of the message ids; ids that hold Chinese are counted as missing English.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from babel.messages.extract import extract_from_dir

from app.kernel.states import StateEnum
from app.web.domains import DOMAINS, parts
from app.web.translations import TranslationConflict, merged

ROOT = Path(__file__).resolve().parent.parent
KEYWORDS: dict[str, Any] = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
OPTIONS = {"**/templates/**.html": {"extensions": "", "silent": "false"}}
CHINESE = re.compile(r"[一-鿿]")


def wanted() -> Iterator[tuple[str | None, str, str]]:
    """(context, message id, where it stands)."""
    for filename, line, message, _, context in extract_from_dir(
        str(ROOT / "app"), METHODS, OPTIONS, KEYWORDS, comment_tags=()
    ):
        first = message[0] if isinstance(message, tuple) else message
        if first:
            yield context, first, f"app/{filename}:{line}"
    for module in ("rules", "models"):
        for part in parts(module):
            for thing in vars(part).values():
                if isinstance(thing, type) and issubclass(thing, StateEnum) and thing is not StateEnum:
                    for state in thing:
                        yield None, state.label, f"{part.__name__}.{thing.__name__}.{state.name}"
    for name in ("app.regulation.calendar", "app.kernel.identifiers"):
        for sentence in getattr(import_module(name), "MESSAGES", {}).values():
            yield None, str(sentence), name
    for label in import_module("app.security.rules").ROLE_LABELS.values():
        yield None, label, "app.security.rules"
    for place in import_module("app.regulation.vocabulary").__dict__.values():
        if isinstance(place, type) and issubclass(place, StateEnum) and place is not StateEnum:
            for state in place:
                yield None, state.label, f"app.regulation.vocabulary.{place.__name__}"


def gaps() -> tuple[list[str], list[str]]:
    """What lacks Chinese, what lacks English; each with its place."""
    catalogue = merged()
    no_chinese, no_english = {}, {}
    for context, message, where in wanted():
        found = catalogue.get(message, context)
        if found is None or not found.string:
            no_chinese.setdefault((context, message), f"{where}: {message!r}")
        if CHINESE.search(message):
            no_english.setdefault((context, message), f"{where}: {message!r}")
    return list(no_chinese.values()), list(no_english.values())


def main() -> int:
    try:
        no_chinese, no_english = gaps()
    except TranslationConflict as conflict:
        print(conflict)
        return 1
    for line in no_chinese:
        print("no Chinese:", line)
    for line in no_english:
        print("no English:", line)
    print(
        f"{len(DOMAINS)} domains: {len(no_chinese)} sentences without Chinese, {len(no_english)} without English"
    )
    return 1 if no_chinese else 0


if __name__ == "__main__":
    sys.exit(main())
