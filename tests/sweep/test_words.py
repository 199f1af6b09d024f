"""Each language alone: no sentence of the code on a Chinese page, nothing but data in Chinese on an English one."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from sqlalchemy import text

from app.db import db
from app.web.translations import merged
from tests.sweep.addresses import values
from tests.sweep.browsing import SHORT, browsers
from tests.sweep.test_reading import address, routes

WATCHED = ("police_clerk", "office", "police_admin", "inspector", "auditor", "sysadmin", "public")


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._silent += tag in {"script", "style", "code", "pre"}

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"script", "style", "code", "pre"}

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.texts.append(" ".join(data.split()))


def texts(page: str) -> set[str]:
    parser = _Text()
    parser.feed(page)
    return set(parser.texts)


@pytest.fixture(scope="module")
def sentences() -> tuple[set[str], set[str]]:
    """Message ids of two words or more, and the Chinese that stands for them."""
    found = [m for m in merged(strict=False) if m.id and isinstance(m.id, str) and "%(" not in m.id]
    english = {m.id for m in found if len(m.id.split()) >= 2 and m.string and m.string != m.id}
    return english, {str(m.string) for m in found if m.string and re.search(r"[一-鿿]{2}", str(m.string))}


def _pages(app, ids, locale):
    people = browsers(app, locale)
    for rule in routes(app, "GET"):
        keys = values(rule, ids.own)
        if keys is None:
            continue
        for role in WATCHED:
            answer = people[role].get(address(rule, keys), headers=SHORT)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                yield role, address(rule, keys), answer.get_data(as_text=True)
                break


# The last is what fictional people and places are called.
DATA = (
    "SELECT name FROM target_kind UNION SELECT text FROM result_vocabulary UNION SELECT name FROM line_of_business"
    " UNION SELECT name FROM specialty UNION SELECT '示例'"
)
DATA_OR_OWN_LANGUAGE = ("/help/", "/regulation/", "/public/", "/dossiers/", "/visits/papers/")
"""Articles, manual and official papers are Chinese; public pages follow the browser, not the session; a dossier's
contents are kept as they were written."""


def test_no_english_sentence_on_a_chinese_page(swept, ids, sentences):
    english, _ = sentences
    assert len(english) > 300
    wrong = [
        f"{role} {url}: {text}"
        for role, url, page in _pages(swept, ids, "zh_CN")
        for text in texts(page)
        if text in english
    ]
    assert not wrong, "\n".join(wrong)


def test_no_translated_text_on_an_english_page(swept, ids, sentences):
    _, chinese = sentences
    names = set(db.session.execute(text(DATA)).scalars())
    wrong = [
        f"{role} {url}: {found}"
        for role, url, page in _pages(swept, ids, "en")
        for found in texts(page)
        if found in chinese and not url.startswith(DATA_OR_OWN_LANGUAGE) and found not in names
    ]
    assert not wrong, "\n".join(wrong)
