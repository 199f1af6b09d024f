"""Pages in English and on a phone, after the journey has left something on them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.person import PHONE, Person

Somebody = Callable[..., Person]
MAIN = {
    "police_clerk": (
        "/",
        "/tasks/",
        "/tasks/1",
        "/draws/",
        "/visits/",
        "/follow-ups/",
        "/dossiers/",
        "/messages/",
    ),
    "police_admin": ("/plans/", "/items/", "/targets/", "/inspectors/", "/libraries/", "/recusals/"),
    "office": ("/overdue/", "/designer/", "/publications/", "/regulation"),
    "police_reviewer": ("/reviews/",),
    "sysadmin": ("/ops/",),
}
PUBLIC = ("/public/", "/public/lists", "/public/plans", "/public/draws", "/public/results", "/public/log")


@pytest.mark.parametrize("name", MAIN)
def test_the_main_screens_in_english(person: Somebody, name: str) -> None:
    one = person(name, window=(1366, 768)).speak("en")
    for path in MAIN[name]:
        one.go(path)
        heads = [
            text for text in one.page.locator("th, .eh-nav a, .eh-actions .btn").all_inner_texts() if text
        ]
        assert not [text for text in heads if any("一" <= sign <= "鿿" for sign in text)], path


@pytest.mark.parametrize("path", PUBLIC)
def test_the_public_pages_in_english(visitor: Somebody, path: str) -> None:
    visitor(locale="en").go(f"{path}?lang=en")


@pytest.mark.parametrize("name", MAIN)
def test_no_main_page_is_wider_than_a_phone(person: Somebody, name: str) -> None:
    one = person(name, window=PHONE)
    wide = {path: one.go(path).wide() for path in MAIN[name]}
    assert {path: by for path, by in wide.items() if by > 0} == {}


def test_no_public_page_is_wider_than_a_phone(visitor: Somebody) -> None:
    anyone = visitor(window=PHONE)
    wide = {path: anyone.go(path).wide() for path in PUBLIC}
    assert {path: by for path, by in wide.items() if by > 0} == {}


def test_no_chinese_page_had_english_on_it() -> None:
    assert Person.pictures, "no page was looked at"
    found = sorted(set(Person.english))
    assert not found, "\n".join(found)
