"""Every component renders in both languages, and says what a screen reader needs."""

from __future__ import annotations

import re

from flask import Flask, render_template

from tests.design import samples, templates

CHINESE = "跳到正文"
ENGLISH = "Skip to the content"


def _gallery(app: Flask) -> str:
    with app.test_request_context("/"):
        page = app.jinja_env.from_string(samples.GALLERY.read_text(encoding="utf-8"))
        locale = app.config["BABEL_DEFAULT_LOCALE"]
        return page.render(**samples.context(), portal=samples.portal(locale))


def test_the_gallery_shows_every_macro() -> None:
    gallery = samples.GALLERY.read_text(encoding="utf-8")
    for page in templates.paths("components/*.html"):
        for name in re.findall(r"\{% macro (\w+)\(", templates.text(page)):
            called = "post_form" if name == "form" else name
            assert re.search(rf"[{{( =]{called}\(", gallery), f"{page.name}: {name}"


def test_every_component_renders_in_the_language_of_the_page(in_language: Flask) -> None:
    html = _gallery(in_language)
    chinese = in_language.config["BABEL_DEFAULT_LOCALE"] == "zh_CN"
    assert (CHINESE in html) is chinese
    assert (ENGLISH in html) is not chinese
    assert f'lang="{"zh-CN" if chinese else "en"}"' in html
    assert "%(" not in html


def test_the_gallery_has_no_inline_style_or_handler(in_language: Flask) -> None:
    html = _gallery(in_language)
    assert not re.search(r"<[a-z][^>]*\s(?:style|on[a-z]+)=", html)
    assert not re.search(r"<script(?![^>]*src=)", html)


def test_ids_of_a_page_are_unique(in_language: Flask) -> None:
    ids = re.findall(r'\sid="([^"]+)"', _gallery(in_language))
    twice = {name for name in ids if ids.count(name) > 1}
    assert twice == {"name"}  # the gallery shows the bare control of that field once more


def test_a_field_with_an_error_points_to_its_help_and_error(in_language: Flask) -> None:
    html = _gallery(in_language)
    name = re.search(r'<input[^>]*id="name"[^>]*>', html)
    assert name is not None
    assert 'aria-describedby="name-hint name-err"' in name.group(0)
    assert 'aria-invalid="true"' in name.group(0)
    assert 'id="name-hint"' in html
    assert 'id="name-err"' in html
    assert '<a href="#name">名称: 请填写名称</a>' in html


def test_a_choice_of_several_is_a_group_with_a_legend(in_language: Flask) -> None:
    assert re.search(r'<fieldset[^>]*id="outcome-group"[^>]*><legend>结果', _gallery(in_language))


def test_the_deadline_counts_working_days(bare_app: Flask) -> None:
    bare_app.config["BABEL_DEFAULT_LOCALE"] = "zh_CN"
    with bare_app.test_request_context("/"):
        due = bare_app.jinja_env.get_template("components/due.html").module.due
        assert "逾期 2 天" in due(-2, "11-19")
        assert 'class="eh-due is-bad"' in due(-2)
        assert "今天到期" in due(0)
        assert 'class="eh-due is-warn"' in due(3)
        assert 'class="eh-due"' in due(4)
        assert "无期限" in due(None)


def test_text_from_people_is_escaped(bare_app: Flask) -> None:
    with bare_app.test_request_context("/"):
        module = bare_app.jinja_env.get_template("components/note.html").module
        assert "&lt;img" in module.note("<img src=x>")


def test_a_hash_stands_in_groups_of_eight(bare_app: Flask) -> None:
    with bare_app.test_request_context("/"):
        html = str(bare_app.jinja_env.get_template("components/hash.html").module.hash("ab" * 32))
    assert html.count("<span>abababab</span>") == 8


def test_load_bars_stay_inside_their_box(bare_app: Flask) -> None:
    with bare_app.test_request_context("/"):
        load = bare_app.jinja_env.get_template("components/load.html").module.load
        for year, now, cap in [(0, 0, 0), (4, 2, 12), (20, 5, 12)]:
            tops = [float(y) for y in re.findall(r' y="([-\d.]+)"', load(year, now, cap, "x"))]
            assert all(2 <= y <= 54 for y in tops)


def test_a_post_form_carries_the_token(bare_app: Flask) -> None:
    with bare_app.test_request_context("/"):
        html = render_template("base.html", portal=samples.portal())
    assert html.count('method="post"') == html.count('name="csrf_token"')
    assert re.search(r'<form method="post" action="/logout/">', html)
