"""Rebuild the icon sprite after a name was added to `icons` in VENDOR.toml.

    python -m tests.design.sprite FOLDER

FOLDER is an unpacked copy of @tabler/icons in the version that VENDOR.toml names. The hashes of all
vendored files are then renewed.
"""

from __future__ import annotations

import hashlib
import re
import sys
import tomllib
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[2] / "app" / "static" / "vendor"
LISTING = VENDOR / "VENDOR.toml"
SPRITE = VENDOR / "tabler-icons" / "sprite.svg"
GROUND = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')


def listing() -> dict:
    """The parsed VENDOR.toml."""
    return tomllib.loads(LISTING.read_text(encoding="utf-8"))


def icon_names() -> list[str]:
    return [name for package in listing()["package"] for name in package.get("icons", [])]


def symbol(name: str, svg: str) -> str:
    """One <symbol>: the drawing without its invisible ground and without presentation attributes."""
    inner = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.S)
    if inner is None:
        raise ValueError(f"{name}: no <svg> element")
    drawing = re.sub(r"\s*\n\s*", "", GROUND.sub("", inner.group(1))).strip()
    return f'<symbol id="{name}" viewBox="0 0 24 24">{drawing}</symbol>'


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main(folder: Path) -> None:
    outline = folder / "icons" / "outline"
    symbols = [symbol(n, (outline / f"{n}.svg").read_text(encoding="utf-8")) for n in sorted(icon_names())]
    SPRITE.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n", encoding="utf-8"
    )
    text = LISTING.read_text(encoding="utf-8")
    for package in listing()["package"]:
        for path, old in package["files"].items():
            text = text.replace(f'"{path}" = "{old}"', f'"{path}" = "{sha256(VENDOR / path)}"')
    LISTING.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
