"""Do the templates parse, and do they keep the content security policy? `python -m tools.templates`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError

ROOT = Path(__file__).resolve().parent.parent / "app" / "templates"
FORBIDDEN = {
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.I),
    "inline style": re.compile(r"\sstyle\s*=\s*[\"']|<style", re.I),
    "inline handler": re.compile(r"\son[a-z]+\s*=\s*[\"']", re.I),
    "other origin": re.compile(r"(?:src|href|action)\s*=\s*[\"']\s*(?:https?:)?//", re.I),
}
LONGEST = 150


def faults(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    found = [name for name, pattern in FORBIDDEN.items() if pattern.search(text)]
    try:
        Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"]).parse(text)
    except TemplateSyntaxError as error:
        found.append(f"line {error.lineno}: {error.message}")
    if text.count("\n") > LONGEST:
        found.append(f"more than {LONGEST} lines")
    return [f"{path.relative_to(ROOT)}: {fault}" for fault in found]


def main() -> int:
    found = [fault for path in sorted(ROOT.rglob("*.html")) for fault in faults(path)]
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
