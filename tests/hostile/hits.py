"""What counts as a hit, read from an answer."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from tests.hostile.strings import MARK, PRODUCT, SUM

TROUBLE = re.compile(
    r"Traceback \(most recent|psycopg|sqlalchemy|syntax error at or near|unterminated quoted|"
    r"invalid input syntax for|jinja2\.|werkzeug\.|xml\.etree|openpyxl|root:x:0:0|PostgreSQL 1\d",
)
ADDRESSES = frozenset({"href", "src", "action", "formaction", "data", "poster", "background", "xlink:href"})
FORBIDDEN = ("javascript:", "vbscript:", "data:text/html")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_WHITE = re.compile(r"[\x00-\x20\u00a0]+")


class _Page(HTMLParser):
    """Looks for what came alive: elements, attributes, scripts, comments and addresses with the mark."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.hits: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        if MARK in tag.lower():
            self.hits.append(f"element <{tag[:60]}>")
        for name, value in attributes:
            text = _WHITE.sub("", value or "").lower()
            if MARK in name.lower() or name.startswith("on") or name == "srcdoc":
                self.hits.append(f"attribute {name[:60]} of <{tag}>")
            elif name in ADDRESSES and (text.startswith(FORBIDDEN) or _leaves(text)):
                self.hits.append(f"address {name}={value!r} of <{tag}>")
            elif tag == "meta" and name == "content" and MARK in text and "url=" in text:
                self.hits.append("refresh by entry")

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside in {"script", "style"} and MARK in data:
            self.hits.append(f"text of <{self._inside}>")

    def handle_comment(self, data: str) -> None:
        if MARK in data:
            self.hits.append("comment")

    def unknown_decl(self, data: str) -> None:
        if MARK in data:
            self.hits.append("declaration")

    handle_decl = handle_pi = unknown_decl


def _leaves(text: str) -> bool:
    """Whether an address with the mark leads to another origin; backslashes count as browsers count them."""
    parts = urlsplit(text.replace("\\", "/")) if MARK in text else None
    return parts is not None and bool(parts.netloc) and MARK in parts.netloc


def in_html(page: str) -> list[str]:
    if MARK not in page.lower():
        return []
    reader = _Page()
    reader.feed(page)
    reader.close()
    return reader.hits


def in_headers(answer: Any) -> list[str]:
    found = []
    for name, value in answer.headers.items():
        if MARK in name.lower() or re.search(r"[\r\n\0]", value):
            found.append(f"header {name[:60]}: {value[:80]!r}")
        if name == "Set-Cookie" and re.match(rf"\s*{MARK}", value):
            found.append(f"cookie {value[:80]}")
        if name == "Location" and _abroad(value):
            found.append(f"sends away to {value[:120]}")
    return found


def _abroad(address: str) -> bool:
    plain = re.sub(r"[\t\r\n]", "", address.strip()).replace("\\", "/")
    parts = urlsplit(plain)
    return parts.scheme not in {"", "http", "https"} or parts.netloc not in {"", "localhost"}


def in_text(text: str, sent: str) -> list[str]:
    """What nobody but the server can have written. `sent`: everything that was handed in."""
    found = []
    trouble = TROUBLE.search(text)
    if trouble and trouble.group() not in sent:
        found.append(f"speaks of {trouble.group()}")
    if PRODUCT in text and PRODUCT not in sent:
        found.append(f"computed {SUM}")
    return found


def without_sentence(answer: Any, text: str) -> list[str]:
    """A refusal without a sentence in Chinese. Redirects and answers to HEAD have none."""
    if not 400 <= answer.status_code < 500:
        return []
    if answer.mimetype == "application/json":
        said = json.dumps(json.loads(text), ensure_ascii=False) if text else ""
    elif answer.mimetype == "text/html":
        said = re.sub(r"<[^>]*>", "", text.partition("<main")[2].partition("</main")[0])
    else:
        said = text
    return [] if _HAN.search(said) else [f"{answer.status_code} without a sentence ({answer.mimetype})"]


def hits_in(answer: Any, sent: str) -> list[str]:
    """All hits of an answer. A packed file is not read here."""
    found = in_headers(answer)
    if answer.status_code >= 500:
        found.append(f"status {answer.status_code}")
    if not answer.mimetype.startswith("text/") and answer.mimetype != "application/json":
        return found
    text = answer.get_data(as_text=True)
    if answer.mimetype == "text/html":
        found += in_html(text)
    return found + in_text(text, sent) + without_sentence(answer, text)
