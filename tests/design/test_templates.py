"""No template breaks the content security policy; every icon, module and sentence it names is there."""

from __future__ import annotations

import re

import pytest
from babel.messages.pofile import read_po

from tests.design import sprite, templates

OURS = ("components", "layout", "errors", "appbuilder", "admin")
INLINE = {
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.I),
    "inline style": re.compile(r"<style\b", re.I),
    "style attribute": re.compile(r"""<[a-z][^>]*\sstyle\s*=""", re.I),
    "handler attribute": re.compile(r"""<[a-z][^>]*\son[a-z]+\s*=\s*["']""", re.I),
    "javascript address": re.compile(r"javascript:", re.I),
    "foreign origin": re.compile(r"""\b(?:src|href|action|data-[a-z]+)\s*=\s*["']\s*(?:https?:)?//""", re.I),
}


def _without_comments(source: str) -> str:
    return re.sub(r"\{#.*?#\}", "", source, flags=re.S)


@pytest.mark.parametrize("fault", INLINE)
def test_no_template_breaks_the_policy(fault: str) -> None:
    pages = templates.paths()
    assert len(pages) > 80
    found = [str(p) for p in pages if INLINE[fault].search(_without_comments(templates.text(p)))]
    assert found == []


@pytest.mark.parametrize(
    ("fault", "source"),
    [
        ("inline script", "<script>alert(1)</script>"),
        ("style attribute", '<p class="a" style="color: red">'),
        ("handler attribute", '<a href="#" onclick="go()">'),
        ("foreign origin", '<script src="//cdn.example/x.js">'),
    ],
)
def test_the_scan_sees_a_fault(fault: str, source: str) -> None:
    assert INLINE[fault].search(source)


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    known = set(sprite.icon_names())
    missing = {p.name: templates.icons(templates.text(p)) - known for p in templates.paths()}
    assert {name: icons for name, icons in missing.items() if icons} == {}


def test_every_module_that_a_template_names_is_a_file() -> None:
    there = {path.stem for path in (templates.STATIC / "js").glob("*.js")}
    missing = {p.name: templates.modules(templates.text(p)) - there for p in templates.paths()}
    assert {name: modules for name, modules in missing.items() if modules} == {}


def test_every_sentence_of_the_design_has_its_chinese() -> None:
    with (templates.APP / "translations" / "design.zh.po").open("rb") as file:
        chinese = {(m.context, m.id) for m in read_po(file, locale="zh_CN") if m.id and m.string}
    pages = [p for p in templates.paths() if p.relative_to(templates.TEMPLATES).parts[0] in OURS]
    pages += [templates.TEMPLATES / name for name in ("base.html", "narrow.html", "phone.html", "print.html")]
    used = {message for page in pages for message in templates.message_ids(templates.text(page))}
    assert len(used) > 100
    assert used - chinese == set()


def test_every_macro_of_a_component_says_in_one_line_what_it_is() -> None:
    for page in templates.paths("components/*.html"):
        lines = templates.text(page).splitlines()
        for place, line in enumerate(lines):
            name = re.match(r"\{% macro (\w+)\(", line)
            if name:
                assert re.match(r"\{# " + name.group(1) + r"\(.*\).*#\}", lines[place - 1]), (
                    f"{page.name}: {line}"
                )
