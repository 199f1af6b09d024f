"""Base pages and error pages render with everything, with nothing, and in both languages."""

from __future__ import annotations

import re

import pytest
from flask import Flask, render_template

from tests.design import samples

PAGES = ["base.html", "narrow.html", "public/base.html", "wall.html", "phone.html", "print.html"]
ERRORS = [400, 403, 404, 409, 413, 429, 500, 503]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("known", [True, False], ids=["portal", "nothing"])
def test_a_base_page_is_a_whole_document(in_language: Flask, name: str, known: bool) -> None:
    locale = in_language.config["BABEL_DEFAULT_LOCALE"]
    with in_language.test_request_context("/"):
        html = render_template(name, **({"portal": samples.portal(locale)} if known else {}))
    assert html.startswith("<!doctype html>")
    assert html.rstrip().endswith("</html>")
    assert re.search(r"<title>[^<]+</title>", html)
    assert 'id="main"' in html
    assert "None" not in html


def test_the_menu_marks_the_current_page(bare_app: Flask) -> None:
    with bare_app.test_request_context("/"):
        html = render_template("base.html", portal=samples.portal())
    assert re.search(r'<a href="/targets" aria-current="page">', html)
    assert '<span class="eh-nav-n is-bad">6</span>' in html


def test_several_memberships_can_be_switched(bare_app: Flask) -> None:
    with bare_app.test_request_context("/"):
        html = render_template("base.html", portal=samples.portal())
    assert '<button type="submit" name="membership" value="2">' in html


def test_a_person_with_one_membership_sees_no_switch(bare_app: Flask) -> None:
    portal = samples.portal()
    portal["user"]["memberships"].pop()
    with bare_app.test_request_context("/"):
        assert 'name="membership"' not in render_template("base.html", portal=portal)


def test_public_pages_show_nothing_of_a_person(bare_app: Flask) -> None:
    with bare_app.test_request_context("/public/draws"):
        html = render_template("public/base.html", portal=samples.portal())
    assert "周敏" not in html
    assert 'action="/logout/"' not in html
    assert re.search(r'<a href="/public/draws" aria-current="page">', html)


@pytest.mark.parametrize("number", ERRORS)
def test_an_error_page_says_what_to_do(in_language: Flask, number: int) -> None:
    with in_language.test_request_context("/"):
        html = render_template(f"errors/{number}.html", sentence="<b>x</b>", error_id="f-17")
    assert re.search(rf">{number} · f-17<", html)
    assert "&lt;b&gt;x" in html
    assert '<a class="btn btn-primary" href="/">' in html
    assert "data-keep-draft" in html


def test_the_sentences_for_scripts_are_in_the_language_of_the_page(in_language: Flask) -> None:
    with in_language.test_request_context("/"):
        html = render_template("base.html")
    words = re.search(r'data-words="([^"]*)"', html)
    assert words is not None
    assert "{time}" in words.group(1)
