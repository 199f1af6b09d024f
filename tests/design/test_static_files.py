"""What is served: vendored files as published, no foreign origin, a first visit that stays small."""

from __future__ import annotations

import gzip
import re

import pytest

from tests.design import sprite, templates

FIRST_VISIT_KB = 250
OTHER_FILES = {"VENDOR.toml"}
ORIGIN = re.compile(r"""(?:url\(\s*['"]?|@import\s+['"]|\bfrom\s+['"]|import\(\s*['"])(?:https?:)?//""")


def test_every_vendored_file_has_the_hash_of_the_list() -> None:
    listed = {path: h for package in sprite.listing()["package"] for path, h in package["files"].items()}
    assert {path: sprite.sha256(sprite.VENDOR / path) for path in listed} == listed


def test_the_list_names_every_vendored_file() -> None:
    listed = {path for package in sprite.listing()["package"] for path in package["files"]}
    there = {p.relative_to(sprite.VENDOR).as_posix() for p in sprite.VENDOR.rglob("*") if p.is_file()}
    assert there - OTHER_FILES == listed


@pytest.mark.parametrize("package", sprite.listing()["package"], ids=lambda p: p["name"])
def test_a_package_has_version_and_licence(package: dict) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
    assert package["licence"]
    assert any(path.endswith("LICENSE") for path in package["files"])


def test_the_sprite_holds_exactly_the_listed_icons() -> None:
    drawn = re.findall(r'<symbol id="([a-z0-9-]+)"', sprite.SPRITE.read_text(encoding="utf-8"))
    assert drawn == sorted(sprite.icon_names())


def test_a_symbol_is_the_drawing_without_its_ground() -> None:
    ground = '<path stroke="none" d="M0 0h24v24H0z" fill="none" />'
    svg = f'<svg\n class="x">\n  {ground}\n  <path d="M1 1" />\n</svg>'
    assert sprite.symbol("dot", svg) == '<symbol id="dot" viewBox="0 0 24 24"><path d="M1 1" /></symbol>'


def test_no_stylesheet_or_script_names_a_foreign_origin() -> None:
    files = [*templates.STATIC.rglob("*.css"), *templates.STATIC.rglob("*.js")]
    assert len(files) > 20
    assert [f.name for f in files if ORIGIN.search(f.read_text(encoding="utf-8"))] == []


def test_the_first_visit_of_any_page_stays_under_the_limit() -> None:
    every_file = sum(
        len(gzip.compress(path.read_bytes()))
        for path in templates.STATIC.rglob("*")
        if path.suffix in {".css", ".js", ".svg"}
    )
    assert every_file < FIRST_VISIT_KB * 1024


def test_every_import_of_a_module_leads_to_a_file() -> None:
    for script in sorted((templates.STATIC / "js").rglob("*.js")):
        source = script.read_text(encoding="utf-8")
        for target in re.findall(r"""(?:from|import\()\s*["'](\.[^"'$]+)["']""", source):
            assert (script.parent / target).resolve().is_file(), f"{script.name}: {target}"


def test_every_behaviour_of_the_design_has_a_default_function() -> None:
    names = {
        n for path in templates.paths("components/*.html") for n in templates.modules(templates.text(path))
    }
    assert "submit-once" in names
    for name in sorted(names):
        source = (templates.STATIC / "js" / f"{name}.js").read_text(encoding="utf-8")
        assert re.search(r"export default (async )?function", source), name
